"""What happens to one tenant's piece of work on a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.events.event import Event
from tenants.languages import Text


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
    """The ticket tells of the same thing as another of this tenant and follows it from now on.

    `themselves` where its citizen asked for that, and no member of staff compared the two.
    """

    kind = "ticket.joined"
    main_ticket: UUID
    themselves: bool | None = None


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
class TicketRated(Event):
    """The citizen rated how it was dealt with; their words stay out of the journal."""

    kind = "ticket.rated"
    stars: int
    changed: bool


@dataclass(frozen=True, kw_only=True)
class TicketImported(Event):
    """A ticket of an older system was taken over with its own times."""

    kind = "ticket.imported"
    source: str
    external_id: str
