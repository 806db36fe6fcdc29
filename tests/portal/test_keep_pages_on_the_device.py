"""What browsers keep of the portal: replaced as a whole, thrown away when the hub wants that, fit to be installed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from hub.web.assets import Assets
from hub.web.settings import PageSettings
from portal.app import create_portal
from tenants.database import Database
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.hub.api.callers import AMPLE
from tests.pages.browsers import serving
from tests.portal.own_worlds import world_of_outages
from tests.portal.test_report_in_browser import tickets
from tests.portal.test_report_without_a_line import KEEP, REPORT, SERVICE, is_sent, keep, write
from tests.portal.weak_lines import (
    ALL_KEPT,
    IN_THE_OUTBOX,
    KEPT,
    Hub,
    open_without_a_line,
    ready_without_a_line,
    wait_until,
)
from tests.world import World

BUILT = Path("hub/web/built")
NOTHING_LEFT = """async () => (await caches.keys()).length === 0
    && (await navigator.serviceWorker.getRegistrations()).length === 0"""


@dataclass
class Place:
    """The portal as it is served, and what else it may turn into."""

    address: str
    world: World
    hub: Hub
    database: Database

    def turn_into(self, *, assets: Assets | None = None, offline: bool = True) -> None:
        """Serve the portal as it is after it was updated or set otherwise."""
        settings = PageSettings(offline=offline)
        self.hub.app = create_portal(self.database, rates=AMPLE, settings=settings, assets=assets)
        self.hub.missing = set()


@pytest.fixture(scope="module")
def served(server: OwnServer, template: str, run_folder: Path) -> Iterator[Place]:
    with world_of_outages(server, template, run_folder) as world:
        hub = Hub(create_portal(world.database, rates=AMPLE))
        with serving(hub) as address:
            yield Place(address, world, hub, world.database)


@pytest.fixture
def place(served: Place) -> Place:
    """The portal as it usually is."""
    served.turn_into()
    return served


@pytest.fixture
def page(chromium: Browser, place: Place) -> Iterator[Page]:
    context = chromium.new_context(base_url=place.address, locale="en-GB")
    yield context.new_page()
    context.close()


def made_anew(folder: Path) -> tuple[Assets, str, str]:
    """The built files with another script of all pages and another worker; its version and the script's name."""
    shutil.copytree(BUILT, folder)
    files = json.loads((folder / "manifest.json").read_text())
    worker, script = files["worker.js"], files["pages.js"]
    for name, new in ((worker, "worker-ANEWANEW.js"), (script, "pages-ANEWANEW.js")):
        (folder / new).write_text((folder / name).read_text().replace(script, "pages-ANEWANEW.js"))
    code = (folder / "worker-ANEWANEW.js").read_text()
    (version,) = set(re.findall(r'version:"([0-9a-f]{12})"', code))
    (folder / "worker-ANEWANEW.js").write_text(code.replace(version, "anewanewanew"))
    files |= {"worker.js": "worker-ANEWANEW.js", "pages.js": "pages-ANEWANEW.js"}
    (folder / "manifest.json").write_text(json.dumps(files))
    return Assets(folder), "hub anewanewanew", script


def test_an_update_replaces_all_that_is_kept(page: Page, place: Place, tmp_path: Path) -> None:
    ready_without_a_line(page, f"/en{SERVICE}")
    (before,) = page.evaluate("caches.keys()")
    assets, version, old_script = made_anew(tmp_path / "built")
    place.turn_into(assets=assets)
    page.goto("/en/help")
    wait_until(page, "async (name) => (await caches.keys()).join() === name", version)
    wait_until(page, KEPT, f"/en{REPORT}/offline")
    assert before != version
    kept = page.evaluate(ALL_KEPT)
    assert f"/assets/{old_script}" not in kept
    assert "/assets/pages-ANEWANEW.js" in kept
    # Without a line there is one version, and it works.
    page.context.set_offline(True)
    open_without_a_line(page, f"/en{REPORT}")
    scripts = page.evaluate("[...document.scripts].map((each) => new URL(each.src).pathname)")
    assert "/assets/pages-ANEWANEW.js" in scripts
    assert set(scripts) <= set(kept)
    write(page, "After an update")
    keep(page)


def test_a_page_of_another_making_is_not_kept(page: Page, place: Place, tmp_path: Path) -> None:
    page.goto("/en/help")
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    assets, _, _ = made_anew(tmp_path / "built")
    # One process of the hub is new already, and the worker is still the old one.
    place.turn_into(assets=assets)
    place.hub.missing = {"/worker.js"}
    page.evaluate(
        "(keep) => navigator.serviceWorker.ready.then(({ active }) => active.postMessage({ keep }))",
        f"/en{REPORT}/offline",
    )
    page.wait_for_timeout(1_500)
    assert page.evaluate(KEPT, f"/en{REPORT}/offline") is False


def test_a_hub_that_wants_no_worker_has_it_gone_and_no_report_lost(page: Page, place: Place) -> None:
    ready_without_a_line(page, f"/en{SERVICE}")
    page.context.set_offline(True)
    open_without_a_line(page, f"/en{REPORT}")
    write(page, "Kept before it was switched off")
    keep(page)
    place.turn_into(offline=False)
    page.context.set_offline(False)
    page.goto("/en/help")
    wait_until(page, NOTHING_LEFT)
    page.goto("/en/unsent")
    is_sent(page)
    assert len(tickets(place.world, "Kept before it was switched off")) == 1


def test_a_worker_that_is_not_served_any_more_goes_by_itself(
    page: Page, place: Place, tmp_path: Path
) -> None:
    ready_without_a_line(page, f"/en{SERVICE}")
    # A hub of before the worker: neither it nor its pages' scripts know of any.
    made_anew(tmp_path / "built")
    (tmp_path / "built/pages-ANEWANEW.js").write_text("")
    for compressed in (tmp_path / "built").glob("pages-ANEWANEW.js.*"):
        compressed.unlink()
    place.turn_into(assets=Assets(tmp_path / "built"))
    place.hub.missing = {"/worker.js"}
    # It asks once an hour.
    page.evaluate(
        "async () => { for (const name of await caches.keys()) await (await caches.open(name)).delete('/worker.js'); }"
    )
    page.goto("/en/help")
    wait_until(page, NOTHING_LEFT)
    assert page.evaluate(IN_THE_OUTBOX) == []
    page.goto("/en")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


_PUT_INTO_THE_PAST = """(days) => new Promise((resolve) => {
    const asked = indexedDB.open("hub-unsent", 1);
    asked.onsuccess = () => {
        const store = asked.result.transaction("reports", "readwrite").objectStore("reports");
        store.openCursor().onsuccess = ({ target: { result } }) => {
            if (!result) return;
            const past = Date.now() - days * 24 * 3600 * 1000;
            result.update({ ...result.value, tried: result.value.tried ? past : null, at: past, seen: past });
            result.continue();
        };
        store.transaction.oncomplete = () => { asked.result.close(); resolve(); };
    };
})"""


def test_a_receipt_is_shown_for_an_hour_after_it_was_seen(page: Page, place: Place) -> None:
    ready_without_a_line(page, f"/en{SERVICE}")
    page.goto(f"/en{REPORT}/offline")
    write(page, "Seen and forgotten")
    keep(page)
    number = is_sent(page)
    page.reload()
    assert is_sent(page) == number
    page.evaluate(_PUT_INTO_THE_PAST, 1 / 23)
    page.reload()
    expect(page.get_by_text("No report waits on this device.")).to_be_visible()
    assert page.evaluate(IN_THE_OUTBOX) == []


def test_what_nobody_could_learn_for_a_week_is_not_sent_again_by_itself(page: Page, place: Place) -> None:
    ready_without_a_line(page, f"/en{SERVICE}")
    page.goto(f"/en{REPORT}/offline")
    write(page, "Tried a week ago")
    place.hub.lost = 1_000
    keep(page)
    for _ in range(300):
        (before,) = page.evaluate(IN_THE_OUTBOX)
        if before["tried"]:
            break
        page.wait_for_timeout(100)
    page.context.set_offline(True)
    page.wait_for_timeout(500)
    place.hub.lost = 0
    assert len(tickets(place.world, "Tried a week ago")) == 1
    page.evaluate(_PUT_INTO_THE_PAST, 8)
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_text("For a week we could not learn whether it has arrived")).to_be_visible()
    assert len(tickets(place.world, "Tried a week ago")) == 1
    # Its citizen decides; then it is another report to the hub.
    (after,) = page.evaluate(IN_THE_OUTBOX)
    assert after["secret"] == before["secret"]
    page.get_by_role("link", name="Read or change").click()
    expect(page.get_by_label("Tell us in your own words")).to_have_value("Tried a week ago")
    keep(page)
    is_sent(page)
    assert len(tickets(place.world, "Tried a week ago")) == 2


def test_what_has_never_left_the_device_is_sent_however_old_it_is(page: Page, place: Place) -> None:
    ready_without_a_line(page, f"/en{SERVICE}")
    page.context.set_offline(True)
    open_without_a_line(page, f"/en{REPORT}")
    write(page, "Eight days without a line")
    keep(page)
    page.get_by_role("button", name="Send now").click()
    page.evaluate(_PUT_INTO_THE_PAST, 8)
    page.reload()
    # It has not been tried, so it may still be changed.
    expect(page.get_by_role("link", name="Read or change")).to_be_visible()
    page.context.set_offline(False)
    is_sent(page)
    assert len(tickets(place.world, "Eight days without a line")) == 1


def test_a_receipt_is_not_seen_in_a_window_behind_others(page: Page, place: Place) -> None:
    page.add_init_script(
        "Object.defineProperty(document, 'visibilityState', { get: () => window.inFront ? 'visible' : 'hidden' })"
    )
    page.goto(f"/en{REPORT}/offline")
    write(page, "Sent in a pocket")
    keep(page)
    is_sent(page)
    page.wait_for_timeout(500)
    assert "seen" not in page.evaluate(IN_THE_OUTBOX)[0]
    page.evaluate("() => { window.inFront = true; document.dispatchEvent(new Event('visibilitychange')); }")
    wait_until(page, f"async () => Boolean((await ({IN_THE_OUTBOX})())[0].seen)")


def test_one_that_is_under_way_page_by_page_is_not_pushed_aside(page: Page, place: Place) -> None:
    ready_without_a_line(page, f"/en{SERVICE}")
    page.context.set_offline(True)
    open_without_a_line(page, f"/en{REPORT}")
    write(page, "From the device", email="mona@")
    keep(page)
    page.context.set_offline(False)
    expect(page.get_by_text("Needs your attention")).to_be_visible(timeout=30_000)
    # Meanwhile another is begun in the usual way.
    other = page.context.new_page()
    other.goto(f"/en{REPORT}")
    other.get_by_label("Tell us in your own words").fill("Page by page")
    other.get_by_role("button", name="Continue").click()
    other.wait_for_url("**/questions-1")
    page.get_by_role("button", name="Look through it and send it").click()
    page.get_by_text("You have another unsent report to this service").wait_for()
    page.get_by_role("link", name="Open the other report").click()
    page.wait_for_url(f"**/en{REPORT}")
    assert "Page by page" in page.get_by_role("main").inner_text()
    page.get_by_role("button", name="Erase it and begin anew").click()
    page.wait_for_url("**notice=discarded")
    page.goto("/en/unsent")
    page.get_by_role("button", name="Look through it and send it").click()
    page.wait_for_url("**/review")
    assert "From the device" in page.get_by_role("main").inner_text()
    assert page.evaluate(IN_THE_OUTBOX) == []


def test_a_report_that_is_come_back_to_and_kept_again_is_one(page: Page, place: Place) -> None:
    ready_without_a_line(page, f"/en{SERVICE}")
    page.context.set_offline(True)
    open_without_a_line(page, f"/en{REPORT}")
    write(page, "Kept twice")
    # Somebody who taps again and again, and then goes back.
    page.locator("[data-keep]").evaluate("(button) => { for (let i = 0; i < 5; i += 1) button.click(); }")
    page.wait_for_url("**/unsent")
    page.go_back()
    expect(page.get_by_label("Tell us in your own words")).to_have_value("Kept twice")
    keep(page)
    assert len(page.evaluate(IN_THE_OUTBOX)) == 1
    page.context.set_offline(False)
    is_sent(page)
    # After it was sent, no way back makes another of it.
    page.go_back()
    page.wait_for_url("**/offline#*")
    expect(page.locator("[data-with-scripts]")).to_be_visible()
    write(page, "Kept twice")
    page.get_by_role("button", name=KEEP).click()
    expect(page.get_by_text("It cannot be changed here any more")).to_be_visible()
    assert len(tickets(place.world, "Kept twice")) == 1


def test_a_hub_that_is_busy_is_tried_again_by_itself(page: Page, place: Place) -> None:
    ready_without_a_line(page, f"/en{SERVICE}")
    page.goto(f"/en{REPORT}/offline")
    write(page, "Sent to a busy hub")
    place.hub.busy = 2
    keep(page)
    is_sent(page)
    assert len(tickets(place.world, "Sent to a busy hub")) == 1


@pytest.mark.parametrize("language", Language)
def test_the_portal_can_be_installed(page: Page, place: Place, language: Language) -> None:
    page.goto(f"/{language.value}")
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    session = page.context.new_cdp_session(page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    told: dict[str, Any] = json.loads(found["data"])
    assert (told["lang"], told["dir"]) == (language.value, "rtl" if language is Language.ARABIC else "ltr")
    assert (told["start_url"], told["scope"]) == (f"/{language.value}", "/")
    wrong = [each["errorId"] for each in session.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    # Tests look from windows that keep nothing, in which nobody installs.
    assert [each for each in wrong if each != "in-incognito"] == []
    for icon in told["icons"]:
        answer = page.request.get(icon["src"])
        assert answer.headers["content-type"] == icon["type"]
        if icon["type"] == "image/png":
            size = Image.open(BytesIO(answer.body())).size
            assert f"{size[0]}x{size[1]}" == icon["sizes"]
    # The colour around the page is the band's.
    band = page.evaluate("getComputedStyle(document.querySelector('.hub-band')).backgroundColor")
    red, green, blue = (int(each) for each in re.findall("[0-9]+", band)[:3])
    colour = page.locator("meta[name=theme-color]").get_attribute("content")
    assert colour == told["theme_color"] == f"#{red:02x}{green:02x}{blue:02x}"
