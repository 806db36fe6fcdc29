"""The statements of lists and searches: each reads one page, however many tickets there are and whosever.

A list of several tenants takes a page of each, in order from an index, and of these the first; their tickets are never
sorted all together. For the open tickets in the order of their opening it takes a page of each priority too, since that
is how the index of open tickets goes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    not_,
    select,
    text,
    true,
    tuple_,
)

from hub.catalogue.models import Service, Team
from hub.people.models import Person
from hub.sla.levels import ClockKind
from hub.tickets.lifecycle import OPEN
from hub.tickets.models import AT_HAND, URGENCY, Case
from hub.vocabulary import Priority
from hub.worklists.cursors import Position
from hub.worklists.filters import Sort, SortBy, TicketFilters
from hub.worklists.rows import CLOCKS, TICKET_COLUMNS, TICKETS, lines_of

_Condition = ColumnElement[bool]
_Parameters = dict[str, Any]

# The tenants whose tickets the reader may list.
_TENANTS: Final = bindparam("tenants", type_=ARRAY(Uuid()))
_MINE: Final[ColumnElement[Any]] = any_(_TENANTS)
# One of them, whose page is being read.
_READABLE: Final[ColumnElement[UUID]] = literal_column("readable.tenant_id", Uuid())
_ROWS: Final = bindparam("rows", type_=Integer)
_NOW: Final = bindparam("now", type_=TIMESTAMP(timezone=True))
_URGENCY: Final[ColumnElement[int]] = literal_column(URGENCY, Integer)
_AT_HAND: Final[_Condition] = literal_column(AT_HAND)

_DUE: Final = CLOCKS.alias("due")
# The open clock of a ticket that is being read. Said so that the index of open clocks does not know itself in it: it
# has them by their deadline, and would be read from end to end for each ticket.
_ITS_OPEN_CLOCK: Final = and_(
    _DUE.c.tenant_id == TICKETS.c.tenant_id,
    _DUE.c.ticket_id == TICKETS.c.id,
    _DUE.c.kind == ClockKind.RESOLUTION.value,
    func.coalesce(_DUE.c.met_at, _DUE.c.stopped_at).is_(None),
)
# The open clocks of the tenant whose page is being read, by their deadline, and the ticket of one of them.
_OPEN_CLOCKS: Final = and_(
    _DUE.c.tenant_id == _READABLE,
    _DUE.c.kind == ClockKind.RESOLUTION.value,
    _DUE.c.met_at.is_(None),
    _DUE.c.stopped_at.is_(None),
)
_ITS_TICKET: Final = and_(
    TICKETS.c.tenant_id == literal_column("due.tenant_id", Uuid()),
    TICKETS.c.id == literal_column("due.ticket_id", Uuid()),
)
_TEAM: Final = Team.__table__.alias("asked_team")
_SERVICE: Final = Service.__table__.alias("asked_service")
_PEOPLE: Final = Person.__table__
_CASES: Final = Case.__table__

# What each filter asks of a ticket, of the running clock that it is then joined by, or of the catalogue.
_CONDITIONS: Final[Mapping[str, _Condition]] = {
    "statuses": TICKETS.c.status == any_(bindparam("statuses", type_=ARRAY(String))),
    "waiting_on": TICKETS.c.waiting_on == bindparam("waiting_on"),
    "team": TICKETS.c.team_id == literal_column("asked_team.id"),
    "assignee": TICKETS.c.assignee_id == bindparam("assignee"),
    "service": TICKETS.c.service_id == literal_column("asked_service.id"),
    "kind": TICKETS.c.kind == bindparam("kind"),
    "priority": TICKETS.c.priority == bindparam("priority"),
    "governorate": TICKETS.c.governorate == bindparam("governorate"),
    "district": TICKETS.c.district == bindparam("district"),
    "channel": TICKETS.c.channel == bindparam("channel"),
    "opened_since": TICKETS.c.opened_at >= bindparam("opened_since"),
    "opened_until": TICKETS.c.opened_at < bindparam("opened_until"),
    "due_before": and_(_DUE.c.paused_at.is_(None), _DUE.c.due_at < bindparam("due_before")),
    "overdue": and_(_DUE.c.paused_at.is_(None), _DUE.c.due_at < _NOW),
    "reopened": TICKETS.c.reopened > 0,
}
_OF_CLOCKS: Final = frozenset({"due_before", "overdue"})


@dataclass(frozen=True, slots=True)
class Shape:
    """Which filters a list has, whatever their values, and whether they leave open tickets alone: a statement each."""

    asked: frozenset[str]
    open_only: bool

    @classmethod
    def of(cls, filters: TicketFilters) -> Shape:
        """The shape of some filters."""
        asked = frozenset(
            name for name in _CONDITIONS if getattr(filters, name) not in (None, False, frozenset())
        )
        open_only = bool(asked & _OF_CLOCKS) or (bool(filters.statuses) and filters.statuses <= OPEN)
        return cls(asked, open_only)

    @property
    def by_deadline(self) -> bool:
        """Whether only tickets with a running clock are asked for."""
        return bool(self.asked & _OF_CLOCKS)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a list with an order of its own, all of which comes before the next.

    Every key goes up or every key goes down, so that a page begins behind one point of an index. `by_clock`: its keys
    are of the resolution clock that is open.
    """

    number: int
    moment: ColumnElement[datetime]
    id: ColumnElement[Any]
    descending: bool
    ranked: bool = False
    by_clock: bool = False
    only: _Condition | None = None

    @property
    def keys(self) -> tuple[ColumnElement[Any], ...]:
        """What it is ordered by."""
        return (*((_URGENCY,) if self.ranked else ()), self.moment, self.id)


def stretches(sort: Sort, shape: Shape) -> tuple[Stretch, ...]:
    """The parts of a list, in order."""
    opened, ticket_id = TICKETS.c.opened_at, TICKETS.c.id
    if sort.by is SortBy.OPENED:
        return (Stretch(0, opened, ticket_id, sort.descending),)
    if sort.by is SortBy.DUE:
        due = Stretch(0, _DUE.c.due_at, _DUE.c.ticket_id, sort.descending, by_clock=True)
        without = not_(exists().where(_ITS_OPEN_CLOCK))
        rest = () if shape.by_deadline else (Stretch(1, opened, ticket_id, descending=True, only=without),)
        return (due, *rest)
    at_hand = Stretch(
        0, opened, ticket_id, not sort.descending, ranked=True, only=None if shape.open_only else _AT_HAND
    )
    rest = () if shape.open_only else (Stretch(1, opened, ticket_id, descending=True, only=not_(_AT_HAND)),)
    return (at_hand, *rest)


# Filters are on columns that go together, of tickets that come together: the planner thinks that few pass and would
# sort all of a tenant's tickets. Without this way of reading them it goes along the index that has the order, and stops.
ALONG_THE_INDEX: Final = text("SELECT set_config('enable_bitmapscan', 'off', true)")
AS_USUAL: Final = text("SELECT set_config('enable_bitmapscan', 'on', true)")


@lru_cache(maxsize=500)
def page_statement(shape: Shape, sort: Sort, number: int, continued: bool) -> Select[Any]:
    """A page of one stretch of a list, from its beginning or `continued` behind a position.

    Each row has the keys for a position behind it: `key_rank`, `key_moment` and its id.
    """
    stretch = next(each for each in stretches(sort, shape) if each.number == number)
    by_rank = shape.open_only and sort.by is SortBy.OPENED
    wanted = _along_clocks(shape) if stretch.by_clock else _along_tickets(shape, by_rank=by_rank)
    if stretch.only is not None:
        wanted = wanted.where(stretch.only)
    if continued:
        last = tuple_(*_position_parameters(stretch))
        wanted = wanted.where(
            tuple_(*stretch.keys) < last if stretch.descending else tuple_(*stretch.keys) > last
        )
    rank = _URGENCY if stretch.ranked else literal_column("0", Integer)
    found = (
        wanted.add_columns(rank.label("key_rank"), stretch.moment.label("key_moment"))
        .order_by(*_ordered(stretch.keys, stretch.descending))
        .limit(_ROWS)
        .lateral("found")
    )
    in_order = _ordered((found.c.key_rank, found.c.key_moment, found.c.id), stretch.descending)
    page = (
        select(found)
        .select_from(_readable(shape, by_rank=by_rank).join(found, true()))
        .where(_READABLE == _MINE)
        .order_by(*in_order)
        .limit(_ROWS)
        .subquery("page")
    )
    keys = (page.c.key_rank, page.c.key_moment, page.c.id)
    return lines_of(page, _MINE).order_by(*_ordered(keys, stretch.descending))


@lru_cache(maxsize=200)
def count_statement(shape: Shape) -> Select[int]:
    """How many tickets a list has, counted up to a number of `rows`."""
    found = _along_tickets(shape, by_rank=False).limit(_ROWS).lateral("found")
    counted = (
        select(found.c.id)
        .select_from(_readable(shape, by_rank=False).join(found, true()))
        .where(_READABLE == _MINE)
        .limit(_ROWS)
        .subquery("counted")
    )
    return select(func.count()).select_from(counted)


def parameters(filters: TicketFilters, tenants: Collection[UUID], now: datetime, rows: int) -> _Parameters:
    """The values of a statement of lists."""
    values: _Parameters = {"tenants": sorted(tenants), "rows": rows}
    for name in Shape.of(filters).asked:
        value = getattr(filters, name)
        if name == "statuses":
            values[name] = sorted(value)
        elif name == "overdue":
            values["now"] = now
        elif name != "reopened":
            values[name] = value
    return values


def position_values(position: Position) -> _Parameters:
    """The values of a statement that goes on behind a position."""
    return {"last_rank": position.rank, "last_moment": position.moment, "last_id": position.id}


@lru_cache(maxsize=1)
def found_by_words() -> Select[Any]:
    """The newest tickets whose subject and description hold all that was `typed`."""
    found = func.tickets_with_words(_TENANTS, bindparam("typed", type_=String), _ROWS).table_valued(
        column("tenant_id", Uuid()),
        column("opened_at", TIMESTAMP(timezone=True)),
        column("ticket_id", Uuid()),
        name="found",
    )
    found_again = and_(
        TICKETS.c.tenant_id == found.c.tenant_id,
        TICKETS.c.opened_at == found.c.opened_at,
        TICKETS.c.id == found.c.ticket_id,
    )
    return _newest(TICKETS.join(found, found_again), found.c.tenant_id == _MINE)


@lru_cache(maxsize=1)
def found_by_phone() -> Select[Any]:
    """The newest tickets that show a person with a `phone`; a confidential one shows nobody."""
    people = TICKETS.join(_PEOPLE, _PEOPLE.c.id == TICKETS.c.person_id)
    return _newest(people, TICKETS.c.tenant_id == _MINE, _PEOPLE.c.phone == bindparam("phone"))


@lru_cache(maxsize=1)
def found_by_number() -> Select[Any]:
    """The tickets of the case with a `number`."""
    cases = TICKETS.join(_CASES, _CASES.c.id == TICKETS.c.case_id)
    return _newest(cases, TICKETS.c.tenant_id == _MINE, _CASES.c.number == bindparam("number"))


def _newest(tickets: FromClause, *conditions: _Condition) -> Select[Any]:
    page = (
        select(*TICKET_COLUMNS)
        .select_from(tickets)
        .where(*conditions)
        .order_by(TICKETS.c.opened_at.desc(), TICKETS.c.id.desc())
        .limit(_ROWS)
        .subquery("page")
    )
    return lines_of(page, _MINE).order_by(page.c.opened_at.desc(), page.c.id.desc())


def _readable(shape: Shape, *, by_rank: bool) -> FromClause:
    """A row for each tenant to read a page of, with the ids there of what the filters name by code."""
    tenants = (
        func.unnest(_TENANTS)
        .table_valued(
            column("tenant_id", Uuid()),
        )
        .render_derived(name="readable")
    )
    readable: FromClause = tenants
    for name, table in (("team", _TEAM), ("service", _SERVICE)):
        if name in shape.asked:
            readable = readable.join(
                table,
                and_(
                    table.c.tenant_id == tenants.c.tenant_id,
                    table.c.code == bindparam(name),
                ),
            )
    return readable.join(_ranks(), true()) if by_rank else readable


def _ranks() -> FromClause:
    ranks = func.generate_series(0, len(Priority) - 1).table_valued(column("rank", Integer))
    return ranks.render_derived(name="ranks")


def _along_tickets(shape: Shape, *, by_rank: bool) -> Select[Any]:
    """The tickets of one readable tenant, and one rank of priority, that pass the filters."""
    source: FromClause = TICKETS.join(_DUE, _ITS_OPEN_CLOCK) if shape.asked & _OF_CLOCKS else TICKETS
    wanted = select(*TICKET_COLUMNS).select_from(source).where(TICKETS.c.tenant_id == _READABLE)
    if by_rank:
        wanted = wanted.where(literal_column("ranks.rank", Integer) == _URGENCY)
    return wanted.where(*_conditions(shape.asked), *_at_hand(shape))


def _along_clocks(shape: Shape) -> Select[Any]:
    """The same tickets by the open clocks they have: clock by clock, whatever else would seem better to the planner."""
    ticket = (
        select(*TICKET_COLUMNS)
        .where(_ITS_TICKET, *_conditions(shape.asked - _OF_CLOCKS), *_at_hand(shape))
        .offset(literal_column("0"))
        .lateral("ticket")
    )
    return (
        select(*ticket.c)
        .select_from(_DUE.join(ticket, true()))
        .where(_OPEN_CLOCKS, *_conditions(shape.asked & _OF_CLOCKS))
    )


def _conditions(asked: frozenset[str]) -> list[_Condition]:
    return [_CONDITIONS[name] for name in sorted(asked)]


def _at_hand(shape: Shape) -> tuple[_Condition, ...]:
    return (_AT_HAND,) if shape.open_only else ()


def _position_parameters(stretch: Stretch) -> tuple[ColumnElement[Any], ...]:
    rank = (bindparam("last_rank", type_=Integer),) if stretch.ranked else ()
    return (
        *rank,
        bindparam("last_moment", type_=TIMESTAMP(timezone=True)),
        bindparam("last_id", type_=Uuid()),
    )


def _ordered(keys: tuple[ColumnElement[Any], ...], descending: bool) -> list[ColumnElement[Any]]:
    return [key.desc() if descending else key.asc() for key in keys]
