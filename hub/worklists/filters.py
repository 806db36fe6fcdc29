"""What a list of tickets is narrowed to, and the orders it can have."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from hub.codes import can_name
from hub.tickets.lifecycle import Status, WaitingOn
from hub.vocabulary import Channel, Kind, Priority


class SortBy(StrEnum):
    """What a list is ordered by."""

    OPENED = "opened"
    DUE = "due"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class Sort:
    """An order. What is equal in it is ordered by when it was opened, and by its id.

    By `DUE` and by `PRIORITY` what is still to be done comes first in both directions, and all else after it, newest
    first: a clock that has ended is due no more, and the end of a ticket is of no priority. Of equal priority the one
    that waits longest comes first when the most urgent do, and last otherwise.
    """

    by: SortBy = SortBy.OPENED
    descending: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilters:
    """What tickets have to be to stand in a list; None and nothing ask for nothing.

    Moments are aware; `opened_since` and `due_before` are as they say, `opened_until` is the first moment not asked
    for. Both filters of deadlines look at open tickets whose resolution clock runs: one that is paused has no deadline
    until it goes on. Codes that nothing is called by find nothing.
    """

    statuses: frozenset[Status] = frozenset()
    waiting_on: WaitingOn | None = None
    team: str | None = None
    assignee: UUID | None = None
    service: str | None = None
    kind: Kind | None = None
    priority: Priority | None = None
    governorate: str | None = None
    district: str | None = None
    channel: Channel | None = None
    opened_since: datetime | None = None
    opened_until: datetime | None = None
    due_before: datetime | None = None
    overdue: bool = False
    reopened: bool = False

    @property
    def can_match(self) -> bool:
        """Whether anything at all could be called as the filters say."""
        return all(
            can_name(code)
            for code in (self.team, self.service, self.governorate, self.district)
            if code is not None
        )

    def written(self) -> str:
        """The filters in one form, the same for the same filters: what a cursor is bound to."""
        return ";".join(f"{each.name}={_written(getattr(self, each.name))!r}" for each in fields(self))


def _written(value: object) -> str | list[str] | None:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return None if value is None else str(value)
