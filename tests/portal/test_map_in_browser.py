"""The map of a report in a real browser: marked by click and by keyboard, undone, and never needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from hub.tickets.models import Ticket
from portal.app import create_portal
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.hub.api.callers import AMPLE
from tests.pages.browsers import EVERYBODY, NARROW, Looking, found_by_axe, looking, serving
from tests.portal.own_worlds import world_of_outages
from tests.portal.reports import PLACE_FORM, offer_outage
from tests.portal.weak_lines import wait_until
from tests.world import World

PATH = "/agencies/water/services/outage/report"
ENGLISH = Looking(Language.ENGLISH)


@pytest.fixture(scope="module")
def hub(server: OwnServer, template: str, run_folder: Path) -> Iterator[tuple[str, World]]:
    """The portal served on a world of the module's own, and that world."""
    with world_of_outages(server, template, run_folder) as world:
        offer_outage(world, PLACE_FORM, world.tax)
        with serving(create_portal(world.database, rates=AMPLE)) as address:
            yield address, world


def test_a_place_that_a_service_s_form_asks_for_has_the_map_too(
    chromium: Browser, hub: tuple[str, World]
) -> None:
    address, world = hub
    with looking(chromium, address, ENGLISH) as page:
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"latitude": 30.0444, "longitude": 31.2357})
        page.goto(f"/en{PATH.replace('water', 'tax')}")
        page.locator("[name='answers.description']").fill("By the form's own question")
        go_on(page, "questions-1")
        page.get_by_role("button", name="Use my present location").click()
        page.get_by_text("By our map it lies in Cairo.").wait_for()
        assert page.locator("[name='answers.spot.governorate']").input_value() == "cairo"
        show_map(page)
        assert page.locator(".hub-map-point").is_visible()
        for step in ("files", "you", "review"):
            go_on(page, step)
        page.locator("form button[type=submit]").last.click()
        page.wait_for_url("**/receipt")
    with world.as_staff(world.tax) as context:
        ticket = context.session.scalars(select(Ticket).where(Ticket.tenant_id == world.tax.id)).one()
        assert (ticket.latitude, ticket.longitude, ticket.governorate) == (30.0444, 31.2357, "cairo")


def up_to_place(page: Page, language: Language, description: str) -> None:
    page.goto(f"/{language.value}{PATH}")
    page.locator("[name='answers.description']").fill(description)
    go_on(page, "questions-1")
    page.locator("[name='answers.homes']").fill("3")
    page.locator("[name='answers.clinic'][value=no]").check()
    go_on(page, "place")


def go_on(page: Page, step: str) -> None:
    page.locator("form[data-report] button[type=submit]").click()
    page.wait_for_url(f"**/{step}")


def show_map(page: Page) -> None:
    page.locator("[data-map]").click()
    page.locator(".hub-map-shape").first.wait_for()


def governorate(page: Page) -> str:
    return page.locator("[name='answers.governorate']").input_value()


def point(page: Page) -> tuple[str, str]:
    return (
        page.locator("[name='answers.latitude']").input_value(),
        page.locator("[name='answers.longitude']").input_value(),
    )


@pytest.mark.parametrize("how", EVERYBODY, ids=lambda how: how.name)
def test_the_map_is_drawn_for_everybody_and_axe_finds_nothing(
    chromium: Browser, hub: tuple[str, World], how: Looking
) -> None:
    with looking(chromium, hub[0], how) as page:
        up_to_place(page, how.language, "Only looking")
        show_map(page)
        shown = page.locator(".hub-map-name span:visible").all_text_contents()
        assert ("مطروح" if how.language is Language.ARABIC else "Matrouh") in shown
        assert found_by_axe(page) == []
        for button in page.locator(".hub-map-around a, .hub-map-around button").all():
            box = button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 24


def test_nothing_of_the_map_is_fetched_before_it_is_asked_for(
    chromium: Browser, hub: tuple[str, World]
) -> None:
    with looking(chromium, hub[0], ENGLISH) as page:
        fetched: list[str] = []
        page.on("request", lambda asked: fetched.append(asked.url))
        up_to_place(page, Language.ENGLISH, "No map yet")
        assert not [each for each in fetched if "/map" in each]
        show_map(page)
        assert len([each for each in fetched if "/map" in each]) == 3


def test_a_click_marks_the_place_and_fills_in_its_governorate_until_it_is_left_out(
    chromium: Browser, hub: tuple[str, World]
) -> None:
    with looking(chromium, hub[0], ENGLISH) as page:
        up_to_place(page, Language.ENGLISH, "Marked by a click")
        show_map(page)
        box = page.locator(".hub-map").bounding_box()
        assert box is not None
        # West and above the middle of the country: Matrouh, far from any border.
        page.mouse.click(box["x"] + box["width"] / 2 - 95, box["y"] + box["height"] / 2 - 110)
        page.get_by_text("By our map it lies in Matrouh.").wait_for()
        assert governorate(page) == "matrouh"
        assert page.locator(".hub-map-point").is_visible()
        page.get_by_label("District or city").wait_for()
        page.get_by_role("button", name="Leave the location out").click()
        assert point(page) == ("", "")
        assert governorate(page) == ""
        assert page.locator(".hub-map-point").count() == 0


def test_the_keyboard_alone_marks_a_place_that_reaches_the_ticket(
    chromium: Browser, hub: tuple[str, World]
) -> None:
    address, world = hub
    with looking(chromium, address, Looking(Language.ARABIC, NARROW)) as page:
        up_to_place(page, Language.ARABIC, "بالمفاتيح وحدها")
        page.get_by_label("المحافظة").select_option("giza")
        page.locator("[data-map]").focus()
        page.keyboard.press("Enter")
        page.locator(".hub-map-shape").first.wait_for()
        wait_until(page, "document.activeElement.classList.contains('hub-map')")
        page.keyboard.press("Enter")
        page.get_by_text("حدّدت المكان").wait_for()
        first = point(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        wait_until(page, f"document.querySelector('[name=\"answers.latitude\"]').value !== '{first[0]}'")
        assert float(point(page)[0]) < float(first[0])
        marked = point(page)
        # What somebody chose themselves stays, wherever the point lies.
        assert governorate(page) == "giza"
        go_on(page, "files")
        go_on(page, "you")
        go_on(page, "review")
        page.locator("form button[type=submit]").last.click()
        page.wait_for_url("**/receipt")
        with world.as_staff(world.water) as context:
            ticket = context.session.scalars(
                select(Ticket).where(
                    Ticket.tenant_id == world.water.id, Ticket.description == "بالمفاتيح وحدها"
                )
            ).one()
            assert (ticket.latitude, ticket.longitude) == (float(marked[0]), float(marked[1]))


def test_a_position_outside_the_country_is_kept_and_told(chromium: Browser, hub: tuple[str, World]) -> None:
    with looking(chromium, hub[0], ENGLISH) as page:
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"latitude": 48.2, "longitude": 16.37})
        up_to_place(page, Language.ENGLISH, "From abroad")
        page.get_by_role("button", name="Use my present location").click()
        page.get_by_text("outside all governorates").wait_for()
        assert point(page) == ("48.200000", "16.370000")
        assert governorate(page) == ""


def test_a_map_that_does_not_arrive_is_told_and_the_report_goes_on(
    chromium: Browser, hub: tuple[str, World]
) -> None:
    with looking(chromium, hub[0], ENGLISH) as page:
        up_to_place(page, Language.ENGLISH, "Without a map")
        # Behind the service worker, which keeps what it has seen.
        page.evaluate(
            "() => { window.kept = window.fetch; window.fetch = () => Promise.reject(new Error()); }"
        )
        page.locator("[data-map]").click()
        page.get_by_text("The map did not arrive.").wait_for()
        page.evaluate("() => { window.fetch = window.kept; }")
        show_map(page)
        go_on(page, "files")
