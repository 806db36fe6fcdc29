"""The table of messages."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base
from tenants.models import one_of


class Purpose(StrEnum):
    """What a message is for."""

    RECEIPT = "receipt"
    CODE = "code"


class MessageState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    LATE = "late"


class Message(Base):
    """One e-mail to one citizen, of the hub's own (`tenant_id` is the hub's): no body sees who is written to.

    `sealed` holds recipient and text and goes when it was sent or given up; the row stays, without any data of people.
    """

    __tablename__ = "messages"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    state: Mapped[str]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    promised_at: Mapped[datetime]
    # Past this it helps nobody any more.
    useful_until: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    # The mail server's status for one it refused for good, such as `550 5.1.1`.
    reason: Mapped[str | None]

    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("state", MessageState),
        CheckConstraint("(state = 'waiting') = (sealed IS NOT NULL)", name="content"),
        CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled"),
        Index(
            "ix_messages_waiting",
            "tenant_id",
            "useful_until",
            postgresql_where=text("state = 'waiting'"),
        ),
    )
