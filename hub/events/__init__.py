"""Facts: everything that can have happened on the hub, one class a fact; the journal keeps them, reactions read them."""

from __future__ import annotations

from hub.events.attachments import (
    AttachmentAdded,
    AttachmentCarried,
    AttachmentErased,
    AttachmentReady,
    AttachmentRefused,
    AttachmentUploaded,
)
from hub.events.cases import (
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseRested,
    CaseTakenUp,
    KeysThrottled,
)
from hub.events.clocks import (
    ClockMoved,
    RungReached,
)
from hub.events.event import (
    Event,
)
from hub.events.keys import (
    ApiKeyCreated,
    ApiKeyRevoked,
    ApiKeyRotated,
)
from hub.events.messages import (
    MessageGivenUp,
    MessagePromised,
    MessageSent,
)
from hub.events.people import (
    ContactVerified,
    PeopleJoined,
)
from hub.events.setting_up import (
    CalendarChanged,
    FormPublished,
    LookChanged,
    RoutingChanged,
    ServiceLevelsChanged,
    ServiceSaved,
)
from hub.events.tenants import (
    TenantProvisioned,
    TenantStateChanged,
)
from hub.events.tickets import (
    InformationAdded,
    NoteAdded,
    PriorityChanged,
    QuestionAnswered,
    QuestionAsked,
    ReplySent,
    StageEntered,
    TenantAdded,
    TicketArchived,
    TicketAssigned,
    TicketClosed,
    TicketForwarded,
    TicketImported,
    TicketJoined,
    TicketOpened,
    TicketRated,
    TicketRejected,
    TicketReleased,
    TicketReopened,
    TicketResolved,
    TicketRouted,
    TicketStarted,
    TicketTransferred,
    TicketWithdrawn,
    WaitingEnded,
    WaitingStarted,
)

__all__ = [
    "EVENTS",
    "ApiKeyCreated",
    "ApiKeyRevoked",
    "ApiKeyRotated",
    "AttachmentAdded",
    "AttachmentCarried",
    "AttachmentErased",
    "AttachmentReady",
    "AttachmentRefused",
    "AttachmentUploaded",
    "CalendarChanged",
    "CaseClosed",
    "CaseOpened",
    "CaseReopened",
    "CaseRested",
    "CaseTakenUp",
    "ClockMoved",
    "ContactVerified",
    "Event",
    "FormPublished",
    "InformationAdded",
    "KeysThrottled",
    "LookChanged",
    "MessageGivenUp",
    "MessagePromised",
    "MessageSent",
    "NoteAdded",
    "PeopleJoined",
    "PriorityChanged",
    "QuestionAnswered",
    "QuestionAsked",
    "ReplySent",
    "RoutingChanged",
    "RungReached",
    "ServiceLevelsChanged",
    "ServiceSaved",
    "StageEntered",
    "TenantAdded",
    "TenantProvisioned",
    "TenantStateChanged",
    "TicketArchived",
    "TicketAssigned",
    "TicketClosed",
    "TicketForwarded",
    "TicketImported",
    "TicketJoined",
    "TicketOpened",
    "TicketRated",
    "TicketRejected",
    "TicketReleased",
    "TicketReopened",
    "TicketResolved",
    "TicketRouted",
    "TicketStarted",
    "TicketTransferred",
    "TicketWithdrawn",
    "WaitingEnded",
    "WaitingStarted",
]

EVENTS: dict[str, type[Event]] = {event.kind: event for event in Event.__subclasses__()}
