"""One clock: when it is due, what is spent and left of it, and what happens next, pauses included."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.calendars.working_time import Span, WorkingTime
from hub.sla.levels import Rung

_NOTHING = timedelta(0)
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which a clock stands still; `until` is None while it lasts."""

    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class ClockState:
    """Everything that decides a clock's deadline, besides its calendar.

    `target` is working time. `met_at` is when what was promised was done; `stopped_at` when the clock lost
    its purpose (withdrawn, transferred). All instants are aware. Raises `ValueError` for a history that
    cannot be: naive instants, a target of nothing, pauses that overlap, go backwards or begin before the
    clock, an open pause that is not the last, an end before the start.
    """

    started_at: datetime
    target: timedelta
    pauses: tuple[Pause, ...] = ()
    met_at: datetime | None = None
    stopped_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.target <= _NOTHING:
            raise ValueError("a clock needs a target of more than nothing")
        previous = self.started_at
        _require_aware(previous)
        for number, each in enumerate(self.pauses, start=1):
            _require_order(previous, each.since)
            if each.until is None:
                if number < len(self.pauses):
                    raise ValueError("only the last pause can be open")
            else:
                _require_order(each.since, each.until)
                previous = each.until
        for end in (self.met_at, self.stopped_at):
            if end is not None:
                _require_order(self.started_at, end)

    @property
    def ended_at(self) -> datetime | None:
        """When the clock was met or stopped, whichever came first; None while it is open."""
        ends = [end for end in (self.met_at, self.stopped_at) if end is not None]
        return min(ends) if ends else None

    @property
    def open_pause(self) -> Pause | None:
        """The pause that holds the clock, if one does."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].until is None else None


def running_spans(state: ClockState, until: datetime) -> tuple[Span, ...]:
    """When the clock ran, in working hours or not: from its start to `until` or its end, pauses left out."""
    end = until if state.ended_at is None else min(until, state.ended_at)
    stretches = []
    begin: datetime | None = state.started_at
    for each in state.pauses:
        if begin is None or each.since >= end:
            break
        if begin < each.since:
            stretches.append(Span(begin, each.since))
        begin = each.until
    if begin is not None and begin < end:
        stretches.append(Span(begin, end))
    return tuple(stretches)


def due_at(calendar: WorkingTime, state: ClockState) -> datetime | None:
    """When the target is or was used up; None while a pause holds the clock short of it.

    A deadline that had passed before the pause began stays what it was: a hold does not undo a breach. For a
    clock that was met or stopped it is the deadline it was held to. Raises `NoWorkingTimeLeft`.
    """
    return _reached_at(calendar, state, state.target)


def spent(calendar: WorkingTime, state: ClockState, at: datetime) -> timedelta:
    """Working time used up at an instant, pauses left out; it no longer grows once the clock has ended."""
    return sum(
        (calendar.elapsed(each.opens, each.closes) for each in running_spans(state, at)),
        start=_NOTHING,
    )


def remaining(calendar: WorkingTime, state: ClockState, at: datetime) -> timedelta:
    """Working time left at an instant; negative by as much as the clock is over its target."""
    return state.target - spent(calendar, state, at)


def is_late(calendar: WorkingTime, state: ClockState, at: datetime) -> bool:
    """Whether the clock is, or ended, past its deadline; to end at the very deadline is in time."""
    due = due_at(calendar, state)
    return due is not None and due < (at if state.ended_at is None else min(at, state.ended_at))


def pause(state: ClockState, at: datetime, reason: str) -> ClockState:
    """The clock standing still from `at` on, because of `reason`.

    Raises `ValueError` when it is paused already, has ended, or has a later history. What the sweep has not
    fired yet is still owed: ask `rungs_due` at the same instant.
    """
    _require_open(state)
    if state.open_pause is not None:
        raise ValueError("the clock is paused already")
    return replace(state, pauses=(*state.pauses, Pause(at, None, reason)))


def resume(state: ClockState, at: datetime) -> ClockState:
    """The clock running again from `at` on.

    Raises `ValueError` when it is not paused, has ended, or was paused later than `at`.
    """
    _require_open(state)
    held = state.open_pause
    if held is None:
        raise ValueError("the clock is not paused")
    return replace(state, pauses=(*state.pauses[:-1], replace(held, until=at)))


def next_action(
    calendar: WorkingTime, state: ClockState, ladder: Sequence[Rung], rungs_done: Collection[int]
) -> datetime | None:
    """When the next rung of the ladder is to be fired; it may lie in the past, and then is owed at once.

    `rungs_done` are the percentages that have fired; nothing below the highest of them fires any more. None
    while the clock is paused, when it was met or stopped, and when the ladder is at its end. Raises
    `NoWorkingTimeLeft`.
    """
    if state.ended_at is not None or state.open_pause is not None:
        return None
    for rung in _rungs_left(ladder, rungs_done):
        return _percent_at(calendar, state, rung.at)
    return None


def rungs_due(
    calendar: WorkingTime,
    state: ClockState,
    ladder: Sequence[Rung],
    rungs_done: Collection[int],
    at: datetime,
) -> tuple[Rung, ...]:
    """The rungs, lowest first, that were reached by `at` and have not been fired.

    This also tells what a clock owes that has since been paused or has ended, so that a slow sweep loses
    nothing; a rung reached at the very instant of the end is not owed.
    """
    return tuple(
        rung for rung in _rungs_left(ladder, rungs_done) if _is_reached(calendar, state, rung.at, at)
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """An open clock after its target, calendar or ladder was changed."""

    state: ClockState
    due_at: datetime | None
    next_action_at: datetime | None
    rungs_done: tuple[int, ...]


def moved(
    calendar: WorkingTime,
    state: ClockState,
    ladder: Sequence[Rung],
    rungs_done: Collection[int],
    at: datetime,
    *,
    target: timedelta | None = None,
) -> Moved:
    """An open clock reckoned anew, from its start, by a changed calendar, ladder or target.

    Rungs that were fired and by the new reckoning are not reached yet will fire again at their new time: a
    clock that is no longer late must be able to become late. Raises `ValueError` for a clock that has ended,
    since what it was held to does not change afterwards. Raises `NoWorkingTimeLeft`.
    """
    _require_open(state)
    if target is not None:
        state = replace(state, target=target)
    still_done = tuple(percent for percent in sorted(rungs_done) if _is_reached(calendar, state, percent, at))
    return Moved(
        state=state,
        due_at=due_at(calendar, state),
        next_action_at=next_action(calendar, state, ladder, still_done),
        rungs_done=still_done,
    )


def _rungs_left(ladder: Sequence[Rung], rungs_done: Collection[int]) -> Iterator[Rung]:
    highest_done = max(rungs_done, default=0)
    return (rung for rung in ladder if rung.at > highest_done)


def _is_reached(calendar: WorkingTime, state: ClockState, percent: int, at: datetime) -> bool:
    # Asked first, because the calendar may hold too little time for a rung that is still far away.
    if spent(calendar, state, at) < _share(state.target, percent):
        return False
    reached = _percent_at(calendar, state, percent)
    return reached is not None and reached <= at and (state.ended_at is None or reached < state.ended_at)


def _percent_at(calendar: WorkingTime, state: ClockState, percent: int) -> datetime | None:
    return _reached_at(calendar, state, _share(state.target, percent))


def _share(target: timedelta, percent: int) -> timedelta:
    # A rung so low that it rounds to nothing would be reached before the clock began.
    return max(target * percent // _WHOLE, timedelta(microseconds=1))


def _reached_at(calendar: WorkingTime, state: ClockState, amount: timedelta) -> datetime | None:
    """When `amount` of working time is used up, ended or not; None when a pause prevents it."""
    begin = state.started_at
    for each in state.pauses:
        if state.ended_at is not None and each.since >= state.ended_at:
            break
        used = calendar.elapsed(begin, each.since)
        if used >= amount:
            break
        amount -= used
        if each.until is None:
            return None
        begin = each.until
    return calendar.due(begin, amount)


def _require_open(state: ClockState) -> None:
    if state.ended_at is not None:
        raise ValueError("the clock has ended")


def _require_order(earlier: datetime, later: datetime) -> None:
    _require_aware(later)
    if later < earlier:
        raise ValueError(f"{later} is before {earlier}: a clock does not go back in time")


def _require_aware(instant: datetime) -> None:
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
