"""People: citizens and businesses, known hub-wide; a tenant sees those its tickets show."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base


class Person(Base):
    """Somebody as they told it once; `joined_to` leads to who they turned out to be."""

    __tablename__ = "people"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    language: Mapped[str]
    phone: Mapped[str | None]
    phone_verified_at: Mapped[datetime | None]
    email: Mapped[str | None]
    email_verified_at: Mapped[datetime | None]
    joined_to: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_people_phone", "phone", postgresql_where=text("phone IS NOT NULL")),
        Index("ix_people_email", "email", postgresql_where=text("email IS NOT NULL")),
        # Not unique: a global unique constraint would tell a caller that a number is known to the hub.
        Index(
            "ix_people_verified_phone",
            "phone",
            postgresql_where=text("phone_verified_at IS NOT NULL"),
        ),
        Index(
            "ix_people_verified_email",
            "email",
            postgresql_where=text("email_verified_at IS NOT NULL"),
        ),
        Index(None, "joined_to"),
    )
