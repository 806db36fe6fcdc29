"""What every clock of a case must be, told from the journal alone: the facts, the promises, and the pure rules.

It shares nothing with the code that runs clocks: it reads facts in their order and keeps a state of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.calendars.working_time import WorkingTime
from hub.journal.models import Fact
from hub.sla.deadlines import ClockState, Pause, due_at, moved, next_action, rungs_due, spent
from hub.sla.levels import Rung

# The target, calendar and ladder in force for a kind of clock, given what is known of its ticket.
Promised = Callable[[str, "Told"], tuple[Any, WorkingTime, Sequence[Rung]]]


@dataclass
class ClockTold:
    """One clock as the facts tell it.

    `done` are the rungs that have fired and still count, `given_up` what it was counted by before it was moved last.
    """

    state: ClockState
    calendar: WorkingTime
    ladder: Sequence[Rung]
    due: datetime
    done: list[int] = field(default_factory=list)
    given_up: tuple[ClockState, WorkingTime, datetime] | None = None

    def columns(self, reckoned_at: datetime) -> dict[str, Any]:
        """What the clock's row must hold, if its spent time was last counted at a moment."""
        held = self.state.open_pause
        return {
            "target": self.state.target,
            "started_at": self.state.started_at,
            "due_at": self.due,
            "paused_at": held.since if held else None,
            "pauses": [(each.since, each.until, each.reason) for each in self.state.pauses],
            "spent": spent(self.calendar, self.state, reckoned_at),
            "met_at": self.state.met_at,
            "stopped_at": self.state.stopped_at,
            "breached_at": self.due if 100 in self.done else None,
            "rungs_done": self.done,
            "next_action_at": next_action(self.calendar, self.state, self.ladder, self.done),
        }

    def owed(self, at: datetime) -> list[int]:
        """The rungs that ought to have fired by now and have not."""
        return [rung.at for rung in rungs_due(self.calendar, self.state, self.ladder, self.done, at)]

    def rung(self, percent: int, at: datetime) -> None:
        """Hear that a rung fired: never twice, never early; by a promise just given up it counts no more."""
        assert percent not in self.done
        if percent in self._reached(self.state, self.calendar, at):
            self.done = sorted({*self.done, percent})
            return
        assert self.given_up is not None, f"the rung at {percent} fired early, at {at}"
        state, calendar, given_up_at = self.given_up
        assert given_up_at == at
        assert percent in self._reached(state, calendar, at)

    def _reached(self, state: ClockState, calendar: WorkingTime, at: datetime) -> list[int]:
        return [rung.at for rung in rungs_due(calendar, state, self.ladder, (), at)]

    def become(self, state: ClockState) -> None:
        """Take a new state."""
        self.state = state
        self.due = due_at(self.calendar, state) or self.due

    def hold(self, at: datetime, reason: str) -> None:
        """Stand still, unless it does already or is over."""
        if self.state.ended_at is None and self.state.open_pause is None:
            self.become(replace(self.state, pauses=(*self.state.pauses, Pause(at, None, reason))))

    def go_on(self, at: datetime) -> None:
        """Run again, if it stood still."""
        held = self.state.open_pause
        if self.state.ended_at is None and held is not None:
            closed = replace(held, until=at)
            self.become(replace(self.state, pauses=(*self.state.pauses[:-1], closed)))

    def end(self, at: datetime, *, met: bool) -> None:
        """Be over, met or without having been."""
        if self.state.ended_at is not None:
            return
        held = self.state.open_pause
        state = self.state
        if held is not None:
            state = replace(state, pauses=(*state.pauses[:-1], replace(held, until=at)))
        self.become(replace(state, met_at=at) if met else replace(state, stopped_at=at))

    def end_where_it_rested(self, at: datetime) -> None:
        """Be met at the moment it came to rest, or now if it did not."""
        held = self.state.open_pause
        if self.state.ended_at is None and held is not None:
            self.become(replace(self.state, pauses=self.state.pauses[:-1], met_at=held.since))
        else:
            self.end(at, met=True)

    def begin_again(self, at: datetime) -> None:
        """Run again after an end, the time between not counted."""
        ended = self.state.ended_at
        if ended is None:
            self.go_on(at)
            return
        reason = "resolved" if self.state.met_at is not None else "halted"
        pauses = (*self.state.pauses, Pause(ended, at, reason))
        self.become(replace(self.state, met_at=None, stopped_at=None, pauses=pauses))

    def count_anew(self, target: Any, calendar: WorkingTime, ladder: Sequence[Rung], at: datetime) -> None:
        """Be reckoned by another promise."""
        if self.state.ended_at is not None:
            return
        self.given_up = self.state, self.calendar, at
        after = moved(calendar, self.state, ladder, self.done, at, target=target)
        self.state, self.calendar, self.ladder = after.state, calendar, ladder
        self.due = after.due_at or self.due
        self.done = list(after.rungs_done)


@dataclass
class Told:
    """What the facts have told of one ticket."""

    tenant_id: UUID
    service_id: UUID
    priority: str
    handed_on: bool
    clocks: dict[str, ClockTold] = field(default_factory=dict)


@dataclass
class Story:
    """A case as its facts tell it, all tenants together."""

    promised: Promised
    tickets: dict[UUID, Told] = field(default_factory=dict)
    case: ClockTold | None = None

    def hear(self, facts: Sequence[Fact]) -> None:
        """Take in further facts, in the order in which they were written."""
        for fact in facts:
            self._hear(fact)

    def promises_changed(self, at: datetime) -> None:
        """Count every open clock by what is promised now: the job has run."""
        for ticket in self.tickets.values():
            for kind, clock in ticket.clocks.items():
                self._anew(clock, kind, ticket, at)
        opened_with = next((ticket for ticket in self.tickets.values() if not ticket.handed_on), None)
        if self.case is not None and opened_with is not None:
            self._anew(self.case, "case", opened_with, at)

    def _anew(self, clock: ClockTold, kind: str, ticket: Told, at: datetime) -> None:
        target, calendar, ladder = self.promised(kind, ticket)
        if (target, calendar, ladder) != (clock.state.target, clock.calendar, clock.ladder):
            clock.count_anew(target, calendar, ladder, at)

    def _hear(self, fact: Fact) -> None:
        if fact.kind == "clock.rung_reached":
            self._rung(fact)
        elif fact.kind.startswith("case."):
            self._of_case(fact)
        elif fact.kind == "ticket.opened":
            self._opened(fact)
        elif fact.ticket_id in self.tickets:
            self._of_ticket(fact, self.tickets[fact.ticket_id])

    def _rung(self, fact: Fact) -> None:
        kind, percent = fact.data["clock"], fact.data["percent"]
        clock = self.case if kind == "case" else self.tickets[_ticket(fact)].clocks[kind]
        assert clock is not None
        clock.rung(percent, fact.at)

    def _opened(self, fact: Fact) -> None:
        ticket = Told(
            fact.tenant_id,
            UUID(fact.data["service_id"]),
            fact.data["priority"],
            "handed_on_by" in fact.data,
        )
        self.tickets[_ticket(fact)] = ticket
        for kind in ("first_response", "resolution"):
            ticket.clocks[kind] = self._started(kind, ticket, fact.at)
        if not ticket.handed_on:
            self.case = self._started("case", ticket, fact.at)

    def _started(self, kind: str, ticket: Told, at: datetime) -> ClockTold:
        target, calendar, ladder = self.promised(kind, ticket)
        state = ClockState(at, target)
        due = due_at(calendar, state)
        assert due is not None
        return ClockTold(state, calendar, ladder, due)

    def _of_ticket(self, fact: Fact, ticket: Told) -> None:
        at = fact.at
        first, resolution = ticket.clocks["first_response"], ticket.clocks["resolution"]
        both = (first, resolution)
        if fact.kind == "ticket.priority_changed":
            ticket.priority = fact.data["priority"]
            for kind, clock in ticket.clocks.items():
                self._anew(clock, kind, ticket, at)
            if not ticket.handed_on and self.case is not None:
                self._anew(self.case, "case", ticket, at)
        elif fact.kind == "ticket.reply_sent":
            first.end(at, met=True)
        elif fact.kind == "ticket.question_asked":
            first.end(at, met=True)
            resolution.hold(at, "citizen")
        elif fact.kind == "ticket.waiting_started":
            resolution.hold(at, "external")
        elif fact.kind in ("ticket.question_answered", "ticket.waiting_ended"):
            resolution.go_on(at)
        elif fact.kind in _ENDS:
            for clock in both:
                clock.end(at, met=_ENDS[fact.kind])
        elif fact.kind in ("ticket.reopened", "ticket.released"):
            resolution.begin_again(at)
            if first.state.met_at is None:
                first.begin_again(at)
            for kind, clock in ticket.clocks.items():
                self._anew(clock, kind, ticket, at)

    def _of_case(self, fact: Fact) -> None:
        acts: Mapping[str, Callable[[ClockTold], None]] = {
            "case.rested": lambda clock: clock.hold(fact.at, "citizen"),
            "case.taken_up": lambda clock: clock.go_on(fact.at),
            "case.closed": lambda clock: clock.end_where_it_rested(fact.at),
            "case.reopened": lambda clock: clock.begin_again(fact.at),
        }
        if self.case is not None and fact.kind in acts:
            acts[fact.kind](self.case)
        if self.case is not None and fact.kind == "case.reopened":
            opened_with = next(ticket for ticket in self.tickets.values() if not ticket.handed_on)
            self._anew(self.case, "case", opened_with, fact.at)


# Whether the clocks of a ticket that ends like this are met, or lose their purpose.
_ENDS = {
    "ticket.resolved": True,
    "ticket.rejected": True,
    "ticket.transferred": False,
    "ticket.joined": False,
    "ticket.archived": False,
    "ticket.withdrawn": False,
    "ticket.closed": False,
}


def _ticket(fact: Fact) -> UUID:
    assert fact.ticket_id is not None
    return fact.ticket_id
