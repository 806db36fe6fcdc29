"""What the API tells back that no page of a case shows: receipts, uploads, and the catalogue."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from hub.attachments.kinds import RefusedBecause
from hub.attachments.models import AttachmentState
from hub.stories.views import Named, View
from hub.vocabulary import Kind, Priority


class OpenedCase(View):
    """What the citizen takes home; PIN and secret are shown this once and kept nowhere."""

    number: Annotated[str, Field(description="Ten digits, the last one a check digit.")]
    pin: Annotated[str, Field(description="Six digits that open the case together with its number.")]
    secret: Annotated[str, Field(description="What opens the case in a link.")]
    ticket_id: UUID


class HandedOn(View):
    """The ticket that was handed on, and the one that the other body got."""

    ticket_id: UUID
    version: int
    opened_ticket_id: UUID


class TenantView(View):
    """A body on the hub."""

    code: str
    name: str
    short_name: str
    about: str
    zone: Annotated[str, Field(description="Its time zone, a name of the IANA database.")]


class Tenants(View):
    """The bodies that work on the hub, by their codes."""

    tenants: list[TenantView]


class ServiceListed(View):
    """A service as a list shows it."""

    code: str
    name: str
    description: str
    kind: Kind
    service_class: Named | None
    life_events: list[str]
    confidential_allowed: bool


class Services(View):
    """What a body offers, by its services' codes."""

    services: list[ServiceListed]


class ServiceView(ServiceListed):
    """A service with its form."""

    priority: Priority
    form_version: int | None
    form: Annotated[
        dict[str, Any] | None,
        Field(
            description="JSON Schema 2020-12 of the answers, labels in the reader's language; none asks nothing."
        ),
    ]


class UploadBegun(View):
    """An upload that waits for its pieces."""

    id: UUID
    name: str
    size: int
    most_bytes_per_piece: int


class UploadProgress(View):
    """How many bytes have arrived: the next piece begins there."""

    received: int
    size: int


class PhotoPlaceView(View):
    """Where a photo says it was taken; kept nowhere unless the citizen gives it as the place."""

    latitude: float
    longitude: float


class UploadDone(View):
    """A file that has arrived whole."""

    id: UUID
    name: str
    state: AttachmentState
    refused_because: RefusedBecause | None
    place: PhotoPlaceView | None


class LinkView(View):
    """An address that gives one file to whoever holds it, for a short while."""

    path: str
    expires_at: datetime
