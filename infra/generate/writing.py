"""Writing a stretch of generated cases into the database: many rows a statement, through every fence.

COPY is refused on fenced tables, and the hub's login may make no tables to copy into first; rows that arrive as one
JSON document and are inserted by one statement are the next best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

import orjson
from sqlalchemy import text

from hub.events import RungReached
from hub.sla.levels import ClockKind
from infra.generate.cases import CaseLife, Fact
from infra.generate.clocks import Reached, RunningClock
from infra.generate.lives import TicketLife
from infra.generate.shape import id_at
from tenants.context import SYSTEM, Context
from tenants.languages import Text

_TAKE_OVER_CASES = text("SELECT take_over_cases(:owner, CAST(:cases AS json))")
# A case is bound to one more body only by a transaction that has named this one case.
_NAME_CASE = text("SELECT set_config('hub.case', :case, true)")
# What a fact says beyond these is its data, written by the one document as `Event.data` writes it.
_COLUMNS_OF_FACTS = frozenset({"tenant_id", "case_id", "ticket_id", "version"})
_BIND = text("INSERT INTO case_tenants (tenant_id, case_id) VALUES (:tenant, :case)")


def write_cases(
    context: Context, people: Sequence[Mapping[str, Any]], cases: Sequence[CaseLife], until: datetime
) -> None:
    """Write cases and all that hangs on them as of a moment; the context sees every body that they concern."""
    _insert(context, "people", people)
    _write_cases(context, cases)
    rows = _Rows(until)
    for case in cases:
        rows.add(case)
    _insert(context, "tickets", rows.tickets)
    _insert(context, "ticket_clocks", rows.ticket_clocks)
    _insert(context, "case_clocks", rows.case_clocks)
    _insert(context, "ticket_entries", [entry for case in cases for entry in case.entries])
    _insert(context, "journal", rows.facts)


class _Rows:
    """The rows of cases, table by table."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.tickets: list[dict[str, Any]] = []
        self.ticket_clocks: list[dict[str, Any]] = []
        self.case_clocks: list[dict[str, Any]] = []
        self.facts: list[dict[str, Any]] = []

    def add(self, case: CaseLife) -> None:
        """Add a case's."""
        for ticket in case.tickets:
            self.tickets.append(_ticket(ticket))
            for clock in ticket.clocks.running.values():
                clock_id = id_at(ticket.opened_at, case.chance)
                columns = self._clock(case, clock, clock_id, ticket)
                self.ticket_clocks.append({**columns, "id": clock_id, "ticket_id": ticket.id})
        if case.clock is not None:
            self.case_clocks.append(self._clock(case, case.clock, case.id, None))
        case.facts.sort(key=lambda fact: fact.at)
        self.facts += [_fact(fact, order, case.chance) for order, fact in enumerate(case.facts)]

    def _clock(
        self, case: CaseLife, clock: RunningClock, clock_id: object, ticket: TicketLife | None
    ) -> dict[str, Any]:
        reached = clock.reached(self.until)
        for each in reached:
            case.facts.append(_rung(case, clock, clock_id, ticket, each))
        whose = {"case_id": case.id} if ticket is None else {"tenant_id": ticket.body.id, "case_id": case.id}
        return {**whose, **clock.columns(reached)}


def _rung(
    case: CaseLife, clock: RunningClock, clock_id: Any, ticket: TicketLife | None, reached: Reached
) -> Fact:
    told = ticket or [each for each in case.tickets if each.opened_at <= reached.at][-1]
    event = RungReached(
        tenant_id=told.body.id,
        case_id=case.id,
        ticket_id=ticket.id if ticket else None,
        clock_id=clock_id,
        clock=ClockKind(clock.kind).value,
        percent=reached.rung.at,
        tells=reached.rung.tells,
        due_at=reached.due,
    )
    return Fact(reached.at, SYSTEM, event)


def _fact(fact: Fact, order: int, chance: Random) -> dict[str, Any]:
    event = fact.event
    return {
        "tenant_id": event.tenant_id,
        "id": id_at(fact.at, chance, order),
        "at": fact.at,
        "kind": event.kind,
        "actor_kind": fact.actor.kind.value,
        "actor_id": fact.actor.id,
        "case_id": event.case_id,
        "ticket_id": event.ticket_id,
        "version": event.version,
        "data": {
            name: value
            for name, value in vars(event).items()
            if value is not None and name not in _COLUMNS_OF_FACTS
        },
    }


def _ticket(ticket: TicketLife) -> dict[str, Any]:
    case, service = ticket.case, ticket.offer.service
    return {
        "tenant_id": ticket.body.id,
        "id": ticket.id,
        "case_id": case.id,
        "case_number": case.number,
        "service_id": service.id,
        "kind": service.kind.value,
        "priority": ticket.priority.value,
        "channel": case.told.channel.value,
        "language": case.told.language.value,
        "status": ticket.status.value,
        "waiting_on": ticket.waiting_on.value if ticket.waiting_on else None,
        "team_id": ticket.team_id,
        "opened_at": ticket.opened_at,
        "version": ticket.version,
        **case.told.place,
        **ticket.columns,
    }


def _write_cases(context: Context, cases: Sequence[CaseLife]) -> None:
    def first_body(case: CaseLife) -> Any:
        return case.tickets[0].body.id

    for owner, owned in groupby(sorted(cases, key=first_body), key=first_body):
        document = orjson.dumps([_case(case) for case in owned]).decode()
        taken = context.session.scalars(_TAKE_OVER_CASES, {"owner": owner, "cases": document}).all()
        if taken:
            raise RuntimeError("a case number was taken while cases with it were being generated")
    joined = [
        (ticket.body.id, case.id)
        for case in cases
        for ticket in case.tickets
        if ticket.body.id != first_body(case)
    ]
    for tenant_id, case_id in joined:
        context.session.execute(_NAME_CASE, {"case": str(case_id)})
        context.session.execute(_BIND, {"tenant": tenant_id, "case": case_id})
    context.session.execute(_NAME_CASE, {"case": ""})


def _case(case: CaseLife) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "channel": case.told.channel.value,
        "language": case.told.language.value,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "open_tickets": case.open_tickets,
        "at_work": case.at_work,
    }


def _insert(context: Context, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    rows = list(rows)
    if not rows:
        return
    columns = ", ".join(rows[0])
    statement = (
        f"INSERT INTO {table} ({columns})"  # noqa: S608 - names of this module, never of input
        f" SELECT {columns} FROM json_populate_recordset(NULL::{table}, CAST(:rows AS json))"
    )
    document = orjson.dumps(rows, default=_as_postgresql_reads_it).decode()
    context.session.execute(text(statement), {"rows": document})


def _as_postgresql_reads_it(value: object) -> str | dict[str, str]:
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.6f} seconds"
    if isinstance(value, Text):
        return {"ar": value.ar, "en": value.en}
    raise TypeError(f"{type(value).__name__} cannot be written in bulk")
