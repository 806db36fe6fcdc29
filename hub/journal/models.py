"""The journal's tables: facts, jobs promised by facts, and the seals that show tampering."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base, TenantOwned
from tenants.models import one_of


class Fact(TenantOwned, Base):
    """One fact, written in the transaction of the action that made it true; never changed."""

    __tablename__ = "journal"

    at: Mapped[datetime]
    kind: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None]
    ticket_id: Mapped[UUID | None]
    version: Mapped[int | None]
    data: Mapped[dict[str, Any]]
    # The writing transaction: tells the sealing job which facts can no longer be joined by earlier ones.
    written_by: Mapped[int] = mapped_column(
        BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint")
    )

    __table_args__ = (
        Index(None, "tenant_id", "ticket_id", "id"),
        Index(None, "tenant_id", "case_id", "id"),
        Index(None, "tenant_id", "written_by"),
    )


class JobState(StrEnum):
    """Whether a job is still being tried, or set aside for an operator."""

    WAITING = "waiting"
    FAILED = "failed"


class Job(TenantOwned, Base):
    """Work that a fact promised for after its commit; the row goes in the transaction that does the work."""

    __tablename__ = "jobs"

    task: Mapped[str]
    fact_id: Mapped[UUID]
    state: Mapped[str]
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    # When the relay hands it out (again); moved on at each handing out, in case the message or the worker is lost.
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str | None]

    __table_args__ = (
        one_of("state", JobState),
        ForeignKeyConstraint(["tenant_id", "fact_id"], ["journal.tenant_id", "journal.id"]),
        Index(
            "ix_jobs_waiting", "next_attempt_at", postgresql_where=text(f"state = '{JobState.WAITING.value}'")
        ),
    )


class Seal(Base):
    """A sealed batch of one tenant's facts: those written by transactions of `[from_writer, to_writer)`.

    `leaves` holds 32 bytes a fact, sorted by id: its id and the first half of its SHA-256; `digest` is the SHA-256
    of the previous seal's digest, what this one says of itself and the leaves, so that the seals form a chain.
    """

    __tablename__ = "journal_seals"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sealed_at: Mapped[datetime]
    from_writer: Mapped[int] = mapped_column(BigInteger)
    to_writer: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[int]
    leaves: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
