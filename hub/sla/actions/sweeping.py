"""The sweep: fires what is due on running clocks, each rung of a ladder exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from hub.calendars.access import CalendarInForce
from hub.sla.access import Basis, Clock, basis_of, counted_by
from hub.sla.actions.firing import Change, breach_owed, keep, reached, tenants_told, with_breach
from hub.sla.deadlines import rungs_due
from hub.sla.levels import ServiceLevel
from hub.sla.models import CaseClock, TicketClock
from hub.sla.rows import rung_columns, state_of
from tenants.context import Context

# A sweep at the very instant of a given deadline finds it reached.
_INSTANT = timedelta(microseconds=1)


def sweep_clocks(context: Context, *, limit: int = 500) -> int:
    """Fire the rungs that the context's clocks have reached; gives how many clocks were looked at.

    Any number of sweepers may run: a clock is claimed by one of them, and its rung, the record of it and its next
    action are one transaction. To be called again until it gives nothing.
    """
    tickets = context.session.scalars(
        select(TicketClock)
        .where(TicketClock.tenant_id.in_(context.tenants), TicketClock.next_action_at <= context.now)
        .order_by(TicketClock.next_action_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    cases = context.session.scalars(
        select(CaseClock)
        .where(CaseClock.next_action_at <= context.now)
        .order_by(CaseClock.next_action_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    if not tickets and not cases:
        return 0
    told = tenants_told(context, [clock.case_id for clock in cases])
    clocks: list[tuple[Clock, UUID]] = [(clock, clock.tenant_id) for clock in tickets]
    clocks += [(clock, told[clock.case_id]) for clock in cases]
    counting = counted_by(context, {basis_of(clock) for clock, _ in clocks if clock.target is not None})
    keep(context, [_fire(context, clock, tenant_id, counting) for clock, tenant_id in clocks])
    return len(clocks)


def _fire(
    context: Context,
    clock: Clock,
    tenant_id: UUID,
    counting: Mapping[Basis, tuple[CalendarInForce, ServiceLevel]],
) -> Change:
    if clock.target is None:
        breach = breach_owed(clock, context.now + _INSTANT)
        values = {"next_action_at": None, **with_breach(clock.rungs_done, breach, clock.due_at)}
        return Change(clock, values, reached(clock, tenant_id, breach, clock.due_at))
    calendar, level = counting[basis_of(clock)]
    state = state_of(clock)
    rungs = rungs_due(calendar.working, state, level.ladder, clock.rungs_done, context.now)
    done = {*clock.rungs_done, *(rung.at for rung in rungs)}
    return Change(
        clock,
        rung_columns(calendar.working, state, level.ladder, done, clock.due_at),
        reached(clock, tenant_id, rungs, clock.due_at),
    )
