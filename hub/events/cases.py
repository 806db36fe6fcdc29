"""What happens to a case as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hub.events.event import Event


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A citizen's story began."""

    kind = "case.opened"
    channel: str


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    """No ticket of the case is open any more."""

    kind = "case.closed"


@dataclass(frozen=True, kw_only=True)
class CaseReopened(Event):
    """The case has an open ticket again."""

    kind = "case.reopened"


@dataclass(frozen=True, kw_only=True)
class CaseRested(Event):
    """The next step on every open ticket of the case is the citizen's; the case clock rests."""

    kind = "case.rested"


@dataclass(frozen=True, kw_only=True)
class CaseTakenUp(Event):
    """The next step is government's again; the case clock goes on."""

    kind = "case.taken_up"


@dataclass(frozen=True, kw_only=True)
class KeysThrottled(Event):
    """Too many wrong PINs for one case: no further one is looked at for a while."""

    kind = "case.keys_throttled"
    until: datetime
