"""Moving deadlines: open clocks counted anew after a change of calendars, service levels or priority."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from hub.events import CalendarChanged, ClockMoved, Event, PriorityChanged, ServiceLevelsChanged
from hub.sla.access import Clock, Counting, basis_of, clock_of_case, counted_by, counting_for
from hub.sla.actions.firing import Change, keep, name_of, reached, tenants_told
from hub.sla.deadlines import moved, rungs_due
from hub.sla.levels import ClockKind
from hub.sla.models import CaseClock, TicketClock
from hub.sla.rows import columns_of, state_of
from hub.tickets.models import Ticket
from hub.vocabulary import Priority
from tenants.context import Context
from tenants.ids import HUB

_OPEN_TICKET_CLOCK = (
    TicketClock.met_at.is_(None) & TicketClock.stopped_at.is_(None) & TicketClock.target.is_not(None)
)
_OPEN_CASE_CLOCK = CaseClock.met_at.is_(None) & CaseClock.stopped_at.is_(None) & CaseClock.target.is_not(None)
# Groups of clocks looked for at once, so that a statement stays of a readable size.
_GROUPS = 200


def move_ticket_clocks(context: Context, event: PriorityChanged) -> None:
    """Count a ticket's open clocks anew for its new priority; follows from the change.

    The citizen's clock goes by the priority of the ticket that the case was opened with.
    """
    catch_up(context, event, why=event.kind)
    if event.case_id is None:
        return
    opened_with = select(Ticket.handed_on_by.is_(None)).where(
        Ticket.tenant_id == event.tenant_id, Ticket.id == event.ticket_id
    )
    if context.session.scalar(opened_with):
        catch_up_on_case(context, event, why=event.kind)


def catch_up(context: Context, event: Event, *, why: str | None = None) -> None:
    """Count those of a ticket's open clocks anew whose promise is in force no longer, or not for this ticket.

    What ended before a change was held to the old promise; what goes on after it is held to the new one.
    """
    clocks = context.session.scalars(
        select(TicketClock)
        .where(
            TicketClock.tenant_id == event.tenant_id,
            TicketClock.ticket_id == event.ticket_id,
            _OPEN_TICKET_CLOCK,
        )
        .order_by(TicketClock.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not clocks:
        return
    ticket = context.session.execute(
        select(Ticket.service_id, Ticket.priority).where(
            Ticket.tenant_id == event.tenant_id, Ticket.id == event.ticket_id
        )
    ).one()
    counting = counting_for(context, event.tenant_id, ticket.service_id, Priority(ticket.priority))
    outdated = [clock for clock in clocks if _is_outdated(clock, counting)]
    _move(context, [(clock, event.tenant_id, counting) for clock in outdated], why=why)


def catch_up_on_case(context: Context, event: Event, *, why: str | None = None) -> None:
    """Count the citizen's clock anew, if it runs by a promise that is in force no longer."""
    if event.case_id is None:
        return
    clock = clock_of_case(context, event.case_id, to_change=True)
    if clock is None or clock.target is None or clock.met_at is not None or clock.stopped_at is not None:
        return
    counting = counting_for(context, HUB, None, _priority_of_case(context, clock))
    if _is_outdated(clock, counting):
        _move(context, [(clock, event.tenant_id, counting)], why=why)


def _priority_of_case(context: Context, clock: CaseClock) -> Priority:
    """The priority of the ticket that a case was opened with; to a tenant that cannot see it, the one promised for."""
    opened_with = context.session.scalar(
        select(Ticket.priority).where(
            Ticket.tenant_id.in_(context.tenants),
            Ticket.case_id == clock.case_id,
            Ticket.handed_on_by.is_(None),
        )
    )
    if opened_with is not None:
        return Priority(opened_with)
    basis = basis_of(clock)
    _, level = counted_by(context, [basis])[basis]
    return level.priority or Priority.NORMAL


def move_clocks(context: Context, *, limit: int = 1000) -> bool:
    """Count anew open clocks of the context that are counted by promises no longer in force.

    Gives whether some may be left: to be called again, each time in a transaction of its own, until nothing is.
    A context of the hub itself moves the citizens' clocks too, when no ticket's clock is left to move.
    """
    if _move_clocks_of_tickets(context, limit):
        return True
    return HUB in context.tenants and _move_clocks_of_cases(context, limit)


def _move_clocks_of_tickets(context: Context, limit: int) -> bool:
    basis = (
        TicketClock.kind,
        TicketClock.level_tenant,
        TicketClock.level_id,
        TicketClock.calendar_version,
    )
    counted_like = (Ticket.tenant_id, Ticket.service_id, Ticket.priority, *basis)
    ours = (
        (Ticket.tenant_id == TicketClock.tenant_id)
        & (Ticket.id == TicketClock.ticket_id)
        & Ticket.tenant_id.in_(context.tenants)
    )
    groups = context.session.execute(
        select(*counted_like)
        .join(Ticket, ours)
        .where(TicketClock.tenant_id.in_(context.tenants), _OPEN_TICKET_CLOCK)
        .group_by(*counted_like)
    ).all()
    counting: dict[tuple[UUID, UUID, str], dict[ClockKind, Counting]] = {}
    outdated = []
    for group in groups:
        key = (group.tenant_id, group.service_id, group.priority)
        if key not in counting:
            counting[key] = counting_for(context, key[0], key[1], Priority(key[2]))
        if _is_outdated(group, counting[key]):
            outdated.append(tuple(group))
    if not outdated:
        return False
    rows = context.session.execute(
        select(TicketClock, Ticket.service_id, Ticket.priority)
        .join(Ticket, ours)
        .where(
            TicketClock.tenant_id.in_(context.tenants),
            _OPEN_TICKET_CLOCK,
            tuple_(*counted_like).in_(outdated[:_GROUPS]),
        )
        .order_by(TicketClock.tenant_id, TicketClock.id)
        .limit(limit)
        .with_for_update(of=TicketClock)
        .execution_options(populate_existing=True)
    ).all()
    _move(
        context,
        [
            (clock, clock.tenant_id, counting[clock.tenant_id, service_id, priority])
            for clock, service_id, priority in rows
        ],
    )
    return True


def _move_clocks_of_cases(context: Context, limit: int) -> bool:
    counted_like = (
        Ticket.priority,
        CaseClock.kind,
        CaseClock.level_tenant,
        CaseClock.level_id,
        CaseClock.calendar_version,
    )
    opened_with: ColumnElement[bool] = (
        (Ticket.case_id == CaseClock.case_id)
        & Ticket.handed_on_by.is_(None)
        & Ticket.tenant_id.in_(context.tenants)
    )
    groups = context.session.execute(
        select(*counted_like).join(Ticket, opened_with).where(_OPEN_CASE_CLOCK).group_by(*counted_like)
    ).all()
    counting = {
        priority: counting_for(context, HUB, None, Priority(priority))
        for priority in {group.priority for group in groups}
    }
    outdated = [tuple(group) for group in groups if _is_outdated(group, counting[group.priority])]
    if not outdated:
        return False
    rows = context.session.execute(
        select(CaseClock, Ticket.priority)
        .join(Ticket, opened_with)
        .where(_OPEN_CASE_CLOCK, tuple_(*counted_like).in_(outdated[:_GROUPS]))
        .order_by(CaseClock.case_id)
        .limit(limit)
        .with_for_update(of=CaseClock)
        .execution_options(populate_existing=True)
    ).all()
    told = tenants_told(context, [clock.case_id for clock, _ in rows])
    _move(context, [(clock, told[clock.case_id], counting[priority]) for clock, priority in rows])
    return True


def _is_outdated(clock: Any, counting: dict[ClockKind, Counting]) -> bool:
    """Whether a clock, or a group of clocks alike, is counted by anything else than what is promised now."""
    now = counting.get(ClockKind(clock.kind))
    if now is None:
        # Nobody promises anything for this kind any more: what was promised stays promised.
        return False
    return (clock.level_tenant, clock.level_id, clock.calendar_version) != _basis(now)


def _basis(counting: Counting) -> tuple[UUID, UUID, int]:
    level = counting.choice.level
    return level.tenant_id, level.id, counting.calendar.version


def _move(
    context: Context,
    clocks: Iterable[tuple[Clock, UUID, dict[ClockKind, Counting]]],
    *,
    why: str | None = None,
) -> None:
    """Count clocks anew and say why: `why`, or else by what has changed of what they were counted by."""
    counted = [
        (clock, tenant_id, counting[ClockKind(clock.kind)])
        for clock, tenant_id, counting in clocks
        if ClockKind(clock.kind) in counting
    ]
    if not counted:
        return
    before = counted_by(context, {basis_of(clock) for clock, _, _ in counted})
    changes = []
    for clock, tenant_id, counting in counted:
        calendar, level = before[basis_of(clock)]
        state = state_of(clock)
        # By the old promise first: what was reached before the change was reached.
        missed = rungs_due(calendar.working, state, level.ladder, clock.rungs_done, context.now)
        facts: list[Event] = [*reached(clock, tenant_id, missed, clock.due_at)]
        done = {*clock.rungs_done, *(rung.at for rung in missed)}
        why_now = why or (
            ServiceLevelsChanged.kind if level.id != counting.choice.level.id else CalendarChanged.kind
        )
        values, more = _moved(context, clock, done, counting, tenant_id, why_now)
        changes.append(Change(clock, values, [*facts, *more]))
    keep(context, changes)


def _moved(
    context: Context, clock: Clock, done: set[int], counting: Counting, tenant_id: UUID, why: str
) -> tuple[dict[str, Any], Sequence[Event]]:
    working, ladder = counting.calendar.working, counting.choice.level.ladder
    result = moved(working, state_of(clock), ladder, done, context.now, target=counting.choice.target)
    reached_now = rungs_due(working, result.state, ladder, result.rungs_done, context.now)
    done = {*result.rungs_done, *(rung.at for rung in reached_now)}
    values = columns_of(working, result.state, ladder, done, context.now, clock.due_at)
    level_tenant, level_id, calendar_version = _basis(counting)
    values |= {
        "level_tenant": level_tenant,
        "level_id": level_id,
        "calendar_version": calendar_version,
    }
    facts: list[Event] = []
    if values["due_at"] != clock.due_at:
        clock_id, ticket_id = name_of(clock)
        facts.append(
            ClockMoved(
                tenant_id=tenant_id,
                case_id=clock.case_id,
                ticket_id=ticket_id,
                clock_id=clock_id,
                clock=clock.kind,
                why=why,
                before=clock.due_at,
                after=values["due_at"],
            )
        )
    return values, [*facts, *reached(clock, tenant_id, reached_now, values["due_at"])]
