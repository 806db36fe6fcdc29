"""The doors to calendars: the one in force, and the one a deadline was counted on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, tuple_

from hub.calendars.models import Calendar, CalendarVersion
from hub.calendars.working_time import WorkingTime, working_time
from tenants.context import Context
from tenants.errors import NotFound
from tenants.ids import HUB

# The calendar's tenant, the calendar and its version.
Version = tuple[UUID, UUID, int]


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


def calendar_versions(context: Context, wanted: Collection[Version]) -> dict[Version, CalendarInForce]:
    """Calendars of the context's tenants or of the hub as they were in some version, for deadlines counted on them.

    Raises `NotFound` when one of them is not there.
    """
    if not {tenant_id for tenant_id, _, _ in wanted} <= context.tenants | {HUB}:
        raise NotFound(field="calendar")
    key = (CalendarVersion.tenant_id, CalendarVersion.calendar_id, CalendarVersion.version)
    rows = context.session.scalars(
        select(CalendarVersion).where(
            CalendarVersion.tenant_id.in_({tenant_id for tenant_id, _, _ in wanted}),
            tuple_(*key).in_(wanted),
        )
    )
    found = {(row.tenant_id, row.calendar_id, row.version): read_calendar(row) for row in rows}
    if found.keys() != set(wanted):
        raise NotFound(field="calendar")
    return found


def read_calendar(row: CalendarVersion) -> CalendarInForce:
    """A stored version of a calendar as deadlines are counted on it."""
    holidays = tuple(date.fromisoformat(day) for day in row.holidays)
    return CalendarInForce(row.calendar_id, row.version, working_time(row.opening_hours, holidays, row.zone))


def _found(row: CalendarVersion | None) -> CalendarInForce:
    if row is None:
        raise NotFound(field="calendar")
    return read_calendar(row)
