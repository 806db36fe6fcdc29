"""What callers send: every field named, unknown ones refused."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from hub.vocabulary import Channel, Priority

Code = Annotated[str, Field(max_length=100)]
Words = Annotated[str, Field(max_length=100_000)]
Ids = Annotated[list[UUID], Field(max_length=50)]


class Body(BaseModel):
    """Something that a caller asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PlaceGiven(Body):
    """Where it is; all of it may be left out, coordinates come in pairs."""

    latitude: Annotated[float | None, Field(strict=True, ge=-90, le=90, description="Degrees, WGS 84.")] = (
        None
    )
    longitude: Annotated[
        float | None, Field(strict=True, ge=-180, le=180, description="Degrees, WGS 84.")
    ] = None
    governorate: Annotated[str | None, Field(max_length=200, description="A code of the country's list.")] = (
        None
    )
    district: Annotated[str | None, Field(max_length=200)] = None
    address: Annotated[str | None, Field(max_length=500, description="In words.")] = None


class ReporterGiven(Body):
    """Who asks. Contacts are taken as they are told: none of them is proved by this."""

    name: Annotated[str | None, Field(max_length=200)] = None
    phone: Annotated[str | None, Field(max_length=60, examples=["01001234567"])] = None
    email: Annotated[str | None, Field(max_length=254, examples=["mona@example.org"])] = None


class CaseGiven(Body):
    """A new case, as its citizen tells it or somebody writes it down for them."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        json_schema_extra={
            "examples": [
                {
                    "service": "leak",
                    "description": "ماسورة مكسورة أمام المدرسة",
                    "answers": {"hazard": False},
                    "reporter": {"name": "منى", "phone": "01001234567"},
                }
            ]
        },
    )

    service: Annotated[Code, Field(description="The service's code.")]
    description: Annotated[Words, Field(description="What it is about, in the citizen's own words.")]
    subject: Annotated[str | None, Field(max_length=1_000)] = None
    answers: Annotated[
        dict[str, Any] | None, Field(description="To the service's form, as its JSON Schema says.")
    ] = None
    place: PlaceGiven | None = None
    reporter: ReporterGiven | None = None
    confidential: Annotated[
        bool, Field(strict=True, description="Keep the citizen's identity from the body.")
    ] = False
    attachments: Annotated[Ids, Field(description="Files uploaded before.")] = []
    channel: Annotated[
        Channel | None, Field(description="How the case came in; machines alone may say so.")
    ] = None
    priority: Annotated[Priority | None, Field(description="Machines alone may say so.")] = None


class NoMore(Body):
    """An act that needs no words."""


class TextGiven(Body):
    """Something written to the other side, perhaps with files."""

    text: Words
    attachments: Ids = []


class ReasonGiven(Body):
    """Why."""

    reason: Words


class ReasonPerhaps(Body):
    """Why, if the caller likes to say."""

    reason: Words | None = None


class ReopeningGiven(ReasonGiven):
    """Why it is not solved, perhaps with files that show it."""

    attachments: Ids = []


class AssignmentGiven(Body):
    """Who is to work on it."""

    team: Annotated[Code, Field(description="The team's code.")]
    assignee: Annotated[UUID | None, Field(description="A member of the team.")] = None


class StageGiven(Body):
    """One of the body's own stages of work."""

    stage: Annotated[Code, Field(description="The stage's code.")]


class PriorityGiven(Body):
    """How fast it is to be worked."""

    priority: Priority


class ResolutionGiven(Body):
    """What was done, told to the citizen."""

    resolution: Words
    attachments: Ids = []


class HandingOnGiven(ReasonGiven):
    """To which body and for which of its services, and why."""

    tenant: Annotated[Code, Field(description="The other body's code.")]
    service: Annotated[Code, Field(description="The code of one of its services.")]


class JoiningGiven(Body):
    """Which ticket tells of the same thing."""

    main_ticket: UUID


class UploadGiven(Body):
    """A file about to be sent in pieces."""

    name: Annotated[str, Field(max_length=1_000)]
    size: Annotated[int, Field(strict=True, ge=1, le=10**12, description="Bytes.")]


class UploadFinished(Body):
    """That all pieces were sent."""

    sha256: Annotated[str, Field(max_length=100, description="Of the whole file, in hex.")]
