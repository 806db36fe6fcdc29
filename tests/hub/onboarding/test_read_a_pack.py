"""The six example agencies, read and checked against the country's data."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.onboarding.pack import Pack, read_pack
from hub.reference import cities, governorates, life_events
from hub.routing.rules import RoutingFacts
from hub.vocabulary import Channel, Kind, Priority
from tenants.languages import Language
from tests.hub.onboarding.packs import HUB_PACK, PACKS, SHARED_CATALOGUES, SLUGS


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    return {slug: read_pack(PACKS / slug) for slug in SLUGS}


def test_the_folder_of_packs_holds_these_six_and_the_hubs_own() -> None:
    folders = {path.name for path in PACKS.iterdir() if (path / "tenant.yaml").exists()}
    assert folders == {*SLUGS, HUB_PACK}


def test_the_hubs_pack_sets_the_citizens_own_target_and_takes_what_is_nobodys() -> None:
    hub = read_pack(PACKS / HUB_PACK)

    assert [level.case for level in hub.service_levels if level.case] == [timedelta(hours=120)]
    assert [service.screened for service in hub.services] == [True]
    assert hub.rules.rules == ()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_pack_describes_a_whole_agency(slug: str, packs: dict[str, Pack]) -> None:
    pack = packs[slug]

    assert pack.tenant.code == slug
    assert pack.tenant.language is Language.ARABIC
    assert 6 <= len(pack.services) <= 12
    assert len({service.kind for service in pack.services}) >= 2
    assert {part.category for part in pack.services} <= {part.code for part in pack.classes}
    assert pack.rules.rules
    assert any(form.questions and any(q.visible_when for q in form.questions) for form in pack.forms.values())
    assert all(service.words.ar and service.words.en for service in pack.services)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_team_has_somebody_and_every_agency_a_manager(slug: str, packs: dict[str, Pack]) -> None:
    pack = packs[slug]

    assert {team for user in pack.users for team in user.teams} == {team.code for team in pack.teams}
    assert any("manager" in user.roles for user in pack.users)
    assert any(team.line == "agent" for team in pack.teams)


def test_no_two_agencies_share_a_user_name(packs: dict[str, Pack]) -> None:
    names = [user.user_name for pack in packs.values() for user in pack.users]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("slug", SLUGS)
def test_places_spoken_of_in_routing_exist_in_the_country(slug: str, packs: dict[str, Pack]) -> None:
    known = {"governorate": governorates("egypt"), "district": cities("egypt")}

    for entry in packs[slug].routing[:-1]:
        for part, codes in known.items():
            named = entry["when"].get(part, [])
            assert set(named if isinstance(named, list) else [named]) <= set(codes)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_service_reaches_a_team_of_its_agency(slug: str, packs: dict[str, Pack]) -> None:
    pack = packs[slug]

    for service in pack.services:
        routed = pack.rules.route(
            RoutingFacts(service.code, service.kind, service.priority, Channel.PHONE, governorate="giza")
        )
        assert routed.team in {team.code for team in pack.teams}
        assert routed.reason.ar


@pytest.mark.parametrize("slug", SLUGS)
def test_targets_can_be_counted_on_the_calendars(slug: str, packs: dict[str, Pack]) -> None:
    pack = packs[slug]
    start = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    for level in pack.service_levels:
        assert level.resolution is not None
        assert level.first_response is not None
        assert level.first_response < level.resolution
        assert pack.working_time(level.calendar).due(start, level.resolution) > start


def test_routing_by_danger_by_place_and_by_what_is_left(packs: dict[str, Pack]) -> None:
    def team(slug: str, service: str, **more: Any) -> str:
        ticket = RoutingFacts(service, Kind.COMPLAINT, Priority.NORMAL, Channel.WEB, **more)
        return packs[slug].rules.route(ticket).team

    assert team("water", "water_leak", governorate="giza", answers={"hazard": True}) == "emergency"
    assert (
        team("water", "water_leak", governorate="giza", answers={"hazard": False}) == "networks_greater_cairo"
    )
    assert team("water", "water_leak", governorate="aswan") == "networks"
    assert team("water", "suggestion") == "customer_service"
    assert team("governorate", "rubbish_pile", district="giza-imbaba") == "cleaning_north"
    assert team("governorate", "rubbish_pile", district="giza-haram") == "cleaning_south"
    assert team("electricity", "power_cut", governorate="sohag") == "faults_upper_egypt"
    assert team("health-hotline", "hospital_complaint") == "facility_inspection"
    assert team("university-enrolment", "data_correction", answers={"wrong": ["name", "marks"]}) == "appeals"
    assert (
        team("tax", "evasion_report", governorate="minya", answers={"matter": "unregistered"})
        == "registration"
    )


def test_office_hours_rest_on_friday_saturday_and_on_holidays(packs: dict[str, Pack]) -> None:
    office = packs["water"].working_time("office")
    # Cairo is at UTC+2 in November. 2026-10-08 is Armed Forces Day, moved to a Thursday.
    friday = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    holiday = datetime(2026, 10, 8, 10, 0, tzinfo=UTC)

    assert office.elapsed(friday, friday + timedelta(days=1)) == timedelta(0)
    assert office.elapsed(holiday, holiday + timedelta(hours=4)) == timedelta(0)
    assert office.next_open(friday) == datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def test_the_hotline_never_closes(packs: dict[str, Pack]) -> None:
    always = packs["health-hotline"].working_time("always")
    feast = datetime(2026, 3, 20, tzinfo=UTC)

    assert always.elapsed(feast, feast + timedelta(days=2)) == timedelta(days=2)


@pytest.mark.parametrize("slug", SLUGS)
def test_life_events_are_the_hubs(slug: str, packs: dict[str, Pack]) -> None:
    assert {event for service in packs[slug].services for event in service.life_events} <= set(life_events())


def test_codes_of_the_british_list_are_in_it(packs: dict[str, Pack]) -> None:
    file = SHARED_CATALOGUES / "uk_lgsl.csv"
    if not file.exists():
        pytest.skip("the shared catalogues are not beside this checkout")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        listed = {row["LGSL"] for row in csv.DictReader(stream)}

    used = {
        code
        for pack in packs.values()
        for service in pack.services
        for code in [service.outside_codes.get("lgsl")]
        if code
    }

    assert used
    assert used <= listed
