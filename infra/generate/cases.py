"""Generated cases: what citizens tell, what is said of a case, its counts and the citizen's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hub import events
from hub.events import Event
from hub.vocabulary import Channel, Priority
from infra.generate.clocks import RunningClock
from infra.generate.shape import id_at
from tenants.context import Actor
from tenants.languages import Language

if TYPE_CHECKING:
    from infra.generate.lives import TicketLife


@dataclass(frozen=True, slots=True)
class Told:
    """What a citizen tells, and how; `place` is by the ticket's columns."""

    subject: str
    description: str
    channel: Channel
    language: Language
    place: Mapping[str, Any]
    answers: dict[str, Any] | None
    priority: Priority
    confidential: bool
    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a case, before it is written down."""

    at: datetime
    actor: Actor
    event: Event


@dataclass(slots=True)
class CaseLife:
    """One case: what is said of it, its counts, and the citizen's clock."""

    number: str
    told: Told
    opened_at: datetime
    chance: Random
    id: UUID = field(init=False)
    closed_at: datetime | None = None
    open_tickets: int = 0
    at_work: int = 0
    clock: RunningClock | None = None
    tickets: list[TicketLife] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.id = id_at(self.opened_at, self.chance)

    def say(self, at: datetime, by: Actor, event: Event) -> None:
        """Keep a fact."""
        self.facts.append(Fact(at, by, event))

    def count(self, at: datetime, by: Actor, tenant_id: UUID, open_tickets: int, at_work: int) -> None:
        """Keep the counts, and let follow what they mean for the case as a whole."""
        if not open_tickets and not at_work:
            return
        was_open, was_at_work = self.open_tickets, self.at_work
        self.open_tickets += open_tickets
        self.at_work += at_work
        self.closed_at = None if self.open_tickets else at
        whose: dict[str, Any] = {"tenant_id": tenant_id, "case_id": self.id}
        turns: list[tuple[bool, type[Event], str]] = [
            (not was_open and self.open_tickets > 0, events.CaseReopened, "rerun"),
            (not was_at_work and self.at_work > 0, events.CaseTakenUp, "resume"),
            (was_at_work > 0 and not self.at_work, events.CaseRested, "rest_for_citizen"),
            (was_open > 0 and not self.open_tickets, events.CaseClosed, "end_with_case"),
        ]
        for happened, event, turn in turns:
            if happened:
                self.say(at, by, event(**whose))
                if self.clock is not None:
                    getattr(self.clock, turn)(at)
