"""The table of ratings."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base


class Rating(Base):
    """A citizen's rating of one ticket; who they are stands nowhere in it."""

    __tablename__ = "ratings"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    stars: Mapped[int]
    comment: Mapped[str | None]
    rated_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        ForeignKeyConstraint(["tenant_id", "ticket_id"], ["tickets.tenant_id", "tickets.id"]),
    )
