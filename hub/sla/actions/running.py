"""Running clocks: started, paused, resumed, met, halted and rerun, as facts about tickets and cases say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from hub.events import Event, TicketOpened
from hub.sla.access import Clock, Counting, clock_of_case, counting_for, counting_of
from hub.sla.deadlines import ClockState, Pause, due_at, next_action, pause, resume
from hub.sla.levels import ClockKind
from hub.sla.models import CaseClock, TicketClock
from hub.sla.rows import columns_of, state_of
from hub.tickets.models import Ticket
from hub.vocabulary import Priority
from tenants.context import Context
from tenants.ids import new_id

CITIZEN, EXTERNAL, RESOLVED, HALTED = "citizen", "external", "resolved", "halted"

_MOMENT = timedelta(microseconds=1)

Change = Callable[[ClockState], ClockState]


def start_clocks(context: Context, event: TicketOpened) -> None:
    """Start first response and resolution on a new ticket; the case's own clock too, if it has none yet."""
    counting = counting_for(context, event.tenant_id, event.service_id, Priority(event.priority))
    rows = [
        {
            "tenant_id": event.tenant_id,
            "id": new_id(),
            "case_id": event.case_id,
            "ticket_id": event.ticket_id,
            **_fresh(context, kind, counting[kind]),
        }
        for kind in (ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION)
        if kind in counting
    ]
    if rows:
        context.session.execute(insert(TicketClock), rows)
    if ClockKind.CASE in counting and event.handed_on_by is None:
        start_case_clock(context, event, counting[ClockKind.CASE])


def start_case_clock(context: Context, event: TicketOpened, counting: Counting) -> None:
    """Start the citizen's clock with the first ticket of a case; it survives every transfer."""
    context.session.execute(
        insert(CaseClock).values(case_id=event.case_id, **_fresh(context, ClockKind.CASE, counting))
    )


def pause_clocks(context: Context, event: Event, reason: str) -> None:
    """Let the resolution clock of a ticket rest, because of `citizen` or `external`."""
    _change(
        context, _clocks(context, event, ClockKind.RESOLUTION), lambda state: _paused(context, state, reason)
    )


def resume_clocks(context: Context, event: Event) -> None:
    """Let the clocks of a ticket go on."""
    _change(context, _clocks(context, event), lambda state: _resumed(context, state))


def meet_first_response(context: Context, event: Event) -> None:
    """The citizen heard from the tenant: only the first time counts."""
    _change(context, _clocks(context, event, ClockKind.FIRST_RESPONSE), lambda state: _met(context, state))


def meet_resolution(context: Context, event: Event) -> None:
    """The tenant says it is solved."""
    _change(context, _clocks(context, event, ClockKind.RESOLUTION), lambda state: _met(context, state))


def meet_all(context: Context, event: Event) -> None:
    """The ticket ended by an answer to the citizen: whatever still ran is met."""
    _change(context, _clocks(context, event), lambda state: _met(context, state))


def halt_clocks(context: Context, event: Event) -> None:
    """The ticket's clocks lost their purpose: withdrawn, handed on, or following another ticket."""
    _change(context, _clocks(context, event), lambda state: _halted(context, state))


def rerun_clocks(context: Context, event: Event) -> None:
    """The ticket is the tenant's again: its resolution clock goes on; the time since it ended is not the tenant's."""
    _change(context, _clocks(context, event, ClockKind.RESOLUTION), lambda state: _rerun(context, state))


def pause_case_clock(context: Context, event: Event) -> None:
    """The next step on every ticket of the case is the citizen's."""
    _change(context, _case_clock(context, event), lambda state: _paused(context, state, CITIZEN))


def resume_case_clock(context: Context, event: Event) -> None:
    """Government has the next step again."""
    _change(context, _case_clock(context, event), lambda state: _resumed(context, state))


def end_case_clock(context: Context, event: Event) -> None:
    """The case is closed; the clock was met when government was last done, which is when it began to rest."""

    def end(state: ClockState) -> ClockState:
        held = state.open_pause
        if held is None or state.ended_at is not None:
            return _met(context, state)
        return replace(state, pauses=state.pauses[:-1], met_at=held.since)

    _change(context, _case_clock(context, event), end)


def rerun_case_clock(context: Context, event: Event) -> None:
    """The case is open again: the clock goes on where it stood."""
    _change(context, _case_clock(context, event), lambda state: _rerun(context, state))


def write_clock(context: Context, clock: Clock, values: dict[str, object]) -> None:
    """Store changed columns of one clock."""
    if isinstance(clock, TicketClock):
        statement = update(TicketClock).where(
            TicketClock.tenant_id == clock.tenant_id, TicketClock.id == clock.id
        )
    else:
        statement = update(CaseClock).where(CaseClock.case_id == clock.case_id)
    context.session.execute(statement.values(**values).execution_options(synchronize_session=False))


def _fresh(context: Context, kind: ClockKind, counting: Counting) -> dict[str, object]:
    level, working = counting.choice.level, counting.calendar.working
    state = ClockState(context.now, counting.choice.target)
    return {
        "kind": kind.value,
        "level_tenant": level.tenant_id,
        "level_id": level.id,
        "calendar_version": counting.calendar.version,
        "target": state.target,
        "started_at": context.now,
        "due_at": due_at(working, state),
        "pauses": [],
        "spent": timedelta(0),
        "reckoned_at": context.now,
        "rungs_done": [],
        "next_action_at": next_action(working, state, level.ladder, ()),
    }


def _clocks(context: Context, event: Event, kind: ClockKind | None = None) -> list[TicketClock]:
    wanted = (
        select(TicketClock)
        .where(TicketClock.tenant_id == event.tenant_id, TicketClock.ticket_id == event.ticket_id)
        .order_by(TicketClock.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if kind is not None:
        wanted = wanted.where(TicketClock.kind == kind)
    return list(context.session.scalars(wanted))


def _case_clock(context: Context, event: Event) -> list[CaseClock]:
    case_id: UUID | None = event.case_id
    if case_id is None:
        return []
    clock = clock_of_case(context, case_id)
    return [] if clock is None else [clock]


def _change(context: Context, clocks: Iterable[Clock], change: Change) -> None:
    for clock in clocks:
        if clock.target is None:
            _change_taken_over(context, clock, change)
            continue
        before = state_of(clock)
        after = change(before)
        if after == before:
            continue
        calendar, ladder = counting_of(context, clock)
        done = tuple(clock.rungs_done)
        values = columns_of(calendar.working, after, ladder, done, context.now, clock.due_at)
        # A change of state is no recount: levels changed meanwhile are still to be applied.
        values["reckoned_at"] = clock.reckoned_at
        write_clock(context, clock, values)


def _change_taken_over(context: Context, clock: Clock, change: Change) -> None:
    """A clock with a given deadline knows only whether it was met or lost its purpose."""
    before = ClockState(
        min(clock.started_at, clock.due_at),
        max(clock.due_at - clock.started_at, _MOMENT),
        met_at=clock.met_at,
        stopped_at=clock.stopped_at,
    )
    after = change(before)
    write_clock(
        context,
        clock,
        {
            "met_at": after.met_at,
            "stopped_at": after.stopped_at,
            "next_action_at": None if after.ended_at else clock.next_action_at,
        },
    )


def _paused(context: Context, state: ClockState, reason: str) -> ClockState:
    if state.ended_at is not None or state.open_pause is not None:
        return state
    return pause(state, context.now, reason)


def _resumed(context: Context, state: ClockState) -> ClockState:
    if state.ended_at is not None or state.open_pause is None:
        return state
    return resume(state, context.now)


def _met(context: Context, state: ClockState) -> ClockState:
    return state if state.ended_at is not None else replace(_resumed(context, state), met_at=context.now)


def _halted(context: Context, state: ClockState) -> ClockState:
    return state if state.ended_at is not None else replace(_resumed(context, state), stopped_at=context.now)


def _rerun(context: Context, state: ClockState) -> ClockState:
    ended = state.ended_at
    if ended is None:
        return _resumed(context, state)
    reason = RESOLVED if state.met_at is not None else HALTED
    rested = Pause(ended, context.now, reason)
    return replace(state, met_at=None, stopped_at=None, pauses=(*state.pauses, rested))
