"""The sweep: fires what is due on running clocks, each rung of a ladder exactly once.

A row that holds what cannot be is set aside with the reason, seen by `hub doctor`, and stops no other clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from hub.calendars.access import CalendarInForce
from hub.sla.access import Basis, Clock, basis_of, counted_by
from hub.sla.actions.firing import Change, breach_owed, keep, name_of, reached, tenants_told, with_breach
from hub.sla.deadlines import rungs_due
from hub.sla.levels import ServiceLevel
from hub.sla.models import CaseClock, TicketClock
from hub.sla.rows import rung_columns, state_of
from tenants.context import Context
from tenants.errors import Refusal

Counted = dict[Basis, tuple[CalendarInForce, ServiceLevel]]

_log = structlog.get_logger()

# What reckoning a row raises that holds what cannot be; a database that fails is not among it.
_BROKEN = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, Refusal)
_TRIED_AGAIN_AFTER = timedelta(hours=1)
_LONGEST_TROUBLE = 500

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
    clocks: list[Clock] = [*tickets, *cases]
    counting = _counting(context, clocks)
    keep(context, [_fire_or_set_aside(context, clock, told, counting) for clock in clocks])
    return len(clocks)


def _counting(context: Context, clocks: Sequence[Clock]) -> Counted:
    """What the clocks are counted by, all in one look unless one of them spoils it; what cannot be had is left out."""
    bases = {
        basis_of(clock)
        for clock in clocks
        if clock.target is not None
        and None not in (clock.level_tenant, clock.level_id, clock.calendar_version)
    }
    try:
        return counted_by(context, bases)
    except _BROKEN:
        counted: Counted = {}
        for basis in bases:
            with suppress(*_BROKEN):
                counted |= counted_by(context, [basis])
        return counted


def _fire_or_set_aside(
    context: Context, clock: Clock, told: Mapping[UUID, UUID], counting: Counted
) -> Change:
    try:
        tenant_id = clock.tenant_id if isinstance(clock, TicketClock) else told[clock.case_id]
        change = _fire(context, clock, tenant_id, counting)
    except _BROKEN as problem:
        trouble = f"{type(problem).__name__}: {problem}"[:_LONGEST_TROUBLE]
        clock_id, _ = name_of(clock)
        _log.error("clock_set_aside", table=clock.__tablename__, clock=str(clock_id), trouble=trouble)
        again = context.now + _TRIED_AGAIN_AFTER
        return Change(clock, {"next_action_at": again, "trouble": trouble})
    if clock.trouble is None:
        return change
    return replace(change, values={**change.values, "trouble": None})


def _fire(context: Context, clock: Clock, tenant_id: UUID, counting: Counted) -> Change:
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
