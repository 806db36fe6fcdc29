"""Firing rungs: what a clock owes is recorded once, by whoever comes to the clock first, and its row is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Column, bindparam, column, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from hub.events import Event, RungReached
from hub.journal.actions import record
from hub.sla.access import Clock
from hub.sla.levels import BREACHED, DEFAULT_LADDER, Rung
from hub.sla.models import TicketClock
from hub.tickets.models import CaseTenant, Ticket
from tenants.context import SYSTEM, Context
from tenants.database import Base


@dataclass(frozen=True, slots=True)
class Change:
    """New columns of one clock, and the facts that come with them."""

    clock: Clock
    values: dict[str, Any]
    facts: Sequence[Event] = ()


def reached(clock: Clock, tenant_id: UUID, rungs: Iterable[Rung], due: datetime) -> list[RungReached]:
    """The facts that a clock reached these rungs, for the journal of a tenant."""
    clock_id, ticket_id = name_of(clock)
    return [
        RungReached(
            tenant_id=tenant_id,
            case_id=clock.case_id,
            ticket_id=ticket_id,
            clock_id=clock_id,
            clock=clock.kind,
            percent=rung.at,
            tells=rung.tells,
            due_at=due,
        )
        for rung in rungs
    ]


def name_of(clock: Clock) -> tuple[UUID, UUID | None]:
    """The id that facts name a clock by, and its ticket; a case has one clock, which goes by the case's id."""
    return (clock.id, clock.ticket_id) if isinstance(clock, TicketClock) else (clock.case_id, None)


def breach_owed(clock: Clock, until: datetime) -> tuple[Rung, ...]:
    """What a clock taken over with its deadline owes before an instant: it knows no other rung than the breach."""
    if clock.next_action_at is None or clock.next_action_at >= until or BREACHED in clock.rungs_done:
        return ()
    return tuple(rung for rung in DEFAULT_LADDER if rung.at == BREACHED)


def with_breach(done: Collection[int], rungs: Collection[Rung], due: datetime) -> dict[str, Any]:
    """The columns of a clock taken over with its deadline after the breach fired, if it did."""
    if not rungs:
        return {}
    return {"rungs_done": sorted({*done, *(rung.at for rung in rungs)}), "breached_at": due}


def keep(context: Context, changes: Sequence[Change]) -> None:
    """Write changed clocks and record their facts; clocks act by themselves, whoever made them notice."""
    _write(context, changes)
    facts = [fact for change in changes for fact in change.facts]
    if facts:
        record(replace(context, actor=SYSTEM), *facts)


def tenants_told(context: Context, case_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The tenant in whose journal the facts of each case's clock stand: the one that got a ticket last."""
    if not case_ids:
        return {}
    rows = context.session.execute(
        select(CaseTenant.case_id, CaseTenant.tenant_id)
        .outerjoin(
            Ticket,
            (Ticket.tenant_id == CaseTenant.tenant_id)
            & (Ticket.case_id == CaseTenant.case_id)
            & Ticket.tenant_id.in_(context.tenants),
        )
        .where(CaseTenant.case_id.in_(case_ids), CaseTenant.tenant_id.in_(context.tenants))
        .order_by(Ticket.opened_at.nulls_first(), Ticket.id)
    )
    return {row.case_id: row.tenant_id for row in rows}


def _write(context: Context, changes: Sequence[Change]) -> None:
    """One statement for all clocks of one table that change the same columns: the sweep's speed hangs on it."""

    def shape(change: Change) -> tuple[str, tuple[str, ...]]:
        return change.clock.__tablename__, tuple(sorted(change.values))

    for (table_name, names), alike in groupby(
        sorted((each for each in changes if each.values), key=shape), key=shape
    ):
        group = list(alike)
        table = Base.metadata.tables[table_name]
        keys = [each.name for each in table.primary_key]
        given = func.unnest(
            *(_array(table.c[key], [getattr(change.clock, key) for change in group]) for key in keys),
            *(_array(table.c[name], [change.values[name] for change in group]) for name in names),
        ).table_valued(
            *(column(f"of_{key}", table.c[key].type) for key in keys),
            *(column(f"new_{name}", table.c[name].type) for name in names),
        )
        rows = given.render_derived("changed")
        statement = update(table).values({name: rows.c[f"new_{name}"] for name in names})
        for key in keys:
            statement = statement.where(table.c[key] == rows.c[f"of_{key}"])
        if "tenant_id" in keys:
            statement = statement.where(table.c["tenant_id"].in_(context.tenants))
        context.session.connection().execute(statement)


def _array(of: Column[Any], values: Sequence[Any]) -> BindParameter[Sequence[Any]]:
    # One dimension: what JSON columns hold may be lists themselves.
    return bindparam(None, values, ARRAY(of.type, dimensions=1), unique=True)
