"""The table of looks."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base


class LogoKind(StrEnum):
    """What a logo is; also the ending of its file's name."""

    SVG = "svg"
    PNG = "png"


class Look(Base):
    """A body's own colour and, if it has one, its logo, cleaned; `version` is a digest of both."""

    __tablename__ = "looks"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    colour: Mapped[str]
    logo_kind: Mapped[str | None]
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[str]
    saved_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name="colour"),
        CheckConstraint("logo_kind IN ('svg', 'png')", name="logo_kind"),
        CheckConstraint("(logo IS NULL) = (logo_kind IS NULL)", name="logo_has_a_kind"),
        CheckConstraint("octet_length(logo) <= 40000", name="logo"),
    )
