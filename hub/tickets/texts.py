"""What may be written on a ticket: text that is there, is text, and has an end."""

from __future__ import annotations

import unicodedata

from hub.tickets.errors import BadText, Missing, TooLong
from tenants.languages import Text

LONGEST = 8000

NAMES: dict[str, Text] = {
    "address": Text(ar="العنوان", en="Address"),
    "comment": Text(ar="التعليق", en="Comment"),
    "description": Text(ar="الوصف", en="Description"),
    "district": Text(ar="الحي", en="District"),
    "governorate": Text(ar="المحافظة", en="Governorate"),
    "name": Text(ar="الاسم", en="Name"),
    "reason": Text(ar="السبب", en="Reason"),
    "resolution": Text(ar="ما تم", en="What was done"),
    "subject": Text(ar="الموضوع", en="Subject"),
    "text": Text(ar="النص", en="Text"),
}


def read_text(field: str, value: str, *, longest: int = LONGEST) -> str:
    """A required text as it is kept: in normal form C, without blanks around it.

    Raises `Missing`, `TooLong` (in characters) or `BadText` (NUL, lone surrogates), naming the field.
    """
    name = NAMES[field]
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise BadText(field=field, name=name)
    kept = unicodedata.normalize("NFC", value).strip()
    if not kept:
        raise Missing(field=field, name=name)
    if len(kept) > longest:
        raise TooLong(field=field, name=name, most=longest)
    return kept


def read_optional_text(field: str, value: str | None, *, longest: int = LONGEST) -> str | None:
    """Like `read_text`, where nothing and blanks mean nothing."""
    if value is None or not value.strip():
        return None
    return read_text(field, value, longest=longest)
