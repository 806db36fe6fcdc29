"""What clients were promised: every act that was acknowledged, to be compared with the database afterwards."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from tests.world import Agency


@dataclass
class Told:
    """One case and its ticket as its client knows them: how often each fact about the ticket must stand written."""

    agency: Agency
    number: str
    ticket_id: UUID
    facts: Counter[str] = field(default_factory=Counter)
    status: str = "received"
    main: UUID | None = None
    # By what the citizen comes back: the case itself within the hub, the secret of its link from outside.
    case_id: UUID | None = None
    secret: str = ""


def opened_now(
    agency: Agency, number: str, ticket_id: UUID, *, case_id: UUID | None = None, secret: str = ""
) -> Told:
    """A case that has just been opened."""
    facts = Counter({"ticket.opened": 1, "ticket.routed": 1})
    return Told(agency, number, ticket_id, facts, case_id=case_id, secret=secret)


@dataclass
class Ledger:
    """What all clients of a run were told, and how many commits had an outcome that they had to look up."""

    told: dict[UUID, Told] = field(default_factory=dict)
    looked_up: int = 0
    retried: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def opened(self, told: Told) -> Told:
        """A case that was acknowledged, or found to be there after all."""
        with self._lock:
            self.told[told.ticket_id] = told
        return told

    def uncertain(self) -> None:
        """A commit whose answer never came."""
        with self._lock:
            self.looked_up += 1

    def tried_again(self, why: str) -> None:
        """An act that the database broke off."""
        with self._lock:
            self.retried[why] += 1
