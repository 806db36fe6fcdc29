"""Lists, counts and the search of tickets, for pages and the API; nobody lists what they may not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select

from hub.worklists import statements
from hub.worklists.cursors import Position, list_digest, read_cursor, write_cursor
from hub.worklists.errors import WrongCursor, WrongLimit
from hub.worklists.filters import Sort, TicketFilters
from hub.worklists.rows import TicketRow, read_line
from hub.worklists.searching import Meant, read_search
from hub.worklists.statements import Shape
from tenants.context import Context
from tenants.permissions import Permission

MOST_ROWS: Final = 100
COUNTED_AT_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A page of a list; without a cursor it is the last."""

    rows: tuple[TicketRow, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many tickets a list has; `more` than the number where counting was given up."""

    number: int
    more: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, newest first, and as what it was understood; words, if nothing was found."""

    meant: Meant
    rows: tuple[TicketRow, ...]


def list_tickets(
    context: Context,
    filters: TicketFilters | None = None,
    sort: Sort | None = None,
    *,
    after: str | None = None,
    limit: int = 50,
) -> TicketPage:
    """A page of the tickets that staff or a key may read, in all tenants of the context; citizens list none.

    `after` is the cursor that the page before gave. Going from page to page shows every ticket that is there all the
    time once, unless it changes its place on the way; what comes in meanwhile stands where it belongs. Raises
    `WrongCursor` for the cursor of another list, and `WrongLimit` for fewer than 1 or more than 100 rows.
    """
    _check_limit(limit)
    filters, sort = filters or TicketFilters(), sort or Sort()
    tenants = _readable(context)
    of_list = list_digest(filters, sort, tenants)
    position = None if after is None else read_cursor(after, of_list)
    if not tenants or not filters.can_match:
        return TicketPage((), None)
    rows = _rows_behind(context, filters, sort, position, tenants, limit + 1)
    lines = tuple(read_line(row, context.now) for _, row in rows[:limit])
    if len(rows) <= limit:
        return TicketPage(lines, None)
    number, last = rows[limit - 1]
    return TicketPage(lines, write_cursor(Position(number, last.key_rank, last.key_moment, last.id), of_list))


def count_tickets(context: Context, filters: TicketFilters | None = None) -> Count:
    """How many tickets `list_tickets` gives in all, counted up to 1,000: a list says "1,000+" of more."""
    filters = filters or TicketFilters()
    tenants = _readable(context)
    if not tenants or not filters.can_match:
        return Count(0, more=False)
    values = statements.parameters(filters, tenants, context.now, COUNTED_AT_MOST + 1)
    counted = context.session.execute(statements.count_statement(Shape.of(filters)), values).scalar_one()
    return Count(min(counted, COUNTED_AT_MOST), more=counted > COUNTED_AT_MOST)


def search_tickets(context: Context, text: str, *, limit: int = 20) -> Found:
    """The newest tickets that staff or a key may read and that a text means, in all tenants of the context.

    A case number gives the tickets of the case, a phone number those that show a person with it: never confidential
    ones. Otherwise, and where that finds none, every word has to stand in the subject or description; the last may be
    the beginning of one. Letters that are written in several ways in Arabic count as one, and the article as none. No
    text is refused. Raises `WrongLimit` for fewer than 1 or more than 100 rows.
    """
    _check_limit(limit)
    tenants, typed = _readable(context), read_search(text)
    if not tenants:
        return Found(Meant.WORDS, ())
    readings: list[tuple[Meant, Select[Any], dict[str, Any]]] = []
    if typed.number is not None:
        readings.append((Meant.NUMBER, statements.found_by_number(), {"number": typed.number}))
    if typed.phone is not None:
        readings.append((Meant.PHONE, statements.found_by_phone(), {"phone": typed.phone}))
    readings.append((Meant.WORDS, statements.found_by_words(), {"typed": typed.words}))
    shared = {"tenants": sorted(tenants), "rows": limit}
    for meant, statement, values in readings:
        rows = context.session.execute(statement, shared | values).all()
        if rows:
            return Found(meant, tuple(read_line(row, context.now) for row in rows))
    return Found(Meant.WORDS, ())


def _readable(context: Context) -> frozenset[UUID]:
    """The tenants of the context whose tickets its actor may list; a citizen has rights in none."""
    return frozenset(
        tenant for tenant in context.tenants if context.actor.may(Permission.TICKETS_READ, tenant)
    )


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MOST_ROWS:
        raise WrongLimit(field="limit", most=MOST_ROWS)


def _rows_behind(
    context: Context,
    filters: TicketFilters,
    sort: Sort,
    position: Position | None,
    tenants: frozenset[UUID],
    most: int,
) -> Sequence[tuple[int, Row[Any]]]:
    """The rows behind a position, or from the beginning, each with the number of the stretch it stands in."""
    shape = Shape.of(filters)
    numbers = [stretch.number for stretch in statements.stretches(sort, shape)]
    if position is not None and position.stretch not in numbers:
        raise WrongCursor(field="after")
    found: list[tuple[int, Row[Any]]] = []
    context.session.execute(statements.ALONG_THE_INDEX)
    for number in numbers:
        if position is not None and number < position.stretch:
            continue
        values = statements.parameters(filters, tenants, context.now, most - len(found))
        continued = position is not None and number == position.stretch
        if continued and position is not None:
            values |= statements.position_values(position)
        statement = statements.page_statement(shape, sort, number, continued)
        found += [(number, row) for row in context.session.execute(statement, values)]
        if len(found) >= most:
            break
    context.session.execute(statements.AS_USUAL)
    return found
