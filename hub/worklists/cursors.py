"""Cursors: where in a list the next page begins, written so that only the list it was given out for goes on from it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from struct import Struct
from typing import Final
from uuid import UUID

from hub.worklists.errors import WrongCursor
from hub.worklists.filters import Sort, TicketFilters

_BODY: Final = Struct(">BBq16s")
_DIGEST: Final = 10
# Whole groups of three bytes: each cursor is written in one way only.
_CURSOR: Final = re.compile(rf"[A-Za-z0-9_-]{{{(_BODY.size + _DIGEST) // 3 * 4}}}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_STRETCHES: Final = 2
_RANKS: Final = 4


@dataclass(frozen=True, slots=True)
class Position:
    """The last row of a page: in which stretch of the list it stands, its keys there, and its id.

    `rank` is of its priority, 0 for the most urgent, and 0 in lists that are not ordered by it.
    """

    stretch: int
    rank: int
    moment: datetime
    id: UUID


def list_digest(filters: TicketFilters, sort: Sort, tenants: Iterable[UUID]) -> bytes:
    """What tells one list from another: its filters, its order and whose tickets it shows."""
    named = ",".join(sorted(str(tenant) for tenant in tenants))
    return blake2b(
        f"{sort.by.value} {sort.descending} {named} {filters.written()}".encode(), digest_size=16
    ).digest()


def write_cursor(position: Position, of_list: bytes) -> str:
    """The cursor of a list after a position, safe to stand in an address.

    There is no secret in it: it opens nothing, since the list behind it shows what its caller may see.
    """
    body = _BODY.pack(
        position.stretch, position.rank, (position.moment - _EPOCH) // _MICROSECOND, position.id.bytes
    )
    return urlsafe_b64encode(body + _digest(body, of_list)).decode("ascii")


def read_cursor(cursor: str, of_list: bytes) -> Position:
    """The position of a cursor. Raises `WrongCursor` unless it was written for the same list."""
    if _CURSOR.fullmatch(cursor) is None:
        raise WrongCursor(field="after")
    written = urlsafe_b64decode(cursor)
    body = written[:-_DIGEST]
    stretch, rank, microseconds, id_bytes = _BODY.unpack(body)
    if written[-_DIGEST:] != _digest(body, of_list) or stretch >= _STRETCHES or rank >= _RANKS:
        raise WrongCursor(field="after")
    try:
        moment = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        raise WrongCursor(field="after") from None
    return Position(stretch, rank, moment, UUID(bytes=id_bytes))


def _digest(body: bytes, of_list: bytes) -> bytes:
    return blake2b(body, key=of_list, digest_size=_DIGEST).digest()
