"""A case and its tickets as each audience reads them, in the reader's language; whatever is not here is not told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from hub.attachments.kinds import RefusedBecause
from hub.attachments.models import AttachmentState
from hub.sla.levels import ClockKind
from hub.sla.steps import StepKind
from hub.tickets.lifecycle import Closure, MoveName, Status, WaitingOn
from hub.tickets.models import EntryKind
from hub.vocabulary import Channel, Kind, Priority
from tenants.context import ActorKind


class View(BaseModel):
    """Something that is only read."""

    model_config = ConfigDict(frozen=True)


class Named(View):
    """Something of a body, by its code and by its name in the reader's language."""

    code: str
    name: str


class PersonNamed(View):
    """A member of staff."""

    id: UUID
    name: str


class PlaceView(View):
    """Where it is: coordinates in degrees (WGS 84), codes of governorate and district, an address in words."""

    latitude: float | None
    longitude: float | None
    governorate: str | None
    district: str | None
    address: str | None


class Answered(View):
    """One question of the form beside its answer, as it was asked then."""

    name: str
    question: str
    answer: Any


class FileView(View):
    """A file on a ticket; `size` in bytes."""

    id: UUID
    name: str
    state: AttachmentState
    media_type: str | None
    size: int
    uploaded_at: datetime
    refused_because: RefusedBecause | None
    reason: Annotated[str | None, Field(description="Why the file was refused, as a sentence.")]


class ClockView(View):
    """A deadline and how it stands; times of working hours in seconds."""

    kind: ClockKind
    started_at: datetime
    due_at: Annotated[datetime, Field(description="While paused, what it was before the pause.")]
    paused_since: datetime | None
    met_at: datetime | None
    stopped_at: datetime | None
    late: bool
    target_seconds: Annotated[
        float | None,
        Field(description="Working time promised; none for a deadline taken over from elsewhere."),
    ]
    spent_seconds: Annotated[float, Field(description="Working time used up when it was last counted.")]


class StepView(View):
    """One step of a deadline's reckoning, as a sentence and in figures."""

    kind: StepKind
    text: str
    first_day: date | None
    last_day: date | None
    counted_seconds: float
    total_seconds: float
    at: datetime | None


class ExplainedClock(ClockView):
    """A deadline with every step that led to it; none for a deadline taken over from elsewhere, which gave no reason."""

    steps: list[StepView]


class Contact(View):
    """Who asked, as they told it; a contact is verified when the channel has proved it."""

    name: str | None
    phone: str | None
    phone_verified: bool
    email: str | None
    email_verified: bool


class RatingView(View):
    """How the citizen rated a ticket; who they are stands elsewhere, or nowhere."""

    stars: Annotated[int, Field(description="From 1 to 5.")]
    comment: str | None
    rated_at: datetime
    changed_at: datetime | None


class StaffEntry(View):
    """One thing written on a ticket, as staff read it."""

    id: UUID
    kind: EntryKind
    text: str
    by: ActorKind
    author: PersonNamed | None
    at: datetime
    question_id: UUID | None


class StaffTicket(View):
    """A ticket as the staff of its body, and machines with their body's key, read it."""

    id: UUID
    case_number: str
    tenant: Named
    service: Named
    kind: Kind
    priority: Priority
    channel: Channel
    language: str
    status: Status
    status_name: str
    waiting_on: WaitingOn | None
    closure: Closure | None
    stage: Named | None
    team: Named | None
    assignee: PersonNamed | None
    routed_by: Annotated[str | None, Field(description="Why this team has it, as a sentence.")]
    confidential: bool
    citizen: Annotated[Contact | None, Field(description="Empty when confidential, or when nobody said.")]
    subject: str
    description: str
    answers: list[Answered]
    place: PlaceView
    opened_at: datetime
    first_response_at: datetime | None
    resolved_at: datetime | None
    resolution: str | None
    silent_at: Annotated[datetime | None, Field(description="When silence closes a resolved ticket.")]
    closed_at: datetime | None
    reopened: Annotated[int, Field(description="How many times the citizen reopened it.")]
    main_ticket_id: Annotated[UUID | None, Field(description="The ticket that this duplicate follows.")]
    handed_on_to: Annotated[str | None, Field(description="The code of the body it was transferred to.")]
    entries: list[StaffEntry]
    files: list[FileView]
    clocks: list[ClockView]
    rating: RatingView | None
    moves: Annotated[list[MoveName], Field(description="What this caller may do with it now.")]
    version: int


class FactView(View):
    """One fact of the journal about a ticket."""

    id: UUID
    at: datetime
    kind: str
    name: Annotated[str, Field(description="What happened, in the reader's language.")]
    by: ActorKind
    author: PersonNamed | None
    version: int | None
    data: dict[str, Any]


class History(View):
    """What happened to a ticket, oldest first."""

    facts: list[FactView]


class Clocks(View):
    """The deadlines of a ticket and why they are when they are."""

    clocks: list[ExplainedClock]


class CitizenEntry(View):
    """One thing said between the citizen and a body; who of the body said it is not told."""

    id: UUID
    kind: EntryKind
    text: str
    by_citizen: bool
    at: datetime
    question_id: UUID | None


class CitizenTicket(View):
    """One body's part in a case, as its citizen reads it."""

    id: UUID
    tenant: Named
    service: Named
    kind: Kind
    status: Status
    status_name: str
    waiting_for_you: Annotated[bool, Field(description="The body asked something and waits for the answer.")]
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str | None
    closes_itself_at: Annotated[datetime | None, Field(description="When silence will be taken for consent.")]
    closed_at: datetime | None
    entries: list[CitizenEntry]
    files: list[FileView]
    rating: RatingView | None
    may_rate: Annotated[
        bool, Field(description="Whether the citizen may rate it now, or change their rating.")
    ]
    moves: Annotated[list[MoveName], Field(description="What the citizen may do with it now.")]
    version: int


class CitizenCase(View):
    """A whole case as its citizen reads it."""

    number: str
    opened_at: datetime
    closed_at: datetime | None
    confidential: bool
    subject: str
    description: str
    answers: list[Answered]
    place: PlaceView
    promise: Annotated[
        ExplainedClock | None,
        Field(
            description="What the citizen is promised: the deadline of the bodies that have still to solve it, or"
            " the hub's own where that is sooner or where one of them promises nothing."
        ),
    ]
    tickets: list[CitizenTicket]
