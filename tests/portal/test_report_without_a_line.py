"""Reports written without a line, in a real browser: kept on the device, sent once when the line is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.app import create_portal
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.hub.api.callers import AMPLE
from tests.hub.attachments.making import photo
from tests.pages.browsers import NARROW, WIDE, Looking, found_by_axe, serving
from tests.portal.own_worlds import world_of_outages
from tests.portal.test_report_in_browser import a_file, go_on, tickets
from tests.portal.weak_lines import (
    ALL_KEPT,
    IN_THE_OUTBOX,
    Hub,
    a_phone,
    open_without_a_line,
    ready_without_a_line,
    wait_until,
)
from tests.world import World

SERVICE = "/agencies/water/services/outage"
REPORT = f"{SERVICE}/report"
KEEP = "Keep it on this device"


@pytest.fixture(scope="module")
def place(server: OwnServer, template: str, run_folder: Path) -> Iterator[tuple[str, World, Hub]]:
    """The portal served on a world of the module's own, that world, and what tests can do to its answers."""
    with world_of_outages(server, template, run_folder) as world:
        hub = Hub(create_portal(world.database, rates=AMPLE))
        with serving(hub) as address:
            yield address, world, hub


def a_page(chromium: Browser, address: str, how: Looking | None = None) -> Page:
    how = how or Looking(Language.ENGLISH, WIDE)
    return chromium.new_context(
        base_url=address,
        locale="ar-EG" if how.language is Language.ARABIC else "en-GB",
        viewport={"width": how.size[0], "height": how.size[1]},
        color_scheme=how.scheme,
        java_script_enabled=how.scripts,
        reduced_motion="reduce",
    ).new_page()


def write(page: Page, description: str, email: str = "") -> None:
    """Fill the whole page in, in English."""
    page.get_by_label("Tell us in your own words").fill(description)
    page.get_by_label("How many homes?").fill("3")
    page.get_by_role("group", name="Is a clinic among them?").get_by_label("No", exact=True).check()
    page.get_by_label("Governorate").select_option("giza")
    page.get_by_label("District or city").select_option(index=1)
    page.get_by_label("E-mail address").fill(email)


def keep(page: Page, words: str = KEEP) -> None:
    page.get_by_role("button", name=words).click()
    page.wait_for_url("**/unsent")


def lose(page: Page, hub: Hub) -> None:
    """Have it sent until the answers that get lost are lost."""
    for _ in range(300):
        if not hub.lost:
            return
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(100)
    raise AssertionError("it was not sent")


def is_sent(page: Page) -> str:
    """Wait for the number, and give it."""
    page.locator("[data-number]").wait_for()
    return page.locator("[data-number]").inner_text()


def test_a_report_is_written_without_a_line_and_sent_once_when_it_is_back(
    chromium: Browser, place: tuple[str, World, Hub]
) -> None:
    address, world, _ = place
    page = a_page(chromium, address)
    ready_without_a_line(page, f"/en{SERVICE}")
    page.context.set_offline(True)
    open_without_a_line(page, f"/en{REPORT}")
    # A question that hangs on another is asked at once; what is missing is named.
    expect(page.get_by_label("What is it called?")).to_be_hidden()
    page.get_by_role("button", name=KEEP).click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(3)
    page.get_by_role("group", name="Is a clinic").get_by_label("Yes", exact=True).check()
    expect(page.get_by_label("What is it called?")).to_be_visible()
    write(page, "Written without a line")
    page.locator("input[type=file]").set_input_files([a_file("one.jpg", "image/jpeg", photo())])
    keep(page)
    expect(page.get_by_text("Waiting for a connection")).to_be_visible()
    expect(page.get_by_text("Written without a line")).to_be_visible()
    assert tickets(world, "Written without a line") == []
    # Other pages that cannot be had say so, name what can be done, and lead to what waits.
    open_without_a_line(page, "/en/help")
    assert page.get_by_role("heading", name="No connection").is_visible()
    expect(page.get_by_role("link", name="Water company: Water cut")).to_be_visible()
    page.get_by_role("banner").get_by_role("link", name="Unsent reports").click()
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("There is no connection yet")).to_be_visible()
    page.context.set_offline(False)
    number = is_sent(page)
    (ticket,) = tickets(world, "Written without a line")
    assert (ticket.governorate, ticket.district is not None) == ("giza", True)
    # Nothing of what it said is left on the device, and the case opens with what the device shows.
    (left,) = page.evaluate(IN_THE_OUTBOX)
    assert not {"fields", "files", "secret"} & set(left)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('hub-report'))") == []
    page.get_by_role("link", name="Follow this case").click()
    page.wait_for_url("**/en/cases/*")
    main = page.get_by_role("main")
    assert "Written without a line" in (main.text_content() or "")
    assert "one.jpg" in (main.text_content() or "")
    assert number.replace("-", "") in page.url.replace("-", "")
    page.goto("/en/unsent")
    page.get_by_role("button", name="Forget it on this device").click()
    expect(page.get_by_text("No report waits on this device.")).to_be_visible()
    page.goto("/en/help")
    expect(page.get_by_role("banner").get_by_role("link", name="Unsent reports")).to_be_hidden()
    assert len(tickets(world, "Written without a line")) == 1
    page.context.close()


def test_a_report_that_loses_the_line_half_way_goes_on_in_arabic(
    chromium: Browser, place: tuple[str, World, Hub]
) -> None:
    address, world, _ = place
    page = a_page(chromium, address, Looking(Language.ARABIC, NARROW))
    ready_without_a_line(page, f"/ar{SERVICE}")
    page.goto(f"/ar{REPORT}")
    page.get_by_label("اكتبها بكلماتك").fill("انقطع الخط في المنتصف")
    go_on(page, "متابعة")
    page.wait_for_url("**/questions-1")
    page.get_by_label("كم بيتًا؟").fill("١٢")
    page.context.set_offline(True)
    go_on(page, "متابعة")
    # What the hub has had and what it has not: all of it stands on the one page.
    page.get_by_role("heading", name="الإبلاغ من دون اتصال").wait_for()
    assert page.get_by_label("اكتبها بكلماتك").input_value() == "انقطع الخط في المنتصف"
    assert page.get_by_label("كم بيتًا؟").input_value() == "١٢"
    page.get_by_role("group", name="هل بينها مستشفى؟").get_by_label("لا", exact=True).check()
    # A browser that goes away before it is kept loses nothing either.
    page.reload()
    assert page.get_by_role("group", name="هل بينها مستشفى؟").get_by_label("لا", exact=True).is_checked()
    keep(page, "احفظه على هذا الجهاز")
    page.context.set_offline(False)
    is_sent(page)
    assert len(tickets(world, "انقطع الخط في المنتصف")) == 1
    # The pages that were begun with a line are over with it.
    page.goto(f"/ar{REPORT}")
    assert page.get_by_label("اكتبها بكلماتك").input_value() == ""
    page.context.close()


def test_a_report_whose_answer_was_lost_is_there_once(
    chromium: Browser, place: tuple[str, World, Hub]
) -> None:
    address, world, hub = place
    page = a_page(chromium, address)
    ready_without_a_line(page, f"/en{SERVICE}")
    page.goto(f"/en{REPORT}/offline")
    write(page, "The answer got lost")
    hub.lost = 2
    keep(page)
    lose(page, hub)
    assert len(tickets(world, "The answer got lost")) == 1
    page.reload()
    is_sent(page)
    assert len(tickets(world, "The answer got lost")) == 1
    page.context.close()


def test_two_windows_and_the_worker_send_a_report_once(
    chromium: Browser, place: tuple[str, World, Hub]
) -> None:
    address, world, _ = place
    page = a_page(chromium, address)
    ready_without_a_line(page, f"/en{SERVICE}")
    other = page.context.new_page()
    page.context.set_offline(True)
    open_without_a_line(page, f"/en{REPORT}")
    write(page, "Sent by two windows")
    page.locator("input[type=file]").set_input_files([a_file("one.jpg", "image/jpeg", photo())])
    keep(page)
    other.goto("/en/unsent")
    page.context.set_offline(False)
    assert is_sent(page) == is_sent(other)
    assert len(tickets(world, "Sent by two windows")) == 1
    page.context.close()


def test_a_browser_that_is_killed_sends_it_when_it_is_started_again(
    chromium: Browser, place: tuple[str, World, Hub]
) -> None:
    address, world, hub = place
    with a_phone(chromium) as phone:
        page = phone.start()
        page.goto(f"{address}/en{SERVICE}")
        page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        page.goto(f"{address}/en{REPORT}/offline")
        write(page, "Kept, then killed")
        page.locator("input[type=file]").set_input_files([a_file("one.jpg", "image/jpeg", photo())])
        # Killed after the hub took it and before the answer came.
        hub.lost = 2
        keep(page)
        lose(page, hub)
        phone.kill()
        page = phone.start()
        page.goto(f"{address}/en/help")
        page.goto(f"{address}/en/unsent")
        is_sent(page)
        assert len(tickets(world, "Kept, then killed")) == 1
        phone.kill()


def test_what_is_wrong_with_it_is_mended_page_by_page(
    chromium: Browser, place: tuple[str, World, Hub]
) -> None:
    address, world, _ = place
    page = a_page(chromium, address)
    ready_without_a_line(page, f"/en{SERVICE}")
    page.context.set_offline(True)
    open_without_a_line(page, f"/en{REPORT}")
    write(page, "With a slip", email="mona@")
    page.locator("input[type=file]").set_input_files(
        [a_file("one.jpg", "image/jpeg", photo()), a_file("page.html", "text/html", b"<!doctype html><p>1")]
    )
    keep(page)
    # It can be read and changed while it waits.
    page.get_by_role("link", name="Read or change").click()
    expect(page.get_by_label("Tell us in your own words")).to_have_value("With a slip")
    page.get_by_label("Tell us in your own words").fill("With a slip, changed")
    keep(page)
    expect(page.get_by_text("With a slip, changed")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Needs your attention")).to_be_visible(timeout=30_000)
    assert "page.html" in page.get_by_role("main").inner_text()
    assert found_by_axe(page) == []
    page.get_by_role("button", name="Look through it and send it").click()
    page.wait_for_url("**/review")
    assert "page.html" not in page.get_by_role("main").inner_text()
    assert "one.jpg" in page.get_by_role("main").inner_text()
    assert page.evaluate(IN_THE_OUTBOX) == []
    page.get_by_role("alert").get_by_role("link", name="About you").click()
    page.get_by_label("E-mail address").fill("mona@example.org")
    go_on(page, "Save and go back to the review")
    page.wait_for_url("**/review")
    go_on(page, "Send the report")
    page.wait_for_url("**/receipt")
    assert len(tickets(world, "With a slip, changed")) == 1
    page.context.close()


def test_deleting_one_is_asked_twice(chromium: Browser, place: tuple[str, World, Hub]) -> None:
    address, world, _ = place
    page = a_page(chromium, address)
    ready_without_a_line(page, f"/en{SERVICE}")
    page.context.set_offline(True)
    open_without_a_line(page, f"/en{REPORT}")
    write(page, "Wanted no more")
    keep(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Leave it here").click()
    page.reload()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.get_by_text("No report waits on this device.")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    assert page.evaluate(IN_THE_OUTBOX) == []
    assert tickets(world, "Wanted no more") == []
    page.context.close()


def test_no_page_of_anybody_is_kept(chromium: Browser, place: tuple[str, World, Hub]) -> None:
    address, _, _ = place
    page = a_page(chromium, address)
    ready_without_a_line(page, f"/en{SERVICE}")
    page.goto(f"/en{REPORT}")
    page.get_by_label("Tell us in your own words").fill("Mine alone, A7F3")
    go_on(page)
    page.wait_for_url("**/questions-1")
    for path in ("", f"{REPORT}/what", f"{REPORT}/review", f"{REPORT}/receipt", "/my-cases", "/follow"):
        page.goto(f"/en{path}")
    kept = set(page.evaluate(ALL_KEPT))
    pages = {each for each in kept if not each.startswith("/assets/")}
    assert pages == {
        "/ar/offline",
        "/ar/unsent",
        "/en/offline",
        "/en/unsent",
        f"/en{REPORT}/offline",
        # When the hub was asked last whether it wants a worker.
        "/worker.js",
    }
    held = page.evaluate(
        """async () => {
        const texts = [];
        for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const each of await cache.keys()) texts.push(await (await cache.match(each)).text());
        }
        return texts.join();
    }"""
    )
    assert "A7F3" not in held
    # What is sent is never answered by the device.
    page.context.set_offline(True)
    sent = page.evaluate(f"fetch('/en{REPORT}/offline', {{method: 'POST'}}).then(() => true, () => false)")
    assert sent is False
    page.context.close()


@pytest.mark.parametrize("language", Language)
def test_without_scripts_the_pages_say_what_to_do(
    chromium: Browser, place: tuple[str, World, Hub], language: Language
) -> None:
    address, _, _ = place
    page = a_page(chromium, address, Looking(language, NARROW, scripts=False))
    page.goto(f"/{language.value}{REPORT}/offline")
    assert page.locator(f"a[href='/{language.value}{REPORT}']").is_visible()
    assert not page.locator("form").first.is_visible()
    page.goto(f"/{language.value}/unsent")
    assert page.locator("[data-without-scripts]").is_visible()
    page.context.close()


@pytest.mark.parametrize(
    "how",
    [
        Looking(Language.ARABIC, NARROW, "dark"),
        Looking(Language.ARABIC, WIDE, "light"),
        Looking(Language.ENGLISH, NARROW, "light"),
        Looking(Language.ENGLISH, WIDE, "dark"),
    ],
    ids=lambda how: how.name,
)
def test_axe_finds_nothing_on_what_works_without_a_line(
    chromium: Browser, place: tuple[str, World, Hub], how: Looking
) -> None:
    address, _, _ = place
    page = a_page(chromium, address, how)
    language = how.language.value

    def look() -> None:
        assert found_by_axe(page) == []
        assert not page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )

    ready_without_a_line(page, f"/{language}{SERVICE}")
    page.context.set_offline(True)
    open_without_a_line(page, f"/{language}/help")
    look()
    open_without_a_line(page, f"/{language}{REPORT}")
    page.locator("[data-keep]").click()
    look()
    page.locator("textarea").fill("منذ يومين")
    page.locator("[name='answers.answers.homes']").fill("1")
    page.locator("[name='answers.answers.clinic']").last.check()
    page.locator("[name='place.answers.governorate']").select_option("giza")
    page.locator("input[type=file]").set_input_files([a_file("صورة.jpg", "image/jpeg", photo())])
    look()
    page.locator("[data-keep]").click()
    page.wait_for_url("**/unsent")
    page.locator("[data-delete]").click()
    look()
    page.context.set_offline(False)
    is_sent(page)
    look()
    wait_until(page, "() => document.querySelectorAll('[data-list] > *').length === 1")
    page.context.close()
