"""Which service level applies, and which ones are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.sla.errors import BrokenServiceLevel
from hub.sla.levels import (
    DEFAULT_LADDER,
    LONGEST_TARGET,
    ClockKind,
    Rung,
    ServiceLevel,
    Source,
    check_ladder,
    choose_level,
)
from hub.vocabulary import Priority
from tenants.languages import Language

HUB, WATER, POWER, LEAK, BILL, CALENDAR = (uuid4() for _ in range(6))
HOUR = timedelta(hours=1)


def level(tenant: UUID = WATER, **facts: Any) -> ServiceLevel:
    plain: dict[str, Any] = {
        "id": uuid4(),
        "version": 1,
        "tenant_id": tenant,
        "service_id": None,
        "priority": None,
        "first_response": HOUR,
        "resolution": 10 * HOUR,
        "calendar_id": CALENDAR,
    }
    return ServiceLevel(**(plain | facts))


LEVELS = {
    Source.SERVICE_AT_PRIORITY: level(service_id=LEAK, priority=Priority.URGENT),
    Source.SERVICE: level(service_id=LEAK),
    Source.TENANT_AT_PRIORITY: level(priority=Priority.URGENT),
    Source.TENANT: level(),
    Source.HUB_AT_PRIORITY: level(HUB, priority=Priority.URGENT, case=20 * HOUR),
    Source.HUB: level(HUB, case=40 * HOUR),
}
# None of these may ever apply to an urgent leak of the water company.
STRANGERS = (
    level(POWER, service_id=LEAK, priority=Priority.URGENT),
    level(POWER),
    level(service_id=BILL, priority=Priority.URGENT),
    level(service_id=LEAK, priority=Priority.LOW),
    level(priority=Priority.LOW),
    level(HUB, service_id=BILL),
    level(HUB, priority=Priority.LOW, case=HOUR * 10),
)


def chosen(*levels: ServiceLevel, service_id: UUID | None = LEAK) -> dict[ClockKind, Any]:
    return dict(
        choose_level(
            levels, tenant_id=WATER, service_id=service_id, priority=Priority.URGENT, hub_tenant_id=HUB
        )
    )


@pytest.mark.parametrize("nearest", list(Source))
def test_the_nearest_level_wins_whatever_the_order(nearest: Source) -> None:
    present = [LEVELS[source] for source in Source if source >= nearest]
    for order in (present, present[::-1], [*STRANGERS, *present], [*present, *STRANGERS]):
        choice = chosen(*order)[ClockKind.RESOLUTION]
        assert (choice.source, choice.level, choice.target) == (nearest, LEVELS[nearest], 10 * HOUR)


def test_a_missing_target_falls_through_to_the_next_level_that_has_it() -> None:
    answers_fast = replace(LEVELS[Source.SERVICE], first_response=HOUR / 2, resolution=None)
    floor = LEVELS[Source.HUB]
    choices = chosen(answers_fast, floor)
    assert choices[ClockKind.FIRST_RESPONSE].level is answers_fast
    assert choices[ClockKind.FIRST_RESPONSE].target == HOUR / 2
    assert choices[ClockKind.RESOLUTION].level is floor


def test_a_tenant_without_levels_of_its_own_stands_on_the_hubs_floor() -> None:
    choices = chosen(LEVELS[Source.HUB], LEVELS[Source.HUB_AT_PRIORITY])
    assert {kind: choice.source for kind, choice in choices.items()} == dict.fromkeys(
        ClockKind, Source.HUB_AT_PRIORITY
    )


def test_nothing_applies_only_when_no_level_has_a_target() -> None:
    assert chosen() == dict.fromkeys(ClockKind)
    assert chosen(*STRANGERS) == dict.fromkeys(ClockKind)
    only_first = level(resolution=None)
    assert chosen(only_first)[ClockKind.RESOLUTION] is None
    assert chosen(only_first)[ClockKind.FIRST_RESPONSE].level is only_first


def test_the_citizens_case_clock_takes_the_hubs_target_alone() -> None:
    greedy = level(service_id=LEAK, case=HOUR * 11)
    choice = chosen(greedy, *LEVELS.values())[ClockKind.CASE]
    assert (choice.source, choice.target) == (Source.HUB_AT_PRIORITY, 20 * HOUR)
    assert chosen(greedy)[ClockKind.CASE] is None


def test_a_ticket_without_a_service_takes_the_tenants_level() -> None:
    choice = chosen(*LEVELS.values(), service_id=None)[ClockKind.RESOLUTION]
    assert choice.source is Source.TENANT_AT_PRIORITY


def test_the_hubs_own_tickets_use_the_hubs_levels() -> None:
    own = level(HUB, service_id=LEAK)
    choices = choose_level(
        [LEVELS[Source.HUB], own],
        tenant_id=HUB,
        service_id=LEAK,
        priority=Priority.NORMAL,
        hub_tenant_id=HUB,
    )
    resolution = choices[ClockKind.RESOLUTION]
    assert resolution is not None
    assert resolution.level is own


def test_the_latest_version_of_a_level_counts() -> None:
    versions = [replace(LEVELS[Source.TENANT], version=version) for version in (1, 2, 3)]
    for order in permutations(versions):
        assert chosen(*order)[ClockKind.RESOLUTION].level.version == 3


def test_every_source_can_explain_itself_in_both_languages() -> None:
    sentences = [source.says for source in Source]
    assert len({says.en for says in sentences}) == len({says.ar for says in sentences}) == len(Source)


@pytest.mark.parametrize(
    ("facts", "field", "says"),
    [
        ({"first_response": timedelta(0)}, "first_response", "more than zero"),
        ({"resolution": -HOUR, "first_response": None}, "resolution", "more than zero"),
        ({"resolution": LONGEST_TARGET + timedelta(minutes=1)}, "resolution", "4000 working hours"),
        ({"case": LONGEST_TARGET * 2}, "case", "4000 working hours"),
        ({"first_response": 11 * HOUR}, "first_response", "longer than the resolution"),
        ({"first_response": None, "resolution": None}, "resolution", "at least one"),
        ({"version": 0}, "version", "begin at 1"),
        ({"ladder": ()}, "ladder", "rung at 100"),
        ({"ladder": (Rung(80, "agent"),)}, "ladder", "rung at 100"),
        ({"ladder": (Rung(100, "agent"), Rung(80, "agent"))}, "ladder", "the rung at 80 must be higher"),
        ({"ladder": (Rung(100, "agent"), Rung(100, "manager"))}, "ladder", "the rung at 100 must be higher"),
    ],
)
def test_a_level_that_cannot_be_kept_to_is_refused(facts: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(BrokenServiceLevel, match=says) as caught:
        level(**facts)
    assert caught.value.field == field
    assert "لا يمكن استخدام مستوى الخدمة" in caught.value.sentence(Language.ARABIC)


@pytest.mark.parametrize(
    ("at", "tells"),
    [(0, "agent"), (-5, "agent"), (1001, "agent"), (100, ""), (100, "Team Lead"), (100, "مدير")],
)
def test_a_rung_that_cannot_be_climbed_is_refused(at: int, tells: str) -> None:
    with pytest.raises(BrokenServiceLevel, match=f"the rung at {at} "):
        Rung(at, tells)


def test_the_longest_target_and_the_default_ladder_are_allowed() -> None:
    assert level(resolution=LONGEST_TARGET, case=LONGEST_TARGET).ladder == DEFAULT_LADDER
    check_ladder(DEFAULT_LADDER)
    assert [rung.at for rung in DEFAULT_LADDER] == [80, 100, 150]
