"""The ways a person is reached, read into the one form under which people are found again."""

from __future__ import annotations

from hub import emails, phones
from hub.people.errors import EmailRefused, PhoneRefused, ShortPhoneRefused


def read_phone(text: str, region: str = "EG", *, field: str = "phone") -> str:
    """A person's number in E.164, for storing and for finding the person again.

    `region` (ISO 3166 code) is the country of numbers written without one; `field` names the caller's input.
    Raises `ShortPhoneRefused` for a short code such as 19123 and `PhoneRefused` for what is no number at all.
    """
    try:
        return phones.read_phone(text, region)
    except phones.ShortCode as error:
        raise ShortPhoneRefused(field=field) from error
    except phones.NotAPhone as error:
        raise PhoneRefused(field=field) from error


def read_email(text: str, *, field: str = "email") -> str:
    """A person's address, trimmed, domain in lower case, for storing and for finding the person again.

    `field` names the caller's input. Raises `EmailRefused`.
    """
    try:
        return emails.read_email(text)
    except emails.NotAnEmail as error:
        raise EmailRefused(field=field) from error
