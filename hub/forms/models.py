"""Forms and their versions; an answer keeps the version it was given to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base, TenantOwned


class Form(TenantOwned, Base):
    """One form of a tenant; `version` is the one asked now."""

    __tablename__ = "forms"

    code: Mapped[str]
    version: Mapped[int]

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )


class FormVersion(Base):
    """What a form asked from `published_at` on; never changed."""

    __tablename__ = "form_versions"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    form_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]

    __table_args__ = (ForeignKeyConstraint(["tenant_id", "form_id"], ["forms.tenant_id", "forms.id"]),)
