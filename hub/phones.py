"""Phone numbers as people write them, read into one form: E.164, or a short code."""

from __future__ import annotations

import re

import phonenumbers

from hub.digits import latin_digits

_LONGEST = 40
_WRITTEN = re.compile(r"\+?[0-9 ()./-]+")
_SHORT_CODE = re.compile(r"[0-9]{3,5}")


class NotAPhone(ValueError):  # noqa: N818 - says what the text is, as the features' refusals do
    """The text is no phone number that can be called."""


class ShortCode(NotAPhone):
    """The text is a short code such as 19123: it can be called, but nobody is reached back under it."""


def read_phone(text: str, region: str = "EG", *, allow_short: bool = False) -> str:
    """The number in E.164 ("+201001234567"), as it is stored and compared.

    `region` (ISO 3166 code) is the country of numbers written without one. Arabic-Indic and Persian digits,
    spaces, brackets, hyphens and the prefix 00 are understood; letters and invisible characters are not.
    Short codes of three to five digits are unknown to the numbering data, so they follow a rule of our own:
    with `allow_short` they come back as their digits.

    Raises `ShortCode` for a short code where none is allowed, `NotAPhone` for anything else that cannot be
    called.
    """
    if len(text) > _LONGEST:
        raise NotAPhone("too long")
    written = latin_digits(text).replace("\N{NO-BREAK SPACE}", " ").strip()
    if not _WRITTEN.fullmatch(written):
        raise NotAPhone("holds characters that are no part of a phone number")
    digits = written.replace(" ", "").replace("-", "")
    if _SHORT_CODE.fullmatch(digits):
        if allow_short:
            return digits
        raise ShortCode("a short code")
    if written.startswith("00"):
        written = "+" + written.removeprefix("00")
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException as error:
        raise NotAPhone("not written like a phone number") from error
    if not phonenumbers.is_valid_number(number):
        raise NotAPhone("no such number can exist")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
