"""The catalogue's tables: service classes, services, teams, team members and stages of work."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from hub.vocabulary import Kind, Priority
from tenants.database import Base, TenantOwned
from tenants.languages import Text
from tenants.models import one_of


class Line(StrEnum):
    """Which of the three lines of work a team stands in."""

    AGENT = "agent"
    FOLLOW_UP = "follow_up"
    FIELD = "field"


class Team(TenantOwned, Base):
    """People of a tenant who share work."""

    __tablename__ = "teams"

    code: Mapped[str]
    name: Mapped[Text]
    line: Mapped[str]

    __table_args__ = (
        one_of("line", Line),
        UniqueConstraint("tenant_id", "code"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )


class TeamMember(Base):
    """One member of a team; only a member of the tenant can be one."""

    __tablename__ = "team_members"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "team_id"], ["teams.tenant_id", "teams.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["memberships.tenant_id", "memberships.user_id"]),
    )


class ServiceClass(TenantOwned, Base):
    """The category a tenant shows a service under."""

    __tablename__ = "service_classes"

    code: Mapped[str]
    name: Mapped[Text]

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )


class Service(TenantOwned, Base):
    """One thing a citizen can ask a tenant for or complain about."""

    __tablename__ = "services"

    code: Mapped[str]
    kind: Mapped[str]
    class_id: Mapped[UUID | None]
    name: Mapped[Text]
    description: Mapped[Text]
    form_id: Mapped[UUID | None]
    # The team that gets what no routing rule sends elsewhere; without one, the rules' catch-all.
    team_id: Mapped[UUID | None]
    priority: Mapped[str]
    # Whether somebody looks at a new ticket before its team gets it.
    screened: Mapped[bool]
    confidential_allowed: Mapped[bool]
    # Whether people nearby are shown that it was reported, in numbers, and may join an open case.
    shared: Mapped[bool] = mapped_column(server_default=false())
    life_events: Mapped[list[Any]]
    outside_codes: Mapped[dict[str, Any]]
    words: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    # When a service is no longer offered; its old tickets stay.
    retired_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("kind", Kind),
        one_of("priority", Priority),
        UniqueConstraint("tenant_id", "code"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(["tenant_id", "class_id"], ["service_classes.tenant_id", "service_classes.id"]),
        ForeignKeyConstraint(["tenant_id", "form_id"], ["forms.tenant_id", "forms.id"]),
        ForeignKeyConstraint(["tenant_id", "team_id"], ["teams.tenant_id", "teams.id"]),
    )


class Stage(Base):
    """A step of a tenant's own inside the status `in_progress`; statuses themselves are the hub's."""

    __tablename__ = "stages"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[Text]
    position: Mapped[int]
