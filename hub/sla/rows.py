"""Between a clock's row and the pure rules: reading the one into the other and back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from hub.calendars.errors import NoWorkingTimeLeft
from hub.calendars.working_time import WorkingTime
from hub.sla.deadlines import ClockState, Pause, due_at, next_action, spent
from hub.sla.levels import BREACHED, Rung
from hub.sla.models import ClockColumns


def state_of(clock: ClockColumns) -> ClockState:
    """A counted clock as the rules see it.

    Raises `ValueError` for a clock taken over with its deadline: it has no target to count.
    """
    if clock.target is None:
        raise ValueError("a clock taken over from elsewhere is not counted")
    return ClockState(
        started_at=clock.started_at,
        target=clock.target,
        pauses=tuple(
            Pause(_moment(since), _moment(until) if until else None, reason)
            for since, until, reason in clock.pauses
        ),
        met_at=clock.met_at,
        stopped_at=clock.stopped_at,
    )


def columns_of(
    calendar: WorkingTime,
    state: ClockState,
    ladder: Sequence[Rung],
    rungs_done: Collection[int],
    at: datetime,
    last_due: datetime,
) -> dict[str, Any]:
    """What is stored of a clock's state at a moment.

    While paused the deadline stays what it was last, and so it does on a calendar that has run out.
    """
    due = _unless_run_out(lambda: due_at(calendar, state)) or last_due
    held = state.open_pause
    return {
        "target": state.target,
        "due_at": due,
        "paused_at": held.since if held else None,
        "pauses": [
            [each.since.isoformat(), each.until.isoformat() if each.until else None, each.reason]
            for each in state.pauses
        ],
        "spent": spent(calendar, state, at),
        "reckoned_at": at,
        "met_at": state.met_at,
        "stopped_at": state.stopped_at,
        **rung_columns(calendar, state, ladder, rungs_done, due),
    }


def rung_columns(
    calendar: WorkingTime,
    state: ClockState,
    ladder: Sequence[Rung],
    rungs_done: Collection[int],
    due: datetime,
) -> dict[str, Any]:
    """What is stored of a clock's escalation: what fired, when the target was missed, and what comes next."""
    return {
        "rungs_done": sorted(rungs_done),
        "breached_at": due if BREACHED in rungs_done else None,
        "next_action_at": _unless_run_out(lambda: next_action(calendar, state, ladder, rungs_done)),
    }


def _unless_run_out(reckon: Callable[[], datetime | None]) -> datetime | None:
    """A reckoned instant; None on a calendar that ends before it, which must not stop the clock's other business."""
    try:
        return reckon()
    except NoWorkingTimeLeft:
        return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
