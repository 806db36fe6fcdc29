"""A case followed in a real browser: with scripts and without, in both languages, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hub.web.settings import PageSettings
from portal.app import create_portal
from tenants.clock import VirtualClock
from tenants.database import Database
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.factories.tickets import open_leak, work_on
from tests.hub.api.callers import AMPLE
from tests.pages.browsers import EVERYBODY, NARROW, Looking, bytes_of, found_by_axe, looking, serving
from tests.pages.shown_cases import NAMES, Shown, show_cases
from tests.world import SUNDAY_TEN, World, load_world

NEXT_PAGE = 12_000


@dataclass(frozen=True)
class Portal:
    """The portal on a world of the module's own, with two cases to look at."""

    address: str
    world: World
    shown: Shown


@pytest.fixture(scope="module")
def portal(server: OwnServer, template: str, run_folder: Path) -> Iterator[Portal]:
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value())
        try:
            world = load_world(database)
            lead = world.water["lead"]
            shown = show_cases(database, world.water.id, lead, "leak", {"hazard": False}, SUNDAY_TEN)
            at_noon = Database(database.bind, clock=VirtualClock(SUNDAY_TEN))
            with serving(create_portal(at_noon, rates=AMPLE, settings=PageSettings())) as address:
                yield Portal(address, world, shown)
        finally:
            database.dispose()


@pytest.mark.parametrize("how", EVERYBODY, ids=lambda how: how.name)
def test_axe_finds_nothing_on_the_pages_of_a_case(chromium: Browser, portal: Portal, how: Looking) -> None:
    wrong = {}
    for name in NAMES:
        with looking(chromium, portal.address, how) as page:
            portal.shown.go_to(page, how.language, name)
            for details in page.locator("details").all():
                details.locator("summary").click()
            found = found_by_axe(page)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append("the page is wider than the screen")
            if found:
                wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("language", Language)
def test_a_citizen_opens_their_case_adds_to_it_and_takes_it_back(
    chromium: Browser, portal: Portal, language: Language, scripts: bool, tmp_path: Path
) -> None:
    opened = open_leak(portal.world)
    work_on(portal.world, opened)
    (tmp_path / "meter.txt").write_text("قراءة العداد")
    is_arabic = language is Language.ARABIC
    with looking(chromium, portal.address, Looking(language, NARROW, scripts=scripts)) as page:
        page.goto(f"/{language.value}/follow")
        page.get_by_label("رقم الحالة" if is_arabic else "Case number").fill(opened.number)
        page.get_by_label("الرقم السري" if is_arabic else "PIN").fill(opened.pin)
        page.get_by_role("button", name="افتح الحالة" if is_arabic else "Open the case").click()
        page.wait_for_url(f"**/cases/{opened.number}")
        page.get_by_role("link", name="إضافة معلومات" if is_arabic else "Add information").click()
        page.locator("textarea").fill("ازداد التسرب")
        page.locator("input[type=file]").set_input_files(tmp_path / "meter.txt")
        page.get_by_role("button", name="أضف إلى الحالة" if is_arabic else "Add it to the case").dblclick()
        page.wait_for_url("**?done=add-information")
        assert page.get_by_text("ازداد التسرب").count() == 1
        assert page.get_by_text("meter.txt").count() == 1
        page.get_by_role("link", name="سحب الطلب" if is_arabic else "Withdraw").click()
        page.get_by_role("button", name="اسحب الطلب" if is_arabic else "Withdraw").click()
        page.wait_for_url("**?done=withdraw")
        page.get_by_role("button", name="انسَ" if is_arabic else "Forget this case").click()
        page.wait_for_url("**/follow?left=yes")
        answer = page.goto(f"/{language.value}/cases/{opened.number}")
        assert answer is not None
        assert answer.status == 401


def test_the_secret_of_a_link_is_told_to_nobody(chromium: Browser, portal: Portal) -> None:
    secret = portal.shown.asked.secret
    with looking(chromium, portal.address, Looking(Language.ENGLISH)) as page:
        told: list[str] = []
        page.on(
            "request", lambda asked: told.append(str(asked.all_headers()) if secret not in asked.url else "")
        )
        portal.shown.go_to(page, Language.ENGLISH, "case-question")
        page.get_by_role("link", name="Answer").click()
        assert secret not in page.url
        assert secret not in page.content()
        assert page.evaluate("document.referrer").endswith(portal.shown.asked.number)
        assert not [each for each in told if secret in each]


@pytest.mark.parametrize("language", Language)
def test_pages_of_a_case_stay_within_their_budget(
    chromium: Browser, portal: Portal, language: Language
) -> None:
    with looking(chromium, portal.address, Looking(language, NARROW)) as page:
        portal.shown.go_to(page, language, "case-solved")
        number = portal.shown.solved.number
        assert bytes_of(page, f"/{language.value}/cases/{number}") <= NEXT_PAGE
