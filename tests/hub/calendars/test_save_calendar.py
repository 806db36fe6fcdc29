from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.calendars.access import calendar_in_force, calendar_versions
from hub.calendars.actions import save_calendar
from hub.calendars.errors import BrokenCalendar
from hub.calendars.models import CalendarVersion
from hub.journal.models import Fact, Job
from hub.reactions import MOVE_CLOCKS
from tenants.context import Context
from tenants.errors import NotAllowed, NotFound
from tenants.ids import HUB
from tenants.languages import Text
from tests.hub.tickets.refusals import refused
from tests.world import World

OFFICE: dict[str, Any] = {
    "code": "office",
    "name": Text(ar="مواعيد العمل", en="Office hours"),
    "opening_hours": "Su-Th 09:00-17:00",
    "holidays": (date(2026, 12, 1),),
    "zone": "Africa/Cairo",
}


def test_saying_what_is_in_force_already_changes_nothing(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        before = _jobs(context, world.water.id)
        calendar_id = save_calendar(context, **{**OFFICE, "holidays": [date(2026, 12, 1)] * 2})
        assert _versions(context, world.water.id, calendar_id) == [1]
        assert _jobs(context, world.water.id) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"opening_hours": "Su-Th 08:00-16:00"},
        {"holidays": ()},
        {"holidays": (date(2026, 12, 1), date(2026, 12, 2))},
        {"zone": "Europe/Berlin"},
    ],
)
def test_a_change_is_a_new_version_and_promises_to_count_the_clocks_anew(
    world: World, changes: dict[str, Any]
) -> None:
    with world.as_staff(world.water, "manager") as context:
        before = _jobs(context, world.water.id)
        calendar_id = save_calendar(context, **{**OFFICE, **changes})
        assert _versions(context, world.water.id, calendar_id) == [1, 2]
        assert calendar_in_force(context, world.water.id, calendar_id).version == 2
        (old,) = calendar_versions(context, [(world.water.id, calendar_id, 1)]).values()
        assert old.working != calendar_in_force(context, world.water.id, calendar_id).working
        assert len(_jobs(context, world.water.id)) == len(before) + 1
        fact = context.session.scalars(
            select(Fact)
            .where(Fact.tenant_id == world.water.id, Fact.kind == "calendar.changed")
            .order_by(Fact.id.desc())
        ).first()
        assert fact is not None
        assert fact.data == {"calendar_id": str(calendar_id), "calendar_version": 2}


@pytest.mark.parametrize(
    "changes",
    [
        {"opening_hours": "Su-Th 9 to 5"},
        {"opening_hours": ""},
        {"opening_hours": "off"},
        {"zone": "Africa/Nowhere"},
    ],
)
def test_a_broken_calendar_is_refused_with_its_place_and_changes_nothing(
    world: World, changes: dict[str, Any]
) -> None:
    with pytest.raises(BrokenCalendar) as caught, world.as_staff(world.water, "manager") as context:
        save_calendar(context, **{**OFFICE, **changes})
    assert caught.value.field
    with world.as_staff(world.water) as context:
        saved = context.session.scalars(
            select(CalendarVersion.version).where(CalendarVersion.tenant_id == world.water.id)
        )
        assert saved.all() == [1]


def test_only_those_who_keep_calendars_change_them(world: World) -> None:
    for who in ("agent", "officer", "field", "lead"):
        with refused(NotAllowed, None), world.as_staff(world.water, who) as context:
            save_calendar(context, **{**OFFICE, "holidays": ()})


def test_the_hubs_calendar_is_everybodys_to_read_and_another_tenants_is_nobodys(world: World) -> None:
    with world.as_system() as context:
        floor = save_calendar(context, **{**OFFICE, "holidays": ()})
    with world.as_staff(world.tax) as context:
        theirs = context.session.scalars(
            select(CalendarVersion.calendar_id).where(CalendarVersion.tenant_id == world.tax.id)
        ).one()
    with world.as_staff(world.water, "manager") as context:
        assert calendar_in_force(context, HUB, floor).version == 1
        for tenant_id in (world.tax.id, world.water.id, HUB):
            with refused(NotFound, "calendar"):
                calendar_in_force(context, tenant_id, theirs)
            with refused(NotFound, "calendar"):
                calendar_versions(context, [(tenant_id, theirs, 1)])


def _versions(context: Context, tenant_id: UUID, calendar_id: UUID) -> list[int]:
    return list(
        context.session.scalars(
            select(CalendarVersion.version)
            .where(CalendarVersion.tenant_id == tenant_id, CalendarVersion.calendar_id == calendar_id)
            .order_by(CalendarVersion.version)
        )
    )


def _jobs(context: Context, tenant_id: UUID) -> list[UUID]:
    return list(
        context.session.scalars(select(Job.id).where(Job.tenant_id == tenant_id, Job.task == MOVE_CLOCKS))
    )
