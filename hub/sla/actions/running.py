"""Running clocks: started, paused, resumed, met, halted and rerun, as facts about tickets and cases say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.events import Event, TicketOpened
from hub.journal.registry import Along
from hub.sla.access import Clock, Counting, basis_of, clock_of_case, counted_by, counting_for
from hub.sla.actions.firing import Change, breach_owed, keep, reached, with_breach
from hub.sla.actions.moving import catch_up, catch_up_on_case
from hub.sla.deadlines import ClockState, Pause, pause, resume, rungs_due
from hub.sla.levels import BREACHED, ClockKind
from hub.sla.models import CaseClock, TicketClock
from hub.sla.rows import columns_of, rung_columns, state_of
from hub.vocabulary import Priority
from tenants.context import Context
from tenants.ids import new_id

CITIZEN, EXTERNAL, RESOLVED, HALTED = "citizen", "external", "resolved", "halted"

_INSTANT = timedelta(microseconds=1)

Turn = Callable[[ClockState], ClockState]


def start_clocks(context: Context, event: TicketOpened, ticket: Mapping[str, Any]) -> Along:
    """Start first response and resolution on a new ticket; the case's own clock too, if it has none yet.

    Goes along with its opening.
    """
    counting = counting_for(context, event.tenant_id, event.service_id, Priority(event.priority))
    of_ticket = [
        {
            "tenant_id": event.tenant_id,
            "id": new_id(),
            "case_id": event.case_id,
            "ticket_id": event.ticket_id,
            **_fresh(ticket["opened_at"], kind, counting[kind]),
        }
        for kind in (ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION)
        if kind in counting
    ]
    of_case = []
    if ClockKind.CASE in counting and event.handed_on_by is None:
        # The citizen's clock starts with the first ticket of a case; it survives every transfer.
        fresh = _fresh(ticket["opened_at"], ClockKind.CASE, counting[ClockKind.CASE])
        of_case = [{"case_id": event.case_id, **fresh}]
    return Along(rows=((TicketClock, of_ticket), (CaseClock, of_case)))


def pause_clocks(context: Context, event: Event, reason: str) -> None:
    """Let the resolution clock of a ticket rest, because of `citizen` or `external`.

    The first response runs on: to hear nothing is not to be answered, whoever the tenant waits for.
    """
    clocks = _clocks(context, event, ClockKind.RESOLUTION)
    _turn(context, event, clocks, lambda state: _paused(context, state, reason))


def resume_clocks(context: Context, event: Event) -> None:
    """Let the clocks of a ticket go on."""
    _turn(context, event, _clocks(context, event), lambda state: _resumed(context, state))


def meet_first_response(context: Context, event: Event) -> None:
    """The citizen heard from the tenant: only the first time counts."""
    _turn(
        context, event, _clocks(context, event, ClockKind.FIRST_RESPONSE), lambda state: _met(context, state)
    )


def meet_all(context: Context, event: Event) -> None:
    """The ticket ended by an answer to the citizen: whatever still ran is met."""
    _turn(context, event, _clocks(context, event), lambda state: _met(context, state))


def halt_clocks(context: Context, event: Event) -> None:
    """The ticket's clocks lost their purpose: withdrawn, handed on, or following another ticket."""
    _turn(context, event, _clocks(context, event), lambda state: _halted(context, state))


def rerun_clocks(context: Context, event: Event) -> None:
    """The ticket is the tenant's again: its clocks go on; the time since they ended is not the tenant's.

    They go on by what is promised now. A first response that was given stays given.
    """

    def rerun(clocks: Iterable[Clock]) -> list[Clock]:
        return [clock for clock in clocks if clock.kind != ClockKind.FIRST_RESPONSE or clock.met_at is None]

    _turn(context, event, rerun(_clocks(context, event)), lambda state: _rerun(context, state))
    catch_up(context, event)


def pause_case_clock(context: Context, event: Event) -> None:
    """The next step on every ticket of the case is the citizen's."""
    _turn(context, event, _case_clock(context, event), lambda state: _paused(context, state, CITIZEN))


def resume_case_clock(context: Context, event: Event) -> None:
    """Government has the next step again."""
    _turn(context, event, _case_clock(context, event), lambda state: _resumed(context, state))


def end_case_clock(context: Context, event: Event) -> None:
    """The case is closed; the clock was met when government was last done, which is when it began to rest."""

    def end(state: ClockState) -> ClockState:
        held = state.open_pause
        if held is None or state.ended_at is not None:
            return _met(context, state)
        return replace(state, pauses=state.pauses[:-1], met_at=held.since)

    _turn(context, event, _case_clock(context, event), end)


def rerun_case_clock(context: Context, event: Event) -> None:
    """The case is open again: the clock goes on where it stood, by what the hub promises now."""
    _turn(context, event, _case_clock(context, event), lambda state: _rerun(context, state))
    catch_up_on_case(context, event)


def _fresh(at: datetime, kind: ClockKind, counting: Counting) -> dict[str, object]:
    level, working = counting.choice.level, counting.calendar.working
    state = ClockState(at, counting.choice.target)
    due = working.due(at, state.target)
    return {
        "kind": kind.value,
        "level_tenant": level.tenant_id,
        "level_id": level.id,
        "calendar_version": counting.calendar.version,
        "target": state.target,
        "started_at": at,
        "due_at": due,
        "pauses": [],
        "spent": timedelta(0),
        "reckoned_at": at,
        **rung_columns(working, state, level.ladder, (), due),
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
    """The clock of the event's case, locked; whoever gets here holds the row of the case already."""
    case_id: UUID | None = event.case_id
    if case_id is None:
        return []
    clock = clock_of_case(context, case_id, to_change=True)
    return [] if clock is None else [clock]


def _turn(context: Context, event: Event, clocks: Iterable[Clock], turn: Turn) -> None:
    """Let something happen to clocks; what they had reached before and nobody had fired yet is fired first."""
    changes = []
    turned = []
    for clock in clocks:
        if clock.target is None:
            changes.append(_turned_as_given(context, event, clock, turn))
            continue
        before = state_of(clock)
        after = turn(before)
        if after != before:
            turned.append((clock, after))
    counting = counted_by(context, {basis_of(clock) for clock, _ in turned}) if turned else {}
    for clock, after in turned:
        calendar, level = counting[basis_of(clock)]
        working, ladder = calendar.working, level.ladder
        owed = rungs_due(working, after, ladder, clock.rungs_done, context.now)
        done = {*clock.rungs_done, *(rung.at for rung in owed)}
        values = columns_of(working, after, ladder, done, context.now, clock.due_at)
        changes.append(Change(clock, values, reached(clock, event.tenant_id, owed, values["due_at"])))
    keep(context, changes)


def _turned_as_given(context: Context, event: Event, clock: Clock, turn: Turn) -> Change:
    """A clock with a given deadline knows only whether it was met or lost its purpose: nothing holds its deadline."""
    known = (clock.started_at, clock.due_at, clock.met_at, clock.stopped_at, context.now)
    before = ClockState(
        # Records of older systems go back in time; only the ends of this state are looked at.
        min(moment for moment in known if moment is not None),
        _INSTANT,
        met_at=clock.met_at,
        stopped_at=clock.stopped_at,
    )
    after = turn(before)
    if after.ended_at == before.ended_at:
        return Change(clock, {})
    ends: dict[str, object] = {"met_at": after.met_at, "stopped_at": after.stopped_at}
    if after.ended_at is None:
        coming = None if BREACHED in clock.rungs_done or clock.breached_at else clock.due_at
        return Change(clock, {**ends, "next_action_at": coming})
    owed = breach_owed(clock, context.now)
    values = {**ends, "next_action_at": None, **with_breach(clock.rungs_done, owed, clock.due_at)}
    return Change(clock, values, reached(clock, event.tenant_id, owed, clock.due_at))


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
