"""The tables of attached files, and of how much each tenant took in today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from hub.attachments.kinds import RefusedBecause
from tenants.database import Base, TenantOwned
from tenants.models import one_of


class AttachmentState(StrEnum):
    """Where a file stands: still arriving, being brought over from another body, being examined, to be had, not
    taken, or gone.
    """

    UPLOADING = "uploading"
    COPYING = "copying"
    SCANNING = "scanning"
    READY = "ready"
    REFUSED = "refused"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of an upload has arrived, in bytes: the next piece begins there."""

    received: int
    size: int


class FileNamed(TypedDict):
    """Which file of which ticket a fact is about, where it has come to a case and ticket yet."""

    tenant_id: UUID
    case_id: UUID | None
    ticket_id: UUID | None
    attachment_id: UUID


class Attachment(TenantOwned, Base):
    """One file of a tenant, from the first byte of its upload; its bytes lie in the store of files.

    The id is random through and through: a citizen who has not opened their case yet holds nothing else that makes
    an upload theirs. A file belongs to a case once a ticket claimed it, or from its beginning when it was uploaded
    by the case's own citizen. Of an erased file the row stays, without its name and digests.

    A case that is handed on takes the citizen's files along: the other tenant gets rows and bytes of its own, so that
    neither can take them from the other.
    """

    __tablename__ = "attachments"

    case_id: Mapped[UUID | None]
    ticket_id: Mapped[UUID | None]
    claimed_at: Mapped[datetime | None]
    # What it was sent with; a file that came with the case itself, or with its end, has none.
    entry_id: Mapped[UUID | None]
    # For staff's eyes only: attached to a note.
    internal: Mapped[bool]
    # Given by the citizen, or for them, and so going where their case goes.
    from_citizen: Mapped[bool]
    # The row that this one was copied from, and the first of them all; in other tenants, so without a foreign key.
    copied_from_tenant: Mapped[UUID | None]
    copied_from: Mapped[UUID | None]
    origin: Mapped[UUID | None]
    state: Mapped[str]
    name: Mapped[str | None]
    # As declared at the beginning of the upload, and how much of it has arrived.
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger)
    # Of the bytes as they were uploaded, while they are kept: [[offset, size, SHA-256 in hex], ...].
    pieces: Mapped[list[Any]]
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    media_type: Mapped[str | None]
    # Of the bytes as they are handed out; images are drawn anew.
    stored_size: Mapped[int | None] = mapped_column(BigInteger)
    stored_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    refused_because: Mapped[str | None]
    uploaded_by_kind: Mapped[str]
    uploaded_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    # When it became ready, refused or erased.
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("state", AttachmentState),
        one_of("refused_because", RefusedBecause),
        CheckConstraint("received BETWEEN 0 AND size AND size > 0", name="received"),
        CheckConstraint("(ticket_id IS NULL) = (claimed_at IS NULL)", name="claimed"),
        CheckConstraint("ticket_id IS NULL OR case_id IS NOT NULL", name="claimed_with_its_case"),
        CheckConstraint("entry_id IS NULL OR ticket_id IS NOT NULL", name="entry_of_its_ticket"),
        CheckConstraint("num_nulls(copied_from_tenant, copied_from, origin) IN (0, 3)", name="copied"),
        CheckConstraint("state <> 'copying' OR copied_from IS NOT NULL", name="copying"),
        CheckConstraint("(state = 'refused') = (refused_because IS NOT NULL)", name="refused"),
        CheckConstraint(
            "(state = 'ready') = (stored_sha256 IS NOT NULL AND stored_size IS NOT NULL)", name="ready"
        ),
        CheckConstraint("state = 'ready' OR stored_size IS NULL AND stored_sha256 IS NULL", name="stored"),
        CheckConstraint("state <> 'erased' OR name IS NULL AND sha256 IS NULL", name="erased"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        # Tickets stand above files in the code; that a claimed file has its ticket is the database's to keep.
        ForeignKeyConstraint(["tenant_id", "ticket_id"], ["tickets.tenant_id", "tickets.id"]),
        ForeignKeyConstraint(["tenant_id", "entry_id"], ["ticket_entries.tenant_id", "ticket_entries.id"]),
        Index(None, "tenant_id", "ticket_id", "id", postgresql_where=text("ticket_id IS NOT NULL")),
        Index(
            "ix_attachments_unclaimed",
            "created_at",
            postgresql_where=text("ticket_id IS NULL AND state <> 'erased'"),
        ),
    )

    @property
    def named(self) -> FileNamed:
        """The file as facts name it."""
        return {
            "tenant_id": self.tenant_id,
            "case_id": self.case_id,
            "ticket_id": self.ticket_id,
            "attachment_id": self.id,
        }

    @property
    def prefix(self) -> str:
        """What the keys of all its bytes in the store begin with."""
        return f"{self.tenant_id}/{self.id}"

    def piece_key(self, offset: int, sha256: str) -> str:
        """The key of one uploaded piece; other bytes at the same place have another, so nothing is ever overwritten."""
        return f"{self.prefix}/piece-{offset:012d}-{sha256[:_DIGITS]}"

    def file_key(self, sha256: bytes) -> str:
        """The key of the whole file as it is handed out."""
        return f"{self.prefix}/file-{sha256.hex()[:_DIGITS]}"

    def keys_kept(self) -> set[str]:
        """The keys of the bytes that belong to this row; whatever else lies under its prefix may go."""
        if self.state in (AttachmentState.UPLOADING, AttachmentState.SCANNING):
            return {self.piece_key(offset, sha256) for offset, _, sha256 in self.pieces}
        return {self.file_key(self.stored_sha256)} if self.stored_sha256 is not None else set()


_DIGITS = 32


class Allowance(Base):
    """How many bytes a tenant took in on the last day (UTC) that it took any."""

    __tablename__ = "attachment_allowances"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    day: Mapped[date]
    bytes: Mapped[int] = mapped_column(BigInteger)
