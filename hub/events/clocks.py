"""What becomes of deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.events.event import Event


@dataclass(frozen=True, kw_only=True)
class RungReached(Event):
    """A clock reached a rung of its escalation ladder; at 100 the target was missed."""

    kind = "clock.rung_reached"
    clock_id: UUID
    clock: str
    percent: int
    tells: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ClockMoved(Event):
    """A deadline changed because its calendar, service level or priority did."""

    kind = "clock.moved"
    clock_id: UUID
    clock: str
    why: str
    before: datetime | None = None
    after: datetime | None = None
