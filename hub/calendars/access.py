"""The doors to calendars: the one in force, and the one a deadline was counted on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from hub.calendars.models import Calendar, CalendarVersion
from hub.calendars.working_time import WorkingTime, working_time
from tenants.context import Context
from tenants.errors import NotFound
from tenants.ids import HUB


@dataclass(frozen=True, slots=True)
class CalendarInForce:
    """A calendar's version and the working time it says."""

    calendar_id: UUID
    version: int
    working: WorkingTime


def calendar_in_force(context: Context, tenant_id: UUID, calendar_id: UUID) -> CalendarInForce:
    """The present version of a calendar of the tenant or of the hub's own.

    Raises `NotFound`.
    """
    row = context.session.execute(
        select(CalendarVersion)
        .join(
            Calendar,
            (Calendar.tenant_id == CalendarVersion.tenant_id)
            & (Calendar.id == CalendarVersion.calendar_id)
            & (Calendar.version == CalendarVersion.version),
        )
        .where(
            CalendarVersion.tenant_id == tenant_id,
            CalendarVersion.tenant_id.in_(context.tenants | {HUB}),
            CalendarVersion.calendar_id == calendar_id,
        )
    ).scalar_one_or_none()
    return _found(row)


def calendar_version(context: Context, tenant_id: UUID, calendar_id: UUID, version: int) -> CalendarInForce:
    """A calendar of the context's or of the hub's as it was in one version, for explaining a deadline counted on it.

    Raises `NotFound`.
    """
    if tenant_id not in context.tenants | {HUB}:
        raise NotFound(field="calendar")
    return _found(context.session.get(CalendarVersion, (tenant_id, calendar_id, version)))


def read_calendar(row: CalendarVersion) -> CalendarInForce:
    """A stored version of a calendar as deadlines are counted on it."""
    holidays = tuple(date.fromisoformat(day) for day in row.holidays)
    return CalendarInForce(row.calendar_id, row.version, working_time(row.opening_hours, holidays, row.zone))


def _found(row: CalendarVersion | None) -> CalendarInForce:
    if row is None:
        raise NotFound(field="calendar")
    return read_calendar(row)
