"""The words that tickets are found by."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base


class TicketWords(Base):
    """The words of a ticket's subject and description in the one spelling that searches use; see docs/decisions/0022.

    The database alone writes it, with the ticket, and shows it to the search that it answers, by
    `tickets_with_words`.
    """

    __tablename__ = "ticket_words"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    # As the ticket's; in the key, so that the newest are found first.
    opened_at: Mapped[datetime] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    words: Mapped[str] = mapped_column(TSVECTOR)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "ticket_id"], ["tickets.tenant_id", "tickets.id"]),
        Index(
            "ix_ticket_words_words",
            "words",
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": "1024"},
        ),
    )
