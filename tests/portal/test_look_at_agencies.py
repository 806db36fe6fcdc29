from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from hub.calendars.working_time import working_time
from portal.pages.agencies import week_of
from tenants.models import Tenant, TenantState
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.world import SUNDAY_TEN, World


def says(visitor: Visitor, path: str) -> str:
    return words_of(visitor.see(path).find(".//main"))


def test_an_agency_says_what_it_offers_promises_and_when_it_works(visitor: Visitor) -> None:
    page = visitor.see("/en/agencies/water")
    assert words_of(page.find(".//h1")) == "Water company"
    assert {"/en/agencies/water/services/leak", "/en/agencies/water/services/bill"} <= {
        each.get("href") for each in page.iter("a")
    }
    told = words_of(page.find(".//main"))
    assert "First answer within 4 hours of working time" in told
    assert "Solution within 24 hours of working time" in told
    assert "Working now until 17:00" in told
    assert "Sunday, 22 November 2026 09:00–17:00" in told
    assert "Friday, 27 November 2026 closed" in told


def test_an_agencys_page_is_in_arabic_down_to_its_digits(visitor: Visitor) -> None:
    told = says(visitor, "/ar/agencies/water")
    assert "خلال ٤ ساعات من وقت العمل" in told
    assert "من ٩:٠٠ ص إلى ٥:٠٠ م" in told
    assert not [digit for digit in told if digit in "0123456789"]


def test_a_service_says_what_is_asked_by_when_and_whether_the_name_can_be_kept_back(visitor: Visitor) -> None:
    page = visitor.see("/en/agencies/water/services/leak")
    told = words_of(page.find(".//main"))
    assert "One page of questions: What happened." in told
    # Asked on Sunday at ten: eight hours end an hour into Monday.
    assert "If you report now: by Monday, 23 November 2026, 10:00." in told
    assert "You may ask that the agency does not learn who you are." in told
    assert "/en/agencies/water/services/leak/report" in {each.get("href") for each in page.iter("a")}
    assert "your name cannot be kept from it" in says(visitor, "/en/agencies/water/services/bill")


@pytest.mark.parametrize("state", [TenantState.SUSPENDED, TenantState.PREPARING])
def test_an_agency_that_does_not_work_here_is_no_page(
    visitor: Visitor, world: World, state: TenantState
) -> None:
    with world.as_system() as context:
        context.session.execute(update(Tenant).where(Tenant.id == world.tax.id).values(state=state))
    for place in ("/ar/agencies/tax", "/ar/agencies/tax/services/bill"):
        answer = visitor.get(place)
        assert answer.status_code == 404
        assert words_of(parse(answer.text).find(".//h1")) == "الصفحة غير موجودة"


@pytest.mark.parametrize(
    "place",
    [
        "no-such",
        "WATER",
        "%00",
        "x" * 3000,
        "water/services/none",
        "water/services/%00",
        "water/services/مياه",
        "tax%2fservices",
    ],
)
def test_what_is_no_agency_and_no_service_is_no_page(visitor: Visitor, place: str) -> None:
    assert visitor.get(f"/en/agencies/{place}").status_code == 404


def test_a_week_skips_holidays_and_says_the_next_change() -> None:
    office = working_time("Su-Th 09:00-17:00", (SUNDAY_TEN.date() + timedelta(days=1),), "Africa/Cairo")
    week = week_of(office, SUNDAY_TEN)
    assert [each.hours is None for each in week.days] == [False, True, False, False, False, True, True]
    assert [each.holiday for each in week.days] == [False, True] + [False] * 5
    assert (week.open, week.until) == (True, datetime(2026, 11, 22, 15, tzinfo=UTC))
    evening = week_of(office, SUNDAY_TEN + timedelta(hours=10))
    assert (evening.open, evening.until) == (False, datetime(2026, 11, 24, 7, tzinfo=UTC))


def test_who_works_day_and_night_never_closes_and_who_opens_next_month_has_no_hours_this_week() -> None:
    always = week_of(working_time("24/7", (), "Africa/Cairo"), SUNDAY_TEN)
    assert (always.open, always.until) == (True, None)
    later = week_of(working_time("Dec 09:00-17:00", (), "Africa/Cairo"), SUNDAY_TEN)
    assert (later.open, later.until) == (False, None)
    assert all(each.hours is None for each in later.days)
