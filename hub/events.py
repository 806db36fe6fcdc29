"""Facts: everything that can have happened on the hub, one class a fact; the journal keeps them, reactions read them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from tenants.languages import Text

_COLUMNS = {"tenant_id", "case_id", "ticket_id", "version"}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One fact of one tenant; `version` is the ticket's version after it, where a ticket changed."""

    kind: ClassVar[str]
    tenant_id: UUID
    case_id: UUID | None = None
    ticket_id: UUID | None = None
    version: int | None = None

    def at_version(self, version: int) -> Self:
        """The same fact, with the ticket's version after it."""
        return replace(self, version=version)

    def data(self) -> dict[str, Any]:
        """What this kind of fact says beyond whose it is, ready for JSON; what is unknown is left out."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _COLUMNS}
        return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return {"ar": value.ar, "en": value.en}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


# The life of a case and its tickets.


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A citizen's story began."""

    kind = "case.opened"
    channel: str


@dataclass(frozen=True, kw_only=True)
class TicketOpened(Event):
    """A tenant got a piece of work: of a new case, or handed on by another tenant (`handed_on_by`)."""

    kind = "ticket.opened"
    service_id: UUID
    priority: str
    channel: str
    screened: bool
    handed_on_by: UUID | None = None
    imported: bool | None = None


@dataclass(frozen=True, kw_only=True)
class TicketRouted(Event):
    """A rule gave the ticket to a team; the reason is kept."""

    kind = "ticket.routed"
    team_id: UUID
    reason: Text
    position: int


@dataclass(frozen=True, kw_only=True)
class TicketForwarded(Event):
    """Screening let the ticket through to its team."""

    kind = "ticket.forwarded"
    team_id: UUID


@dataclass(frozen=True, kw_only=True)
class TicketArchived(Event):
    """Screening put the ticket aside: nothing is to be done."""

    kind = "ticket.archived"
    reason: str


@dataclass(frozen=True, kw_only=True)
class TicketRejected(Event):
    """The tenant will not take the ticket up, and said why to the citizen."""

    kind = "ticket.rejected"
    reason: str


@dataclass(frozen=True, kw_only=True)
class TicketAssigned(Event):
    """A team, and perhaps one of its members, has the ticket."""

    kind = "ticket.assigned"
    team_id: UUID
    assignee_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class TicketStarted(Event):
    """Somebody began to work on the ticket."""

    kind = "ticket.started"


@dataclass(frozen=True, kw_only=True)
class StageEntered(Event):
    """Work moved to one of the tenant's own stages."""

    kind = "ticket.stage_entered"
    stage: str


@dataclass(frozen=True, kw_only=True)
class PriorityChanged(Event):
    """The ticket is to be worked faster or slower than before."""

    kind = "ticket.priority_changed"
    priority: str
    before: str


@dataclass(frozen=True, kw_only=True)
class NoteAdded(Event):
    """Staff wrote something for each other."""

    kind = "ticket.note_added"
    entry_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReplySent(Event):
    """Staff wrote to the citizen."""

    kind = "ticket.reply_sent"
    entry_id: UUID


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Event):
    """Staff asked the citizen something; the tenant's clocks rest until the answer."""

    kind = "ticket.question_asked"
    entry_id: UUID


@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Event):
    """The citizen answered; the clocks go on."""

    kind = "ticket.question_answered"
    entry_id: UUID


@dataclass(frozen=True, kw_only=True)
class InformationAdded(Event):
    """The citizen added something unasked."""

    kind = "ticket.information_added"
    entry_id: UUID


@dataclass(frozen=True, kw_only=True)
class WaitingStarted(Event):
    """The ticket waits for somebody outside the hub; the tenant's clocks rest."""

    kind = "ticket.waiting_started"
    reason: str


@dataclass(frozen=True, kw_only=True)
class WaitingEnded(Event):
    """The outside was heard from, or staff went on without; the clocks go on."""

    kind = "ticket.waiting_ended"


@dataclass(frozen=True, kw_only=True)
class TicketTransferred(Event):
    """The ticket ended here and goes on in another tenant, on the same case."""

    kind = "ticket.transferred"
    to_tenant: UUID
    to_ticket: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class TenantAdded(Event):
    """Another tenant got a ticket of its own on this case; this one goes on."""

    kind = "ticket.tenant_added"
    to_tenant: UUID
    to_ticket: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class TicketJoined(Event):
    """The ticket tells of the same thing as another of this tenant and follows it from now on."""

    kind = "ticket.joined"
    main_ticket: UUID


@dataclass(frozen=True, kw_only=True)
class TicketReleased(Event):
    """The ticket follows no other any more and is screened anew."""

    kind = "ticket.released"


@dataclass(frozen=True, kw_only=True)
class TicketResolved(Event):
    """The tenant says it is solved; the citizen is asked."""

    kind = "ticket.resolved"
    resolution: str
    silent_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketClosed(Event):
    """The ticket is over: `closure` says whether the citizen confirmed, stayed silent or could not be reached.

    A ticket that an older system had closed has none: nobody knows whether its citizen was asked. `reason` says what
    was tried to reach the citizen.
    """

    kind = "ticket.closed"
    closure: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class TicketReopened(Event):
    """The citizen says it is not solved, and why."""

    kind = "ticket.reopened"
    reason: str


@dataclass(frozen=True, kw_only=True)
class TicketWithdrawn(Event):
    """The citizen took it back."""

    kind = "ticket.withdrawn"
    reason: str | None = None


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
class TicketImported(Event):
    """A ticket of an older system was taken over with its own times."""

    kind = "ticket.imported"
    source: str
    external_id: str


# People.


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


@dataclass(frozen=True, kw_only=True)
class KeysThrottled(Event):
    """Too many wrong PINs for one case: no further one is looked at for a while."""

    kind = "case.keys_throttled"
    until: datetime


# Clocks.


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


# What a tenant sets up.


@dataclass(frozen=True, kw_only=True)
class TenantProvisioned(Event):
    """A body came onto the hub."""

    kind = "tenant.provisioned"
    code: str


@dataclass(frozen=True, kw_only=True)
class TenantStateChanged(Event):
    """A body went live, was suspended or returned."""

    kind = "tenant.state_changed"
    state: str


@dataclass(frozen=True, kw_only=True)
class FormPublished(Event):
    """A form has a new version; answers given before keep theirs."""

    kind = "form.published"
    form_id: UUID
    form_version: int


@dataclass(frozen=True, kw_only=True)
class ServiceSaved(Event):
    """A service was added or changed."""

    kind = "service.saved"
    service_id: UUID


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(Event):
    """A calendar has a new version; open clocks on it are recomputed."""

    kind = "calendar.changed"
    calendar_id: UUID
    calendar_version: int


@dataclass(frozen=True, kw_only=True)
class ServiceLevelsChanged(Event):
    """The tenant's targets have a new version; open clocks are recomputed."""

    kind = "service_levels.changed"
    levels_version: int


@dataclass(frozen=True, kw_only=True)
class RoutingChanged(Event):
    """The tenant's routing rules have a new version; tickets routed before stay where they are."""

    kind = "routing.changed"
    rules_version: int


# The tenant's API keys. What opens them never comes here.


@dataclass(frozen=True, kw_only=True)
class ApiKeyCreated(Event):
    """Machines got a key to sign in with."""

    kind = "api_key.created"
    key_id: UUID
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ApiKeyRotated(Event):
    """A key got a successor that may do the same; the old one ends at `old_until`."""

    kind = "api_key.rotated"
    key_id: UUID
    successor_id: UUID
    expires_at: datetime
    old_until: datetime


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(Event):
    """A key opens nothing any more."""

    kind = "api_key.revoked"
    key_id: UUID


# Files. Neither their names nor what is in them come here.


@dataclass(frozen=True, kw_only=True)
class AttachmentUploaded(Event):
    """All bytes of a file have arrived; it is examined before anybody gets it."""

    kind = "attachment.uploaded"
    attachment_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttachmentReady(Event):
    """A file was examined and can be fetched."""

    kind = "attachment.ready"
    attachment_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttachmentRefused(Event):
    """A file is not taken, for a reason its sender is told."""

    kind = "attachment.refused"
    attachment_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class AttachmentAdded(Event):
    """A file became part of a ticket."""

    kind = "attachment.added"
    attachment_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttachmentErased(Event):
    """A file is gone: asked for, never finished, or never used."""

    kind = "attachment.erased"
    attachment_id: UUID
    reason: str


EVENTS: dict[str, type[Event]] = {event.kind: event for event in Event.__subclasses__()}
