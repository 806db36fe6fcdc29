from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import update

from hub.catalogue.actions import ServiceDescription, save_service
from hub.vocabulary import Kind
from tenants.ids import HUB
from tenants.languages import Text
from tenants.models import Tenant, TenantState
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.world import World


def links(visitor: Visitor, path: str) -> dict[str, str]:
    """The links of a page's content, and what they say."""
    main = visitor.see(path).find(".//main")
    assert main is not None
    return {each.get("href") or "": words_of(each) for each in main.iter("a")}


@pytest.fixture
def unsure(world: World) -> None:
    """The hub's own service for what nobody knows whose job it is."""
    with world.as_system() as context:
        context.session.execute(update(Tenant).where(Tenant.id == HUB).values(state=TenantState.LIVE))
        save_service(
            context,
            ServiceDescription(
                code="unsure",
                kind=Kind.COMPLAINT,
                name=Text(ar="لا أعرف الجهة المختصة", en="Not sure"),
                description=Text(ar="اكتب مشكلتك", en="Write what is wrong"),
            ),
        )


def test_a_misspelt_word_finds_the_services_of_all_agencies_and_marks_what_matched(visitor: Visitor) -> None:
    page = visitor.see(f"/ar/find?q={quote('ماسوره مكسوره')}")
    found = page.find(".//ol")
    assert found is not None
    assert {each.get("href") for each in found.iter("a")} == {
        "/ar/agencies/water/services/leak",
        "/ar/agencies/tax/services/leak",
    }
    assert "ماسورة" in {words_of(each) for each in page.iter("mark")}
    assert "شركة المياه" in words_of(found)
    assert "شكوى" in words_of(found)


def test_what_was_typed_is_still_in_the_box_and_cannot_break_out_of_it(visitor: Visitor) -> None:
    typed = 'bill <script>alert(1)</script> " onfocus=x'
    page = visitor.see(f"/en/find?q={quote(typed)}")
    (box,) = [each for each in page.iter("input") if each.get("name") == "q"]
    assert box.get("value") == typed
    assert box.get("onfocus") is None


@pytest.mark.usefixtures("unsure")
@pytest.mark.parametrize("asked", ["", "?q=", "?q=%20%20", "?q=zzzzqqqq", "?q=%00%ff", "?q=" + "a" * 5000])
def test_without_a_match_the_page_says_what_to_do_next(visitor: Visitor, asked: str) -> None:
    found = links(visitor, f"/en/find{asked}")
    assert "/en#agencies" in found
    assert "/en/agencies/hub/services/unsure" in found


@pytest.mark.usefixtures("unsure")
def test_whoever_is_not_sure_can_always_tell_the_hub(visitor: Visitor) -> None:
    assert "/ar/agencies/hub/services/unsure" in links(visitor, f"/ar/find?q={quote('فاتورة')}")


def test_without_a_service_for_it_the_hub_is_not_offered(visitor: Visitor) -> None:
    assert not [each for each in links(visitor, "/en/find?q=bill") if "/agencies/hub/" in each]


def test_a_suspended_agency_is_not_found(visitor: Visitor, world: World) -> None:
    with world.as_system() as context:
        context.session.execute(
            update(Tenant).where(Tenant.id == world.tax.id).values(state=TenantState.SUSPENDED)
        )
    assert "/en/agencies/tax/services/bill" not in links(visitor, "/en/find?q=bill")
    assert "/en/agencies/water/services/bill" in links(visitor, "/en/find?q=bill")


def test_life_events_lead_from_the_first_page_to_the_services_for_them(
    visitor: Visitor, world: World
) -> None:
    with world.as_system(world.tax) as context:
        save_service(
            context,
            ServiceDescription(
                code="first-home",
                kind=Kind.REQUEST,
                name=Text(ar="تسجيل مسكن", en="Register a home"),
                description=Text(ar="سجل مسكنك", en="Register your home"),
                life_events=("moving_home",),
            ),
        )
    ways = [each for each in links(visitor, "/en") if "/life-events/" in each]
    assert ways == ["/en/life-events/moving_home"]
    assert "/en/agencies/tax/services/first-home" in links(visitor, ways[0])
    assert words_of(visitor.see(ways[0].replace("/en/", "/ar/")).find(".//h1"))


def test_an_event_without_services_says_so_and_one_that_is_none_is_no_page(visitor: Visitor) -> None:
    assert "No agency offers" in words_of(visitor.see("/en/life-events/moving_home").find(".//main"))
    for event in ("no-such-event", "%00", "moving_home%0A"):
        answer = visitor.get(f"/ar/life-events/{event}")
        assert answer.status_code == 404
        assert words_of(parse(answer.text).find(".//h1")) == "الصفحة غير موجودة"
