"""What people nearby reported: counted by district, never fewer than three; and the same reported from there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from hub.catalogue.models import Service
from hub.nearby.queries import reported_near
from hub.nearby.rough import Numbers, Told
from hub.people.actions import Reporter
from hub.tickets import actions
from hub.tickets.actions import Opened, Place
from tenants.context import CITIZEN
from tenants.models import Tenant, TenantState
from tests.factories.tickets import open_leak, resolve, work_on
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.portal.reports import Reporting, goes_to, offer_outage, typed_in
from tests.world import Agency, World

PLACE = Place(30.0501, 31.2402, "cairo", "cairo-shorouk", "شارع الكناري ٧")


@pytest.fixture(autouse=True)
def shared(world: World) -> None:
    offer_outage(world, shared=True)


def report(world: World, times: int = 1, agency: Agency | None = None, **place: Any) -> list[Opened]:
    return [
        open_leak(
            world,
            agency,
            service="outage",
            description="canary words",
            reporter=Reporter(name="Canary Name", phone="01001234567"),
            answers={"homes": 1, "clinic": False},
            place=replace(PLACE, **place),
        )
        for _ in range(times)
    ]


def found(world: World, governorate: str = "cairo", **more: str) -> dict[str | None, Told | None]:
    both = (world.water.id, world.tax.id)
    with world.database.unit_of_work(actor=CITIZEN, tenants=both, clock=world.clock) as context:
        return {each.district: each.numbers for each in reported_near(context, governorate, **more)}


def test_reports_are_counted_by_district_and_by_how_far_they_have_come(world: World) -> None:
    opened = report(world, 10)
    for each in opened[:6]:
        work_on(world, each)
    for each in opened[:2]:
        resolve(world, each)
    # Only two are solved: who knows how many are and how many are not would know that.
    assert found(world) == {"cairo-shorouk": Told(10, None)}
    resolve(world, opened[2])
    assert found(world) == {"cairo-shorouk": Told(10, Numbers(4, 3, 3))}
    assert found(world, district="cairo-shorouk") == {"cairo-shorouk": Told(10, Numbers(4, 3, 3))}
    assert found(world, district="cairo-new-cairo") == {}
    assert found(world, "giza") == {}


def test_fewer_than_three_are_told_with_others_or_not_in_numbers(world: World) -> None:
    report(world, 2)
    assert found(world) == {None: None}
    report(world, 1, district="cairo-new-cairo")
    assert found(world) == {None: Told(3, None)}
    report(world, 1)
    # Three and one: told apart, the one would be what is missing to four.
    assert found(world) == {None: Told(4, None)}
    report(world, 2, district="cairo-new-cairo")
    assert found(world) == {"cairo-shorouk": Told(3, None), "cairo-new-cairo": Told(3, None)}


def test_of_a_district_nothing_and_a_few_are_told_alike(world: World, visitor: Visitor) -> None:
    report(world, 3, district="cairo-maadi")
    nothing = visitor.get("/en/near?governorate=cairo&district=cairo-shorouk").text
    report(world, 2)
    assert found(world, district="cairo-shorouk") == {}
    assert visitor.get("/en/near?governorate=cairo&district=cairo-shorouk").text == nothing
    words = words_of(parse(nothing))
    assert "or too little to be told of one district alone" in words
    assert "a few" not in words
    assert "Nothing of that kind" not in words


def test_a_district_of_another_governorate_is_told_with_the_others(world: World) -> None:
    report(world, 3, district="giza-haram")
    report(world, 3)
    assert found(world) == {"cairo-shorouk": Told(3, None), None: Told(3, None)}


def test_what_is_old_confidential_taken_back_or_not_shared_is_not_counted(world: World) -> None:
    one, *_ = report(world, 3)
    open_leak(world, place=PLACE)
    with world.as_citizen(one.case_id) as context:
        actions.withdraw(context, one.ticket_id, 1)
    open_leak(world, service="outage", confidential=True, answers={"homes": 1, "clinic": False}, place=PLACE)
    assert found(world) == {None: None}
    world.clock.moment += timedelta(days=15)
    assert found(world) == {}


def test_a_district_that_somebody_wrote_is_never_repeated(world: World) -> None:
    report(world, 3, district="beside the house of Canary Name")
    assert found(world) == {None: Told(3, None)}


def test_a_body_s_service_that_does_not_share_or_a_body_that_is_not_live_does_not_come_out(
    world: World, visitor: Visitor
) -> None:
    offer_outage(world, agency=world.tax, shared=False)
    report(world, 3, world.tax)
    assert found(world) == {}
    with world.as_system(world.tax) as context:
        context.session.execute(
            update(Service)
            .where(Service.tenant_id == world.tax.id, Service.code == "outage")
            .values(shared=True)
        )
    assert found(world) == {"cairo-shorouk": Told(3, None)}
    assert "3 reports" in words_of(visitor.see("/en/near?governorate=cairo"))
    with world.as_system() as context:
        context.session.execute(
            update(Tenant).where(Tenant.id == world.tax.id).values(state=TenantState.SUSPENDED)
        )
    assert "3 reports" not in words_of(visitor.see("/en/near?governorate=cairo"))


def test_the_page_tells_numbers_and_nobody(world: World, visitor: Visitor) -> None:
    opened = report(world, 4)
    page = visitor.get("/en/near?governorate=cairo").text
    words = words_of(parse(page))
    assert "Shorouk: 4 reports" in words
    assert "reported, " not in words
    for canary in ("canary", "Canary", "01001234567", "الكناري", "30.05", "31.24", opened[0].number):
        assert canary not in page
    assert "٤ بلاغات" in words_of(visitor.see("/ar/near?governorate=cairo"))


def test_too_few_are_called_a_few(world: World, visitor: Visitor) -> None:
    report(world, 2)
    words = words_of(visitor.see("/en/near?governorate=cairo"))
    assert "a few reports" in words
    assert "2 report" not in words


@pytest.mark.parametrize(
    "question",
    ["", "?governorate=", "?governorate=nowhere", "?governorate=giza", "?governorate=%00", "?district=x"],
)
def test_nowhere_and_nothing_have_a_page_too(visitor: Visitor, question: str) -> None:
    words = words_of(visitor.see(f"/en/near{question}"))
    assert ("Nothing of that kind was reported here" in words) == (question == "?governorate=giza")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_how_far_they_have_come_is_told_where_enough_are(
    world: World, visitor: Visitor, language: str
) -> None:
    opened = report(world, 9)
    for each in opened[:6]:
        work_on(world, each)
    for each in opened[:3]:
        resolve(world, each)
    told = "3 reported, 3 being worked on, 3 solved" if language == "en" else "حُلّت: ٣"
    assert told in words_of(visitor.see(f"/{language}/near?governorate=cairo"))


def test_a_body_of_a_country_without_known_places_leaves_the_page_whole(
    world: World, visitor: Visitor
) -> None:
    report(world, 3)
    offer_outage(world, agency=world.tax, shared=True)
    report(world, 3, world.tax)
    with world.as_system() as context:
        context.session.execute(update(Tenant).where(Tenant.id == world.tax.id).values(country="atlantis"))
    assert "Shorouk: 3 reports" in words_of(visitor.see("/en/near?governorate=cairo"))
    with world.as_system() as context:
        context.session.execute(update(Tenant).values(country="atlantis"))
    assert "Nothing can be shown by place here yet" in words_of(visitor.see("/en/near?governorate=cairo"))


def test_the_home_page_leads_there(visitor: Visitor) -> None:
    links = [each.get("href") for each in visitor.see("/en").iter("a")]
    assert "/en/near" in links


def test_the_same_is_reported_from_there_with_the_place_filled_in(world: World, visitor: Visitor) -> None:
    report(world, 3)
    page = visitor.see("/en/near?governorate=cairo&district=cairo-shorouk")
    (service,) = [href for each in page.iter("a") if "/services/" in (href := each.get("href") or "")]
    start = next(
        href for each in visitor.see(service).iter("a") if "/report" in (href := each.get("href") or "")
    )
    reporter = Reporting(visitor)
    goes_to(reporter.fill("what", visitor.see(start), description="Here as well"))
    goes_to(reporter.fill("questions-1", homes="12", clinic="no"))
    place = reporter.see("place")
    assert typed_in(place, "governorate") == "cairo"
    assert typed_in(place, "district") == "cairo-shorouk"


@pytest.mark.parametrize("place", ["governorate=nowhere", "governorate=giza&district=cairo-shorouk", "x=%00"])
def test_a_place_that_is_none_is_left_out(visitor: Visitor, place: str) -> None:
    reporter = Reporting(visitor)
    start = visitor.see(f"{urlsplit(reporter.path).path}?{place}")
    goes_to(reporter.fill("what", start, description="Here as well"))
    goes_to(reporter.fill("questions-1", homes="12", clinic="no"))
    assert typed_in(reporter.see("place"), "governorate") == ("giza" if "giza" in place else "")
    assert typed_in(reporter.see("place"), "district") == ""
