"""All of somebody's cases by a code to their e-mail, in a real browser: with scripts and without, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from hub.messages.settings import mail_settings
from hub.web.settings import PageSettings
from portal.app import create_portal
from tenants.clock import VirtualClock
from tenants.database import Database
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.factories.tickets import work_on
from tests.hub.api.callers import AMPLE
from tests.hub.messages.conftest import lead_to
from tests.hub.messages.mail_server import Behaviour, mail_server
from tests.hub.proofs.proving import case_with, code_of
from tests.pages.browsers import EVERYBODY, NARROW, Looking, bytes_of, found_by_axe, looking, serving
from tests.world import SUNDAY_TEN, World, load_world

NEXT_PAGE = 12_000


@dataclass(frozen=True)
class Portal:
    """The portal on a world of the module's own, and the mail that it sends."""

    address: str
    world: World
    mail: Behaviour


@pytest.fixture(scope="module")
def portal(server: OwnServer, template: str, run_folder: Path) -> Iterator[Portal]:
    with copy_of_world(server, template, run_folder) as name, pytest.MonkeyPatch.context() as settings:
        behaviour = Behaviour()
        database = Database.at(server.urls(name).app.get_secret_value())
        try:
            at_noon = Database(database.bind, clock=VirtualClock(SUNDAY_TEN))
            with (
                mail_server(behaviour) as port,
                serving(create_portal(at_noon, rates=AMPLE, settings=PageSettings())) as address,
            ):
                lead_to(settings, port)
                yield Portal(address, load_world(database), behaviour)
        finally:
            database.dispose()
    mail_settings.cache_clear()


def ask(page: Page, language: Language, email: str) -> None:
    page.goto(f"/{language.value}/my-cases")
    page.locator("input[name=email]").fill(email)
    page.locator("form[action$='/my-cases'] button").click()
    page.wait_for_url("**/my-cases/code")


def give(page: Page, code: str) -> None:
    page.locator("input[name=code]").fill(code)
    page.locator("form[action$='/my-cases/code'] button").dblclick()
    page.wait_for_url("**/my-cases/list")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("language", Language)
def test_a_citizen_finds_their_cases_reads_one_and_has_the_device_forget_them(
    chromium: Browser, portal: Portal, language: Language, scripts: bool
) -> None:
    email = f"{language.value}.{scripts}@example.com".lower()
    opened = case_with(portal.world, email)
    work_on(portal.world, opened)
    with looking(chromium, portal.address, Looking(language, NARROW, scripts=scripts)) as page:
        page.goto(f"/{language.value}/follow")
        page.locator("summary").click()
        page.locator("a[href$='/my-cases']").click()
        ask(page, language, email)
        page.locator("form[action$='/my-cases/again'] button").click()
        page.wait_for_load_state()
        give(page, code_of(portal.world, portal.mail))
        page.locator(f"a[href$='/my-cases/list/{opened.number}']").click()
        page.wait_for_url(f"**/my-cases/list/{opened.number}")
        page.locator("a[href$='/my-cases/list']").click()
        page.locator("form[action$='/my-cases/forget'] button").click()
        page.wait_for_url("**/my-cases?left=yes")
        page.goto(f"/{language.value}/my-cases/list")
        assert page.url.endswith("/my-cases?over=yes")


@pytest.mark.parametrize("how", EVERYBODY, ids=lambda how: how.name)
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(
    chromium: Browser, portal: Portal, how: Looking
) -> None:
    email = f"{how.name}@example.com"
    opened = case_with(portal.world, email)
    work_on(portal.world, opened)
    case_with(portal.world, email, agency=portal.world.tax)
    wrong: dict[str, list[str]] = {}

    def look(page: Page, name: str) -> None:
        found = found_by_axe(page)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append("the page is wider than the screen")
        if found:
            wrong[name] = found

    with looking(chromium, portal.address, how) as page:
        page.goto(f"/{how.language.value}/my-cases")
        look(page, "my-cases")
        ask(page, how.language, email)
        look(page, "my-cases-code")
        page.locator("input[name=code]").fill("12")
        page.locator("form[action$='/my-cases/code'] button").click()
        page.wait_for_selector("[aria-invalid]")
        look(page, "my-cases-wrong")
        give(page, code_of(portal.world, portal.mail))
        look(page, "my-cases-list")
        page.goto(f"/{how.language.value}/my-cases/list/{opened.number}")
        look(page, "my-cases-case")
        for place in ("list", f"list/{opened.number}"):
            assert bytes_of(page, f"/{how.language.value}/my-cases/{place}") <= NEXT_PAGE
    assert wrong == {}
