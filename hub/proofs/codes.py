"""Codes, the secret that a browser keeps beside one, and what is stored of both."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Final

from hub.digits import latin_digits
from hub.proofs.errors import NotACode
from hub.sealing import Drawer, drawer_of
from hub.tickets.settings import key_settings

_DIGITS: Final = 6
_LONGEST_TYPED: Final = 40
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
# Blanks, hyphens and the invisible marks that come along when a code is copied out of an Arabic line.
_AROUND: Final = re.compile(r"[\s\-\u200b-\u200f\u061c\u202a-\u202c\u2066-\u2069\ufeff]+")


def new_code() -> str:
    """A fresh code of six random digits."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


def read_code(typed: str) -> str:
    """A code as somebody typed it, in any digits.

    Raises `NotACode`.
    """
    code = _AROUND.sub("", latin_digits(typed)) if len(typed) <= _LONGEST_TYPED else ""
    if not (len(code) == _DIGITS and code.isascii() and code.isdigit()):
        raise NotACode(field="code")
    return code


def new_proof_secret() -> str:
    """A fresh secret of 256 bits for the browser that asks for a code."""
    return secrets.token_urlsafe(32)


def drawer_for(secret: str) -> Drawer | None:
    """The drawer of a secret; None for what is no secret of ours."""
    return drawer_of(_pepper(), f"proof {secret}") if _SECRET.fullmatch(secret) else None


def code_digest(drawer: Drawer, code: str) -> bytes:
    """What is stored of a code: useless without the hub's pepper, and the same for no two proofs."""
    return hmac.digest(_pepper(), b"code " + drawer.name + code.encode(), "sha256")


def _pepper() -> bytes:
    return key_settings().pepper.get_secret_value().encode()
