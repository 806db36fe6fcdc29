"""Saving calendars: each change is a new version, so that old deadlines can still be explained."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import insert, select, update

from hub.calendars.models import Calendar, CalendarVersion
from hub.calendars.working_time import working_time
from hub.events import CalendarChanged
from hub.journal.actions import record
from tenants.context import Context
from tenants.ids import new_id
from tenants.languages import Text
from tenants.permissions import Permission
from tenants.set_up import wait_to_change_set_up


def save_calendar(
    context: Context,
    *,
    code: str,
    name: Text,
    opening_hours: str,
    holidays: Iterable[date],
    zone: str,
) -> UUID:
    """Save a calendar of the context's tenant under its code; open clocks on it are recomputed after commit.

    Saying what is already in force changes nothing. Gives the calendar's id. Raises `BrokenCalendar`.
    """
    tenant_id = context.tenant_id
    context.demand(Permission.CALENDARS_WRITE, tenant_id)
    days = tuple(sorted(set(holidays)))
    working_time(opening_hours, days, zone)
    session = context.session
    wait_to_change_set_up(context, tenant_id)
    said = {
        "opening_hours": opening_hours,
        "holidays": [day.isoformat() for day in days],
        "zone": zone,
    }
    calendar = session.scalar(
        select(Calendar)
        .where(Calendar.tenant_id == tenant_id, Calendar.code == code)
        .execution_options(populate_existing=True)
    )
    if calendar is None:
        calendar_id, version = new_id(), 1
        session.execute(
            insert(Calendar).values(tenant_id=tenant_id, id=calendar_id, code=code, name=name, version=1)
        )
    else:
        calendar_id, version = calendar.id, calendar.version + 1
        now = session.get_one(CalendarVersion, (tenant_id, calendar_id, calendar.version))
        if calendar.name == name and all(getattr(now, key) == value for key, value in said.items()):
            return calendar_id
        session.execute(
            update(Calendar)
            .where(Calendar.tenant_id == tenant_id, Calendar.id == calendar_id)
            .values(version=version, name=name)
        )
    session.execute(
        insert(CalendarVersion).values(
            tenant_id=tenant_id, calendar_id=calendar_id, version=version, saved_at=context.now, **said
        )
    )
    record(context, CalendarChanged(tenant_id=tenant_id, calendar_id=calendar_id, calendar_version=version))
    return calendar_id
