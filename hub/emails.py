"""E-mail addresses as people write them, read into one form."""

from __future__ import annotations

import re

_LONGEST = 254  # RFC 5321, 4.5.3.1.3: a path has 256 octets, two of them the angle brackets
_LONGEST_MAILBOX = 64  # RFC 5321, 4.5.3.1.1
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}")


class NotAnEmail(ValueError):  # noqa: N818 - says what the text is, as the features' refusals do
    """The text is no address that mail can be sent to."""


def read_email(text: str) -> str:
    """The address trimmed, with its domain in lower case, as it is stored and compared.

    Only what mail systems deliver everywhere is taken: an unquoted ASCII mailbox (RFC 5321 "Dot-string") at a
    domain name of two parts or more. A domain in another script (“.مصر”) becomes its ASCII form (RFC 3490).
    Control characters, direction overrides, comments, quotes and address literals are no part of an address.

    Raises `NotAnEmail`.
    """
    address = text.strip()
    if len(address) > _LONGEST:
        raise NotAnEmail("too long")
    mailbox, at_sign, domain = address.rpartition("@")
    if not at_sign or len(mailbox) > _LONGEST_MAILBOX or not _MAILBOX.fullmatch(mailbox):
        raise NotAnEmail("no mailbox before the @")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise NotAnEmail("no domain after the @") from error
    if not _DOMAIN.fullmatch(domain):
        raise NotAnEmail("no domain after the @")
    address = f"{mailbox}@{domain}"
    if len(address) > _LONGEST:
        raise NotAnEmail("too long")
    return address


def mailbox(address: str) -> str:
    """An address that was read, as it is counted: small letters, without the part from a plus sign on.

    Mail to `Mona+1@example.com` arrives where mail to `mona@example.com` does; who limits the one means the other.
    Never for comparing whose an address is: systems exist where these are two people.
    """
    name, _, domain = address.rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}".lower()
