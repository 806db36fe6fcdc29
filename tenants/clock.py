"""What time it is: the database's clock for real work, a virtual one for demonstrations and tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where a unit of work takes its time from, given the database's own at its start."""

    def read(self, database_time: datetime) -> datetime:
        """The time the unit of work happens at; aware, in UTC."""
        ...


class DatabaseClock:
    """The database's time, so that processes on machines with wrong clocks agree."""

    def read(self, database_time: datetime) -> datetime:
        """The database's time itself."""
        return database_time.astimezone(UTC)


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.moment = _aware(start)

    def read(self, database_time: datetime) -> datetime:
        """The virtual moment, whatever the database says."""
        return self.moment

    def move_to(self, moment: datetime) -> None:
        """Set the clock; never back.

        Raises `ValueError` for a moment before the present one.
        """
        if _aware(moment) < self.moment:
            raise ValueError("a virtual clock does not go back")
        self.moment = _aware(moment)

    def advance(self, by: timedelta) -> None:
        """Move the clock on by a span."""
        self.move_to(self.moment + by)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC)
