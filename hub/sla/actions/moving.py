"""Moving deadlines: open clocks counted anew after a change of calendars, service levels or priority."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.events import ClockMoved, PriorityChanged
from hub.journal.actions import record
from hub.sla.access import Clock, Counting, counting_for
from hub.sla.actions.running import write_clock
from hub.sla.deadlines import moved
from hub.sla.levels import ClockKind
from hub.sla.models import CaseClock, TicketClock
from hub.sla.rows import columns_of, state_of
from hub.tickets.models import CaseTenant, Ticket
from hub.vocabulary import Priority
from tenants.context import Context
from tenants.ids import HUB


def move_ticket_clocks(context: Context, event: PriorityChanged) -> None:
    """Count a ticket's open clocks anew for its new priority; follows from the change."""
    clocks = context.session.scalars(
        select(TicketClock)
        .where(
            TicketClock.tenant_id == event.tenant_id,
            TicketClock.ticket_id == event.ticket_id,
            TicketClock.met_at.is_(None),
            TicketClock.stopped_at.is_(None),
            TicketClock.target.is_not(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    _move_of_tickets(context, clocks, why=event.kind)


def move_clocks(context: Context, *, since: datetime, why: str, limit: int = 500) -> bool:
    """Count anew some of the context's open clocks that were last counted before a change; gives whether more are left.

    To be called again, each time in a transaction of its own, until nothing is left.
    """
    clocks = context.session.scalars(
        select(TicketClock)
        .where(
            TicketClock.tenant_id.in_(context.tenants),
            TicketClock.met_at.is_(None),
            TicketClock.stopped_at.is_(None),
            TicketClock.target.is_not(None),
            TicketClock.reckoned_at < since,
        )
        .order_by(TicketClock.tenant_id, TicketClock.id)
        .limit(limit)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    _move_of_tickets(context, clocks, why=why)
    cases = (
        context.session.scalars(
            select(CaseClock)
            .where(
                CaseClock.met_at.is_(None),
                CaseClock.stopped_at.is_(None),
                CaseClock.target.is_not(None),
                CaseClock.reckoned_at < since,
            )
            .order_by(CaseClock.case_id)
            .limit(limit)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        if HUB in context.tenants
        else []
    )
    _move_of_cases(context, cases, why=why)
    return len(clocks) == limit or len(cases) == limit


def _move_of_tickets(context: Context, clocks: Any, *, why: str) -> None:
    if not clocks:
        return
    tickets = {
        (row.tenant_id, row.id): row
        for row in context.session.execute(
            select(Ticket.tenant_id, Ticket.id, Ticket.service_id, Ticket.priority).where(
                Ticket.tenant_id.in_({clock.tenant_id for clock in clocks}),
                Ticket.id.in_({clock.ticket_id for clock in clocks}),
            )
        )
    }
    known: dict[tuple[UUID, UUID, str], dict[ClockKind, Counting]] = {}
    for clock in clocks:
        ticket = tickets[clock.tenant_id, clock.ticket_id]
        key = (clock.tenant_id, ticket.service_id, ticket.priority)
        if key not in known:
            known[key] = counting_for(context, key[0], key[1], Priority(key[2]))
        _move(context, clock, clock.tenant_id, clock.ticket_id, known[key], why)


def _move_of_cases(context: Context, clocks: Any, *, why: str) -> None:
    if not clocks:
        return
    counting = counting_for(context, HUB, None, Priority.NORMAL)
    concerned = {
        row.case_id: row.tenant_id
        for row in context.session.execute(
            select(CaseTenant.case_id, CaseTenant.tenant_id).where(
                CaseTenant.case_id.in_({clock.case_id for clock in clocks})
            )
        )
    }
    for clock in clocks:
        _move(context, clock, concerned[clock.case_id], None, counting, why)


def _move(
    context: Context,
    clock: Clock,
    tenant_id: UUID,
    ticket_id: UUID | None,
    counting: dict[ClockKind, Counting],
    why: str,
) -> None:
    counted = counting.get(ClockKind(clock.kind))
    if counted is None:
        # Nobody promises anything for this kind any more: what was promised stays promised.
        write_clock(context, clock, {"reckoned_at": context.now})
        return
    working, ladder = counted.calendar.working, counted.choice.level.ladder
    result = moved(
        working, state_of(clock), ladder, clock.rungs_done, context.now, target=counted.choice.target
    )
    before = clock.due_at
    values = columns_of(working, result.state, ladder, result.rungs_done, context.now, before)
    write_clock(
        context,
        clock,
        {
            **values,
            "level_tenant": counted.choice.level.tenant_id,
            "level_id": counted.choice.level.id,
            "calendar_version": counted.calendar.version,
        },
    )
    if values["due_at"] != before:
        record(
            context,
            ClockMoved(
                tenant_id=tenant_id,
                case_id=clock.case_id,
                ticket_id=ticket_id,
                clock_id=clock.id if isinstance(clock, TicketClock) else clock.case_id,
                clock=clock.kind,
                why=why,
                before=before,
                after=values["due_at"],
            ),
        )
