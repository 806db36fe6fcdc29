"""Calendars: when a tenant works, in versions, so that each deadline can name the one it was counted on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base, TenantOwned
from tenants.languages import Text


class Calendar(TenantOwned, Base):
    """One calendar of a tenant; `version` is the one in force."""

    __tablename__ = "calendars"

    code: Mapped[str]
    name: Mapped[Text]
    version: Mapped[int]

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )


class CalendarVersion(Base):
    """What a calendar said from `saved_at` on: opening hours in OSM syntax, explicit holidays, a zone."""

    __tablename__ = "calendar_versions"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    calendar_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    opening_hours: Mapped[str]
    # ISO dates on which nobody works, sorted.
    holidays: Mapped[list[Any]]
    zone: Mapped[str]
    saved_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "calendar_id"], ["calendars.tenant_id", "calendars.id"]),
    )
