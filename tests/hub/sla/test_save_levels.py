"""Promises are saved whole or not at all: what is broken is refused with its place and reason."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.calendars.actions import save_calendar
from hub.calendars.errors import BrokenCalendar
from hub.journal.models import Fact
from hub.sla.actions import Promise, save_levels
from hub.sla.errors import (
    BrokenServiceLevel,
    CaseTargetIsTheHubs,
    NoGeneralLevel,
    TwoOfOneLevel,
    UnknownInLevel,
)
from hub.sla.levels import LONGEST_TARGET, Rung
from hub.sla.models import ServiceLevelRow
from hub.vocabulary import Priority
from tenants.errors import NotAllowed, Refusal
from tenants.languages import Language, Text
from tests.factories.clocks import HOUR
from tests.world import Agency, World

GENERAL = Promise(calendar="office", first_response=4 * HOUR, resolution=24 * HOUR)


def state_of(world: World, agency: Agency) -> tuple[list[Any], int]:
    """What a tenant promises, and how long its journal is."""
    with world.as_system(agency) as context:
        levels = context.session.execute(
            select(ServiceLevelRow.id, ServiceLevelRow.version, ServiceLevelRow.retired_at)
            .where(ServiceLevelRow.tenant_id == agency.id)
            .order_by(ServiceLevelRow.id)
        ).all()
        facts = context.session.scalar(
            select(func.count()).select_from(Fact).where(Fact.tenant_id == agency.id)
        )
        return [tuple(level) for level in levels], facts or 0


def refused(world: World, *promises: Promise) -> Refusal:
    """The refusal of promises of the water company, which changed nothing there or elsewhere."""
    before = [state_of(world, agency) for agency in (world.water, world.tax)]
    with pytest.raises(Refusal) as refusal, world.as_staff(world.water, "manager") as context:
        save_levels(context, promises)
    assert [state_of(world, agency) for agency in (world.water, world.tax)] == before
    return refusal.value


@pytest.mark.parametrize(
    ("promises", "kind", "field"),
    [
        ([], NoGeneralLevel, "service_levels"),
        ([Promise(calendar="office", resolution=HOUR)], NoGeneralLevel, "service_levels"),
        ([Promise(calendar="office", service="leak", resolution=HOUR)], NoGeneralLevel, "service_levels"),
        ([GENERAL, GENERAL], TwoOfOneLevel, "service_levels"),
        ([GENERAL, Promise(calendar="night", service="leak", resolution=HOUR)], UnknownInLevel, "calendar"),
        ([GENERAL, Promise(calendar="office", service="trees", resolution=HOUR)], UnknownInLevel, "service"),
        (
            [Promise(calendar="office", first_response=HOUR, resolution=HOUR, case=HOUR)],
            CaseTargetIsTheHubs,
            "service_levels",
        ),
        (
            [GENERAL, Promise(calendar="office", priority=Priority.LOW, resolution=timedelta(0))],
            BrokenServiceLevel,
            "resolution",
        ),
        (
            [GENERAL, Promise(calendar="office", priority=Priority.LOW, resolution=LONGEST_TARGET + HOUR)],
            BrokenServiceLevel,
            "resolution",
        ),
        (
            [Promise(calendar="office", first_response=5 * HOUR, resolution=4 * HOUR)],
            BrokenServiceLevel,
            "first_response",
        ),
        (
            [
                Promise(
                    calendar="office",
                    first_response=HOUR,
                    resolution=HOUR,
                    ladder=(Rung(80, "team_lead"), Rung(150, "manager")),
                )
            ],
            BrokenServiceLevel,
            "ladder",
        ),
    ],
)
def test_broken_promises_are_refused_and_change_nothing(
    world: World, promises: list[Promise], kind: type[Refusal], field: str
) -> None:
    refusal = refused(world, *promises)

    assert type(refusal) is kind
    assert refusal.field == field
    for language in Language:
        assert "{" not in refusal.sentence(language)


def test_a_refusal_names_the_place_and_the_reason_in_both_languages(world: World) -> None:
    refusal = refused(world, Promise(calendar="office", first_response=5 * HOUR, resolution=4 * HOUR))

    assert refusal.sentence(Language.ENGLISH) == (
        "The service level cannot be used; the fault is in the first-response target: "
        "it must not be longer than the resolution target."
    )
    assert "هدف أول رد" in refusal.sentence(Language.ARABIC)


def test_the_same_service_code_of_another_tenant_is_unknown(world: World) -> None:
    with world.as_staff(world.tax, "manager") as context:
        save_calendar(
            context,
            code="night",
            name=Text(ar="ليلًا", en="At night"),
            opening_hours="Mo-Su 20:00-06:00",
            holidays=(),
            zone="Africa/Cairo",
        )

    assert isinstance(
        refused(world, GENERAL, Promise(calendar="night", service="leak", resolution=HOUR)), UnknownInLevel
    )


def test_a_calendar_too_small_for_the_target_is_refused(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        save_calendar(
            context,
            code="rare",
            name=Text(ar="نادر", en="Rare"),
            opening_hours="Jan 01 09:00-10:00",
            holidays=(),
            zone="Africa/Cairo",
        )
    refusal = refused(world, GENERAL, Promise(calendar="rare", service="leak", resolution=30 * HOUR))

    assert refusal.field == "calendar"
    assert "45 working hours" in refusal.sentence(Language.ENGLISH)
    assert "45 ساعة" in refusal.sentence(Language.ARABIC)


@pytest.mark.parametrize(
    ("opening_hours", "holidays", "kind"),
    [
        ("Su-Th 09:00-", (), BrokenCalendar),
        ("off", (), BrokenCalendar),
        ("2026 Nov 22-2026 Nov 26 09:00-10:00", (), BrokenServiceLevel),
    ],
)
def test_a_calendar_that_the_promises_in_force_cannot_be_counted_on_is_refused(
    world: World, opening_hours: str, holidays: tuple[Any, ...], kind: type[Refusal]
) -> None:
    before = state_of(world, world.water)
    with pytest.raises(kind) as refusal, world.as_staff(world.water, "manager") as context:
        save_calendar(
            context,
            code="office",
            name=Text(ar="مواعيد العمل", en="Office hours"),
            opening_hours=opening_hours,
            holidays=holidays,
            zone="Africa/Cairo",
        )

    assert state_of(world, world.water) == before
    assert refusal.value.field in ("calendar", "opening_hours")


def test_each_save_is_a_new_version_of_the_whole(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        assert save_levels(context, [GENERAL]) == 2
        assert save_levels(context, [GENERAL]) == 2
        assert save_levels(context, [Promise(calendar="office", first_response=HOUR, resolution=HOUR)]) == 3

    levels, _ = state_of(world, world.water)
    assert [version for _, version, retired in levels if retired is None] == [3]
    # None is ever lost: old deadlines explain themselves by it.
    assert sorted(version for _, version, _ in levels) == [1, 1, 1, 2, 3]


@pytest.mark.parametrize("who", ["agent", "lead"])
def test_only_who_may_change_promises_can(world: World, who: str) -> None:
    with pytest.raises(NotAllowed), world.as_staff(world.water, who) as context:
        save_levels(context, [GENERAL])


def test_two_who_save_at_once_make_two_versions(own_world: World) -> None:
    def save(hours: int) -> Callable[[], int]:
        def run() -> int:
            with own_world.as_staff(own_world.water, "manager") as context:
                return save_levels(
                    context, [Promise(calendar="office", first_response=HOUR, resolution=hours * HOUR)]
                )

        return run

    with ThreadPoolExecutor(4) as pool:
        versions = [each.result(30) for each in [pool.submit(save(hours)) for hours in (2, 3, 4, 5)]]

    assert sorted(versions) == [2, 3, 4, 5]
    levels, _ = state_of(own_world, own_world.water)
    assert [version for _, version, retired in levels if retired is None] == [5]
