"""Agencies' own colours and logos in a real browser: they can be read, and nothing that is drawn does anything."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Route
from sqlalchemy.dialects.postgresql import insert

from hub.looks.actions import save_look
from hub.looks.models import Look
from portal.app import create_portal
from tenants.database import Database
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.hub.api.callers import AMPLE
from tests.hub.looks.harmful import HARMFUL
from tests.hub.promises.test_say_how_promises_were_kept import row
from tests.pages.browsers import EVERYBODY, Looking, found_by_axe, looking, serving
from tests.world import World, load_world

OUTSIDE = "http://outside.example"
PICTURE = HARMFUL["a picture within"].replace("OUTSIDE", OUTSIDE)


@pytest.fixture(scope="module")
def served(server: OwnServer, template: str, run_folder: Path) -> Iterator[tuple[World, str]]:
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value())
        world = load_world(database)
        counts = {"answers_due": 40, "answers_kept": 38, "solutions_due": 30, "solutions_kept": 15}
        with world.as_system(world.water) as context:
            context.session.add(row(world.water.id, datetime.now(UTC).date(), **counts))
        try:
            with serving(create_portal(database, rates=AMPLE)) as address:
                yield world, address
        finally:
            database.dispose()


def hang(world: World, drawing: str) -> None:
    """Put a drawing in the logo's place as it is, as if cleaning had let it through."""
    content = drawing.encode()
    values = {
        "colour": "#ffee88",
        "logo_kind": "svg",
        "logo": content,
        "version": hashlib.sha256(content).hexdigest(),
    }
    with world.as_system(world.water) as context:
        context.session.execute(
            insert(Look)
            .values(tenant_id=world.water.id, saved_at=context.now, **values)
            .on_conflict_do_update(index_elements=["tenant_id"], set_=values)
        )


def test_whatever_were_drawn_nothing_runs_and_nothing_is_fetched(
    chromium: Browser, served: tuple[World, str]
) -> None:
    world, address = served
    done = {}
    for tries, drawing in HARMFUL.items():
        hang(world, drawing.replace("OUTSIDE", OUTSIDE).replace("alert(1)", "document.title='ran';alert(1)"))
        if happened := happens(chromium, address):
            done[tries] = happened
    assert done == {}


def happens(chromium: Browser, address: str) -> list[str]:
    """What the logo that hangs now does, opened by itself and on its agency's page."""
    happened: list[str] = []

    def say(dialog: Dialog) -> None:
        happened.append("a script ran")
        dialog.dismiss()

    def fetch(route: Route) -> None:
        # Only what the policy lets through gets here.
        happened.append(route.request.url)
        route.fulfill(body="")

    with chromium.new_context(base_url=address) as context:
        context.route(f"{OUTSIDE}/**", fetch)
        page = context.new_page()
        page.on("dialog", say)
        for place in ("/ar/agencies/water/logo.svg", "/ar/agencies/water"):
            page.goto(place)
            page.wait_for_load_state("networkidle")
            if page.title() == "ran":
                happened.append("a script ran")
    return happened


def test_the_same_drawings_would_do_something_without_the_policy(chromium: Browser) -> None:
    """Else the test above would show nothing."""
    fetched: list[str] = []

    def answer(route: Route) -> None:
        fetched.append(route.request.url)
        drawing = HARMFUL["a script"] if route.request.url.endswith("script.svg") else PICTURE
        route.fulfill(content_type="image/svg+xml", body=drawing)

    with chromium.new_context() as context:
        context.route("**/*", answer)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.dismiss())
        with page.expect_event("dialog"):
            page.goto("http://hub.example/script.svg")
        page.goto("http://hub.example/picture.svg")
        page.wait_for_load_state("networkidle")
    assert f"{OUTSIDE}/a.png" in fetched


@pytest.mark.parametrize("how", EVERYBODY, ids=lambda how: how.name)
def test_an_agencys_page_in_its_colour_and_with_its_figures_can_be_read_by_everybody(
    chromium: Browser, served: tuple[World, str], how: Looking
) -> None:
    world, address = served
    with world.as_system(world.water) as context:
        save_look(context, colour="#ffee88")
    wrong = {}
    for place in ("/agencies/water", "/agencies/water/services/leak", "/agencies/water/services/leak/report"):
        with looking(chromium, address, how) as page:
            page.goto(f"/{how.language.value}{place}")
            if page.locator("summary").count():
                page.locator("summary").first.click()
            found = found_by_axe(page)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append("the page is wider than the screen")
            assert page.locator(".hub-agency img").evaluate("each => each.naturalWidth") > 0
            if found:
                wrong[place] = found
    assert wrong == {}
