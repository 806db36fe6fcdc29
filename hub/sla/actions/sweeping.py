"""The sweep: fires what is due on running clocks, each rung of a ladder exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from hub.events import RungReached
from hub.journal.actions import record
from hub.sla.access import Clock, counting_of
from hub.sla.deadlines import next_action, rungs_due
from hub.sla.levels import BREACHED, DEFAULT_LADDER, Rung
from hub.sla.models import CaseClock, TicketClock
from hub.sla.rows import state_of
from hub.tickets.models import CaseTenant
from tenants.context import Context


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
    concerned = _tenants_of(context, [clock.case_id for clock in cases])
    fired = [_fire(context, clock, clock.tenant_id, clock.ticket_id, clock.id) for clock in tickets]
    fired += [_fire(context, clock, concerned[clock.case_id], None, clock.case_id) for clock in cases]
    events = [event for events, _ in fired for event in events]
    if events:
        record(context, *events)
    _store(context, tickets, [values for _, values in fired[: len(tickets)]])
    _store(context, cases, [values for _, values in fired[len(tickets) :]])
    return len(fired)


def _fire(
    context: Context, clock: Clock, tenant_id: UUID, ticket_id: UUID | None, clock_id: UUID
) -> tuple[list[RungReached], dict[str, Any]]:
    if clock.target is None:
        rungs: Sequence[Rung] = [rung for rung in DEFAULT_LADDER if rung.at == BREACHED]
        following = None
    else:
        calendar, ladder = counting_of(context, clock)
        state = state_of(clock)
        rungs = rungs_due(calendar.working, state, ladder, clock.rungs_done, context.now)
        done = [*clock.rungs_done, *(rung.at for rung in rungs)]
        following = next_action(calendar.working, state, ladder, done)
    done = [*clock.rungs_done, *(rung.at for rung in rungs)]
    events = [
        RungReached(
            tenant_id=tenant_id,
            case_id=clock.case_id,
            ticket_id=ticket_id,
            clock_id=clock_id,
            clock=clock.kind,
            percent=rung.at,
            tells=rung.tells,
            due_at=clock.due_at,
        )
        for rung in rungs
    ]
    breached = clock.breached_at or (clock.due_at if BREACHED in done else None)
    return events, {"rungs_done": done, "next_action_at": following, "breached_at": breached}


def _store(context: Context, clocks: Sequence[Clock], values: Sequence[dict[str, Any]]) -> None:
    """Write all clocks of one table in one statement sent many times: the sweep's speed hangs on it."""
    if not clocks:
        return
    table = type(clocks[0])
    if table is TicketClock:
        statement = update(TicketClock).where(
            TicketClock.tenant_id == bindparam("key_tenant"), TicketClock.id == bindparam("key_id")
        )
        keys = [{"key_tenant": clock.tenant_id, "key_id": clock.id} for clock in clocks]  # type: ignore[union-attr]
    else:
        statement = update(CaseClock).where(CaseClock.case_id == bindparam("key_id"))
        keys = [{"key_id": clock.case_id} for clock in clocks]
    context.session.connection().execute(
        statement.values(
            rungs_done=bindparam("rungs_done"),
            next_action_at=bindparam("next_action_at"),
            breached_at=bindparam("breached_at"),
        ),
        [{**key, **columns} for key, columns in zip(keys, values, strict=True)],
    )


def _tenants_of(context: Context, case_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The tenant in whose journal a case's facts stand: the one concerned last."""
    if not case_ids:
        return {}
    rows = context.session.execute(
        select(CaseTenant.case_id, CaseTenant.tenant_id).where(CaseTenant.case_id.in_(case_ids))
    )
    return {row.case_id: row.tenant_id for row in rows}
