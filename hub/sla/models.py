"""Service levels and running clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Interval, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.vocabulary import Priority
from tenants.database import Base, TenantOwned
from tenants.models import one_of


class ServiceLevelRow(TenantOwned, Base):
    """Targets of a tenant for one service, one priority or all; a change writes new rows and retires these."""

    __tablename__ = "service_levels"

    version: Mapped[int]
    service_id: Mapped[UUID | None]
    priority: Mapped[str | None]
    first_response: Mapped[timedelta | None] = mapped_column(Interval)
    resolution: Mapped[timedelta | None] = mapped_column(Interval)
    # The citizen's own clock, across transfers; only the hub sets it.
    case_target: Mapped[timedelta | None] = mapped_column(Interval)
    calendar_id: Mapped[UUID]
    ladder: Mapped[list[Any]]
    saved_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("priority", Priority),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(["tenant_id", "service_id"], ["services.tenant_id", "services.id"]),
        ForeignKeyConstraint(["tenant_id", "calendar_id"], ["calendars.tenant_id", "calendars.id"]),
        Index("ix_service_levels_in_force", "tenant_id", postgresql_where=text("retired_at IS NULL")),
    )


class ClockColumns:
    """What every running target holds, whether a ticket's or a case's.

    `level_tenant`, `level_id` and `calendar_version` name what it was counted by; a clock taken over from an older
    system has none of them, only its `due_at`. `due_at` keeps its last value while the clock is paused.
    """

    kind: Mapped[str]
    level_tenant: Mapped[UUID | None]
    level_id: Mapped[UUID | None]
    calendar_version: Mapped[int | None]
    target: Mapped[timedelta | None] = mapped_column(Interval)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    # Pauses as [since, until, reason], ISO moments in UTC; `until` is null in an open one, begun at `paused_at`.
    pauses: Mapped[list[Any]]
    # Working time used up at `reckoned_at`.
    spent: Mapped[timedelta] = mapped_column(Interval)
    # When the deadline and `spent` were last counted.
    reckoned_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    # Percentages of the ladder that have fired already, ascending.
    rungs_done: Mapped[list[Any]]
    next_action_at: Mapped[datetime | None]
    # Why the sweep could not reckon it, until it can: whoever mends the row has it looked at again in the next hour.
    trouble: Mapped[str | None]


class TicketClock(TenantOwned, ClockColumns, Base):
    """A tenant's target on one of its tickets: first response or resolution."""

    __tablename__ = "ticket_clocks"

    case_id: Mapped[UUID]
    ticket_id: Mapped[UUID]

    __table_args__ = (
        CheckConstraint("kind IN ('first_response', 'resolution')", name="kind"),
        ForeignKeyConstraint(["tenant_id", "ticket_id"], ["tickets.tenant_id", "tickets.id"]),
        Index("uq_ticket_clocks_kind", "tenant_id", "ticket_id", "kind", unique=True),
        Index("ix_ticket_clocks_next", "next_action_at", postgresql_where=text("next_action_at IS NOT NULL")),
        Index(
            "ix_ticket_clocks_open",
            "tenant_id",
            "kind",
            "due_at",
            "ticket_id",
            postgresql_where=text("met_at IS NULL AND stopped_at IS NULL"),
        ),
    )


class CaseClock(ClockColumns, Base):
    """The citizen's clock on a whole case; it survives transfers and belongs to no tenant."""

    __tablename__ = "case_clocks"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)

    __table_args__ = (
        CheckConstraint("kind = 'case'", name="kind"),
        Index("ix_case_clocks_next", "next_action_at", postgresql_where=text("next_action_at IS NOT NULL")),
    )
