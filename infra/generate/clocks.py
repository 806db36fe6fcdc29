"""Clocks of generated tickets, turned by what happens as the hub's own are, and written down as of the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hub.sla.access import Counting
from hub.sla.actions.running import CITIZEN, EXTERNAL, HALTED, RESOLVED
from hub.sla.deadlines import ClockState, Pause, due_at, pause, resume, rungs_due, spent
from hub.sla.levels import ClockKind, Rung
from hub.sla.rows import columns_of

_WHOLE = 100
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reached:
    """A rung that a clock reached, when, and the deadline it then had."""

    rung: Rung
    at: datetime
    due: datetime


@dataclass(slots=True)
class RunningClock:
    """One clock as it runs; a turn that means nothing to it any more changes nothing."""

    kind: ClockKind
    counting: Counting
    state: ClockState
    reckoned_at: datetime

    @classmethod
    def started(cls, kind: ClockKind, counting: Counting, at: datetime) -> RunningClock:
        """A fresh clock."""
        return cls(kind, counting, ClockState(at, counting.choice.target), at)

    def pause(self, at: datetime, reason: str) -> None:
        """Let it rest."""
        if self.state.ended_at is None and self.state.open_pause is None:
            self._turn(at, pause(self.state, at, reason))

    def resume(self, at: datetime) -> None:
        """Let it go on."""
        if self.state.ended_at is None and self.state.open_pause is not None:
            self._turn(at, resume(self.state, at))

    def meet(self, at: datetime) -> None:
        """What was promised is done."""
        if self.state.ended_at is None:
            self.resume(at)
            self._turn(at, replace(self.state, met_at=at))

    def halt(self, at: datetime) -> None:
        """It lost its purpose."""
        if self.state.ended_at is None:
            self.resume(at)
            self._turn(at, replace(self.state, stopped_at=at))

    def end_with_case(self, at: datetime) -> None:
        """The case is closed: met when government was last done, which is when the clock began to rest."""
        held = self.state.open_pause
        if held is None or self.state.ended_at is not None:
            self.meet(at)
        else:
            self._turn(at, replace(self.state, pauses=self.state.pauses[:-1], met_at=held.since))

    def rerun(self, at: datetime) -> None:
        """It is needed again; the time since it ended is not counted."""
        state, ended = self.state, self.state.ended_at
        if ended is None:
            self.resume(at)
            return
        rested = Pause(ended, at, RESOLVED if state.met_at is not None else HALTED)
        self._turn(at, replace(state, met_at=None, stopped_at=None, pauses=(*state.pauses, rested)))

    def rest_for_citizen(self, at: datetime) -> None:
        """The next step on the whole case is the citizen's."""
        self.pause(at, CITIZEN)

    def reached(self, until: datetime) -> list[Reached]:
        """The rungs that had been fired by a moment."""
        working, state = self.counting.calendar.working, self.state
        ladder = self.counting.choice.level.ladder
        if spent(working, state, until) < _share(state.target, ladder[0]):
            return []
        found = []
        for rung in rungs_due(working, state, ladder, (), until):
            at = due_at(working, replace(state, target=_share(state.target, rung)))
            if at is not None:
                found.append(Reached(rung, at, self._due_as_of(at)))
        return found

    def columns(self, reached: list[Reached]) -> dict[str, Any]:
        """What the clock's row says after these rungs."""
        level, calendar = self.counting.choice.level, self.counting.calendar
        done = [each.rung.at for each in reached]
        return {
            "kind": self.kind.value,
            "level_tenant": level.tenant_id,
            "level_id": level.id,
            "calendar_version": calendar.version,
            "started_at": self.state.started_at,
            **columns_of(
                calendar.working, self.state, level.ladder, done, self.reckoned_at, self._last_due()
            ),
        }

    def _last_due(self) -> datetime:
        """The deadline that a resting clock keeps; of one that runs, its deadline."""
        held = self.state.open_pause
        return self._due_as_of(held.since) if held else self.state.started_at

    def _due_as_of(self, at: datetime) -> datetime:
        earlier = tuple(each for each in self.state.pauses if each.until is not None and each.until <= at)
        state = replace(self.state, pauses=earlier, met_at=None, stopped_at=None)
        return due_at(self.counting.calendar.working, state) or at

    def _turn(self, at: datetime, state: ClockState) -> None:
        self.state, self.reckoned_at = state, at


class TicketClocks:
    """The clocks of one ticket: first response and resolution, where they are promised."""

    def __init__(self, counting: Mapping[ClockKind, Counting], at: datetime) -> None:
        self.counting = counting
        self.running = {
            kind: RunningClock.started(kind, counting[kind], at)
            for kind in (ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION)
            if kind in counting
        }

    def of_case(self, at: datetime) -> RunningClock | None:
        """The citizen's clock, which starts with a case's first ticket."""
        counting = self.counting.get(ClockKind.CASE)
        return RunningClock.started(ClockKind.CASE, counting, at) if counting else None

    def meet_first_response(self, at: datetime) -> None:
        """The citizen heard from the body."""
        if ClockKind.FIRST_RESPONSE in self.running:
            self.running[ClockKind.FIRST_RESPONSE].meet(at)

    def wait_for_answer(self, at: datetime) -> None:
        """The citizen was asked something."""
        self.meet_first_response(at)
        self._pause(at, CITIZEN)

    def wait_for_others(self, at: datetime) -> None:
        """Somebody outside the hub has the next step."""
        self._pause(at, EXTERNAL)

    def resume(self, at: datetime) -> None:
        """The body has the next step again."""
        for clock in self.running.values():
            clock.resume(at)

    def meet_all(self, at: datetime) -> None:
        """The citizen was answered for good."""
        for clock in self.running.values():
            clock.meet(at)

    def halt_all(self, at: datetime) -> None:
        """Nothing is promised for the ticket any more."""
        for clock in self.running.values():
            clock.halt(at)

    def rerun(self, at: datetime) -> None:
        """The ticket is the body's again; a first response that was given stays given."""
        for kind, clock in self.running.items():
            if kind is not ClockKind.FIRST_RESPONSE or clock.state.met_at is None:
                clock.rerun(at)

    def _pause(self, at: datetime, reason: str) -> None:
        if ClockKind.RESOLUTION in self.running:
            self.running[ClockKind.RESOLUTION].pause(at, reason)


def _share(target: timedelta, rung: Rung) -> timedelta:
    return max(target * rung.at // _WHOLE, _INSTANT)
