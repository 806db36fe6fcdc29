"""The tables of cases, the keys to them, tickets and what is written on them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from hub.tickets.lifecycle import ENDED, Closure, Status, WaitingOn
from hub.vocabulary import Channel, Kind, Priority
from tenants.database import Base, TenantOwned
from tenants.models import one_of

# Spelt out in SQL, alike in the index of open tickets and in the lists that are read from it; line by line as PostgreSQL
# gives it back.
AT_HAND = f"tickets.status NOT IN ({', '.join(sorted(repr(status.value) for status in ENDED))})"
URGENCY = """CASE tickets.priority
    WHEN 'urgent' THEN 0
    WHEN 'high' THEN 1
    WHEN 'normal' THEN 2
    ELSE 3
END"""


class Case(Base):
    """A citizen's story under its public number; what was said stands on the tickets of the tenants concerned.

    `open_tickets` counts tickets that have not ended; `at_work` those whose next step is not the citizen's.
    """

    __tablename__ = "cases"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    language: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    open_tickets: Mapped[int]
    at_work: Mapped[int]

    __table_args__ = (
        one_of("channel", Channel),
        CheckConstraint("open_tickets >= 0 AND at_work BETWEEN 0 AND open_tickets", name="counts"),
    )


class CaseTenant(Base):
    """That a tenant is concerned by a case: without this row it can neither see the case nor hold a ticket on it."""

    __tablename__ = "case_tenants"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)

    __table_args__ = (Index(None, "case_id"),)


class CaseKey(Base):
    """Who opened a case and what opens it for them; no tenant ever reads this."""

    __tablename__ = "case_keys"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    confidential: Mapped[bool]
    pin_digest: Mapped[bytes] = mapped_column(LargeBinary)
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary)


class KeyAttempts(Base):
    """Wrong PINs tried for one number, whether or not a case has it: the throttle must not tell which do.

    The hub's own rows (`tenant_id` is the hub's), kept until `forgotten_at`.
    """

    __tablename__ = "key_attempts"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    forgotten_at: Mapped[datetime]

    __table_args__ = (Index(None, "tenant_id", "forgotten_at"),)


class Ticket(TenantOwned, Base):
    """One tenant's piece of work on a case."""

    __tablename__ = "tickets"

    case_id: Mapped[UUID]
    case_number: Mapped[str]
    # Who asked; empty when they asked to be kept confidential from this tenant, or never said.
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    confidential: Mapped[bool]
    service_id: Mapped[UUID]
    kind: Mapped[str]
    priority: Mapped[str]
    channel: Mapped[str]
    # The channel in the words of the system a ticket was imported from.
    channel_label: Mapped[str | None]
    language: Mapped[str]

    status: Mapped[str]
    waiting_on: Mapped[str | None]
    closure: Mapped[str | None]
    stage: Mapped[str | None]
    team_id: Mapped[UUID | None]
    assignee_id: Mapped[UUID | None]
    # Which routing rule chose the team, and by what, in both languages.
    routed_by: Mapped[dict[str, Any] | None]

    subject: Mapped[str]
    description: Mapped[str]
    form_id: Mapped[UUID | None]
    form_version: Mapped[int | None]
    answers: Mapped[dict[str, Any] | None]
    # What the citizen had answered another tenant before a transfer: [{"question": {ar, en}, "kind": "text",
    # "answer": ...}]; files are named by the ids of this tenant's copies.
    carried_answers: Mapped[list[Any] | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    governorate: Mapped[str | None]
    district: Mapped[str | None]
    address: Mapped[str | None]

    opened_at: Mapped[datetime]
    first_response_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    # When silence after "is it solved?" closes the ticket.
    silent_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopened: Mapped[int]
    main_ticket_id: Mapped[UUID | None]
    # The neighbours of a transfer stand in other tenants: names without a foreign key.
    handed_on_by: Mapped[UUID | None]
    handed_on_to: Mapped[UUID | None]
    source: Mapped[str | None]
    external_id: Mapped[str | None]
    version: Mapped[int]

    __table_args__ = (
        one_of("kind", Kind),
        one_of("priority", Priority),
        one_of("channel", Channel),
        one_of("status", Status),
        one_of("waiting_on", WaitingOn),
        one_of("closure", Closure),
        CheckConstraint("(status = 'waiting') = (waiting_on IS NOT NULL)", name="waiting"),
        CheckConstraint("NOT confidential OR person_id IS NULL", name="confidential_hides_person"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["case_tenants.tenant_id", "case_tenants.case_id"]),
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"]),
        ForeignKeyConstraint(["tenant_id", "team_id"], ["teams.tenant_id", "teams.id"]),
        ForeignKeyConstraint(["tenant_id", "assignee_id"], ["memberships.tenant_id", "memberships.user_id"]),
        ForeignKeyConstraint(
            ["tenant_id", "form_id", "form_version"],
            ["form_versions.tenant_id", "form_versions.form_id", "form_versions.version"],
        ),
        ForeignKeyConstraint(["tenant_id", "stage"], ["stages.tenant_id", "stages.code"]),
        ForeignKeyConstraint(["tenant_id", "main_ticket_id"], ["tickets.tenant_id", "tickets.id"]),
        UniqueConstraint("tenant_id", "source", "external_id"),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "opened_at", "id"),
        Index(
            "ix_tickets_at_hand",
            "tenant_id",
            text(f"(\n{URGENCY})"),
            "opened_at",
            "id",
            postgresql_where=text(AT_HAND),
        ),
        Index(
            "ix_tickets_near",
            "tenant_id",
            "service_id",
            "governorate",
            "opened_at",
            postgresql_where=text("NOT confidential"),
        ),
        Index(
            "ix_tickets_open_points",
            "tenant_id",
            "service_id",
            "latitude",
            postgresql_where=text(f"latitude IS NOT NULL AND NOT confidential AND {AT_HAND}"),
        ),
        Index("ix_tickets_person", "person_id", "tenant_id"),
        Index("ix_tickets_silent", "silent_at", postgresql_where=text("silent_at IS NOT NULL")),
        Index(
            "ix_tickets_duplicates",
            "tenant_id",
            "main_ticket_id",
            postgresql_where=text("main_ticket_id IS NOT NULL"),
        ),
    )


class EntryKind(StrEnum):
    """What is written on a ticket, and for whom: all but notes is between the citizen and the tenant."""

    NOTE = "note"
    REPLY = "reply"
    QUESTION = "question"
    ANSWER = "answer"
    INFORMATION = "information"


class Entry(TenantOwned, Base):
    """One thing written on a ticket."""

    __tablename__ = "ticket_entries"

    case_id: Mapped[UUID]
    ticket_id: Mapped[UUID]
    kind: Mapped[str]
    text: Mapped[str]
    author_kind: Mapped[str]
    author_id: Mapped[UUID | None]
    at: Mapped[datetime]
    # The question an answer belongs to.
    question_id: Mapped[UUID | None]

    __table_args__ = (
        one_of("kind", EntryKind),
        ForeignKeyConstraint(["tenant_id", "ticket_id"], ["tickets.tenant_id", "tickets.id"]),
        ForeignKeyConstraint(["tenant_id", "question_id"], ["ticket_entries.tenant_id", "ticket_entries.id"]),
        Index(None, "tenant_id", "ticket_id", "id"),
    )
