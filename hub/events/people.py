"""What the hub learns of who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hub.events.event import Event


@dataclass(frozen=True, kw_only=True)
class ContactVerified(Event):
    """A person proved that a phone number or e-mail address is theirs."""

    kind = "person.contact_verified"
    person_id: UUID
    contact: str


@dataclass(frozen=True, kw_only=True)
class PeopleJoined(Event):
    """Two records were one person, by a verified contact."""

    kind = "person.joined"
    person_id: UUID
    joined_to: UUID
