"""Routing rules of tenants, in versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base


class RoutingRules(Base):
    """A tenant's ordered rules from `saved_at` on; the highest version is in force, none is ever deleted."""

    __tablename__ = "routing_rules"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[list[Any]]
    saved_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(
            "jsonb_typeof(rules) = 'array'"
            """ AND jsonb_path_exists(rules, '$[last].catch_all ? (@.type() == "string")')""",
            name="ends_with_catch_all",
        ),
    )
