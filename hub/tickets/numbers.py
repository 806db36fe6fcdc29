"""Case numbers and the keys to a case: random, readable over the phone, checked against slips."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from uuid import UUID

from hub.digits import latin_digits
from hub.tickets.errors import WrongNumber

_DIGITS = 9
_GROUPS = (3, 3, 4)
PIN_DIGITS = 6
_LONGEST_TYPED = 60

# What comes along when a number is typed, dictated or copied: blanks, hyphens and dashes, and the invisible marks
# that keep digits in place within Arabic text. The overrides U+202D and U+202E, which show digits in another order
# than they stand in, are not among them.
_AROUND_DIGITS = re.compile(r"[\s\-\u2010-\u2015\u2212\u200b-\u200f\u061c\u202a-\u202c\u2066-\u2069\ufeff]+")

# The quasigroup of H. M. Damm (dissertation, Marburg 2004): finds every wrong digit and every swap of neighbours.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def new_number() -> str:
    """A fresh case number: nine random digits, not beginning with zero, and a check digit; it reveals nothing."""
    random = str(secrets.randbelow(9 * 10 ** (_DIGITS - 1)) + 10 ** (_DIGITS - 1))
    return random + str(_remainder(random))


def is_number(digits: str) -> bool:
    """Whether ten Latin digits are a case number without a slip."""
    return (
        len(digits) == _DIGITS + 1
        and digits.isascii()
        and digits.isdigit()
        and digits[0] != "0"
        and _remainder(digits) == 0
    )


def read_number(typed: str) -> str:
    """A case number as somebody typed it, in Arabic, Persian or Latin digits, as its ten Latin digits.

    Raises `WrongNumber` for a slip and for what is no number at all.
    """
    digits = _AROUND_DIGITS.sub("", latin_digits(typed)) if len(typed) <= _LONGEST_TYPED else ""
    if not is_number(digits):
        raise WrongNumber(field="number")
    return digits


def grouped(number: str) -> str:
    """A case number as it is printed and read out: `123-456-7890`."""
    parts, start = [], 0
    for size in _GROUPS:
        parts.append(number[start : start + size])
        start += size
    return "-".join(parts)


def new_pin() -> str:
    """A fresh PIN of six random digits, handed to the citizen once."""
    return f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"


def new_secret() -> str:
    """A fresh secret of 256 bits for the citizen's link."""
    return secrets.token_urlsafe(32)


def pin_digest(pepper: bytes, case_id: UUID, pin: str) -> bytes:
    """What is stored of a PIN: useless without the hub's pepper, however few digits a PIN has."""
    return hmac.digest(pepper, case_id.bytes + pin.encode(), "sha256")


def secret_digest(secret: str) -> bytes:
    """What is stored of a link's secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _remainder(digits: str) -> int:
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state
