"""What a form sent: its fields as they were typed, and its files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message

from hub.web.errors import NotReadable, TooMuchSent

MOST_FIELDS: Final = 2_000
MOST_FILES: Final = 20
_MOST_OF_A_FIELD: Final = 200_000
_A_MEGABYTE: Final = 1_000_000
# Control characters but tabulators and new lines, halves of pairs, and what Unicode says is no character.
_UNTYPED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_KINDS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form by their names, each with all its values in order; files without a name are left out."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[UploadFile]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The first value of a field, trimmed; empty where it was not sent."""
        values = self.fields.get(name, ())
        return values[0].strip() if values else ""

    def values(self, name: str) -> Sequence[str]:
        """All values of a field, in order."""
        return self.fields.get(name, ())

    def close(self) -> None:
        """Let go of the files, which may lie on the disk."""
        for uploads in self.files.values():
            for upload in uploads:
                upload.file.close()


async def read_sent(request: Request, most: int) -> Sent:
    """What a form sent in at most so many bytes, urlencoded or multipart.

    Raises `NotReadable` and `TooMuchSent`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS:
        raise NotReadable()
    counted = Request(request.scope, _Counting(request, most).receive)
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > most:
        raise _too_much(most)
    try:
        form = await counted.form(
            max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=_MOST_OF_A_FIELD
        )
    except (HTTPException, MultiPartException, UnicodeError, LookupError, ValueError) as problem:
        raise NotReadable() from problem
    fields: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(clean(value))
        elif value.filename or value.size:
            files.setdefault(name, []).append(value)
        else:
            # A field for files in which none was chosen.
            value.file.close()
    return Sent(fields, files)


class _Counting:
    """Hands on what a request sends, up to so many bytes."""

    def __init__(self, request: Request, most: int) -> None:
        self._request = request
        self._most = most
        self._seen = 0

    async def receive(self) -> Message:
        """The next piece; raises `TooMuchSent`."""
        message = await self._request.receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._most:
            raise _too_much(self._most)
        return message


def _too_much(most: int) -> TooMuchSent:
    return TooMuchSent(most=max(most // _A_MEGABYTE, 1))


def clean(value: str) -> str:
    """A text that somebody sent, with lines as everywhere else and without what nobody types and no page may hold."""
    return _UNTYPED.sub("", value.replace("\r\n", "\n"))
