"""What others reported nearby, in a real browser: joined without scripts, looked at by all, found by one's position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from hub.tickets.actions import Place
from hub.tickets.models import Ticket
from portal.app import create_portal
from tenants.clock import DatabaseClock
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.factories.tickets import open_leak, resolve, work_on
from tests.hub.api.callers import AMPLE
from tests.pages.browsers import (
    EVERYBODY,
    NARROW,
    Looking,
    bytes_of,
    found_by_axe,
    looking,
    serving,
)
from tests.portal.own_worlds import world_of_outages
from tests.world import World

PATH = "/agencies/water/services/outage/report"
PLACE = Place(30.0501, 31.2402, "cairo", "cairo-shorouk", "شارع النيل")
NEXT_PAGE = 12_000


@pytest.fixture(scope="module")
def hub(server: OwnServer, template: str, run_folder: Path) -> Iterator[tuple[str, World]]:
    """The portal served on a world of the module's own, in which six reported the same; and that world."""
    with world_of_outages(server, template, run_folder, shared=True) as base:
        # Pages reckon by the database's clock.
        world = replace(base, clock=DatabaseClock())  # type: ignore[arg-type]
        told = [
            open_leak(
                world,
                service="outage",
                answers={"homes": 1, "clinic": False},
                place=replace(PLACE, latitude=30.0501 + at / 1000),
            )
            for at in range(6)
        ]
        for each in told[:3]:
            work_on(world, each)
        resolve(world, told[0])
        with serving(create_portal(world.database, rates=AMPLE)) as address:
            yield address, world


def go_on(page: Page, step: str) -> None:
    page.locator("form[data-report] button[type=submit]").click()
    page.wait_for_url(f"**/{step}")


def up_to_nearby(page: Page, language: Language, description: str) -> None:
    page.goto(f"/{language.value}{PATH}")
    page.locator("[name='answers.description']").fill(description)
    go_on(page, "questions-1")
    page.locator("[name='answers.homes']").fill("3")
    page.locator("[name='answers.clinic'][value=no]").check()
    go_on(page, "place")
    page.locator("[name='answers.governorate']").select_option("cairo")
    if not page.locator("[name='answers.district']").count():
        # Scripts fetch the districts; without them the page comes again.
        if page.locator("[data-map]").count():
            page.locator("[name='answers.district']").wait_for()
        else:
            page.locator("form[data-report] button[type=submit]").click()
    page.locator("[name='answers.district']").select_option("cairo-shorouk")
    go_on(page, "files")
    go_on(page, "you")
    go_on(page, "nearby")


@pytest.mark.parametrize(
    "how",
    [Looking(Language.ARABIC, NARROW, scripts=False), Looking(Language.ENGLISH)],
    ids=["arabic without scripts", "english with scripts"],
)
def test_somebody_adds_theirs(chromium: Browser, hub: tuple[str, World], how: Looking) -> None:
    address, world = hub
    described = f"{how.name} {how.scripts}"
    with looking(chromium, address, how) as page:
        up_to_nearby(page, how.language, described)
        page.locator("button[name=mark]").first.click()
        page.wait_for_url("**/review")
        page.locator("form button[type=submit]").last.click()
        page.wait_for_url("**/receipt")
        words = page.get_by_role("main").text_content() or ""
        assert ("بلاغ سابق" if how.language is Language.ARABIC else "goes together with an earlier") in words
    with world.as_staff(world.water) as context:
        ticket = context.session.scalars(
            select(Ticket).where(Ticket.tenant_id == world.water.id, Ticket.description == described)
        ).one()
        assert ticket.status == "duplicate"


@pytest.mark.parametrize("how", EVERYBODY, ids=lambda how: how.name)
def test_axe_finds_nothing_on_either_page(chromium: Browser, hub: tuple[str, World], how: Looking) -> None:
    with looking(chromium, hub[0], how) as page:
        up_to_nearby(page, how.language, "Only looking")
        assert found_by_axe(page) == []
        page.locator("button[name=mark]").first.click()
        page.wait_for_url("**/review")
        assert found_by_axe(page) == []
        page.goto(f"/{how.language.value}/near?governorate=cairo")
        assert page.locator(".hub-found > li").count() == 1
        assert found_by_axe(page) == []


@pytest.mark.parametrize("language", list(Language))
def test_the_device_says_which_governorate_and_no_more_is_sent(
    chromium: Browser, hub: tuple[str, World], language: Language
) -> None:
    with looking(chromium, hub[0], Looking(language, NARROW)) as page:
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"latitude": 30.0444, "longitude": 31.2357})
        page.goto(f"/{language.value}/near")
        asked: list[str] = []
        page.on("request", lambda each: asked.append(each.url))
        page.locator("[data-here]").click()
        page.wait_for_url("**/near?governorate=cairo*")
        assert not [each for each in asked if "30.04" in each or "31.23" in each]
        page.context.set_geolocation({"latitude": 48.2, "longitude": 16.4})
        page.locator("[data-here]").click()
        page.get_by_text("outside all" if language is Language.ENGLISH else "خارج كل المحافظات").wait_for()


def test_the_page_is_light(chromium: Browser, hub: tuple[str, World]) -> None:
    with looking(chromium, hub[0], Looking(Language.ARABIC)) as page:
        page.goto("/ar")
        page.wait_for_load_state("networkidle")
        assert bytes_of(page, "/ar/near?governorate=cairo") <= NEXT_PAGE
