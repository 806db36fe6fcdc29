"""Reporting in a real browser: Arabic without scripts, English with them, killed in the middle, sent in a hurry."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page
from sqlalchemy import select

from hub.tickets.models import Ticket
from tenants.languages import Language
from tests.hub.attachments.making import photo, place_exif
from tests.pages.browsers import (
    NARROW,
    WIDE,
    Looking,
    bytes_of,
    found_by_axe,
    looking,
)
from tests.world import World

PATH = "/agencies/water/services/outage/report"
WITHOUT = Looking(Language.ARABIC, NARROW, scripts=False)
WITH = Looking(Language.ENGLISH)
NEXT_PAGE = 12_000


def tickets(world: World, description: str) -> list[Ticket]:
    with world.as_staff(world.water) as context:
        found = context.session.scalars(
            select(Ticket).where(Ticket.tenant_id == world.water.id, Ticket.description == description)
        )
        return list(found)


def a_file(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def go_on(page: Page, words: str = "Continue") -> None:
    page.get_by_role("button", name=words).click()


def up_to(page: Page, step: str, description: str) -> None:
    """Fill in what is demanded, in English, up to a step."""
    page.goto(f"/en{PATH}")
    page.get_by_label("Tell us in your own words").fill(description)
    go_on(page)
    page.wait_for_url("**/questions-1")
    page.get_by_label("How many homes?").fill("3")
    page.get_by_label("No", exact=True).check()
    go_on(page)
    page.wait_for_url("**/place")
    for name in ("files", "you", "review"):
        if step == "place":
            break
        go_on(page)
        page.wait_for_url(f"**/{name}")
        if name == step:
            break


def test_a_whole_report_in_arabic_without_scripts(chromium: Browser, hub: tuple[str, World]) -> None:
    address, world = hub
    with looking(chromium, address, WITHOUT) as page:
        page.goto(f"/ar{PATH}")
        page.get_by_label("اكتبها بكلماتك").fill("لا مياه منذ يومين")
        go_on(page, "متابعة")
        page.get_by_label("كم بيتًا؟").fill("١٢")
        go_on(page, "متابعة")
        # What was left out is told, and what was typed is there.
        page.get_by_role("alert").wait_for()
        assert page.get_by_label("كم بيتًا؟").input_value() == "١٢"
        page.get_by_label("نعم").check()
        go_on(page, "متابعة")
        page.get_by_label("ما اسمه؟").fill("مستشفى الرحمة")
        go_on(page, "متابعة")
        page.get_by_label("المحافظة").select_option("giza")
        go_on(page, "متابعة")
        page.get_by_label("المدينة أو الحي").select_option(index=1)
        page.get_by_label("الشارع").fill("شارع النيل")
        go_on(page, "متابعة")
        page.locator("input[type=file]").set_input_files(
            [a_file("صورة.jpg", "image/jpeg", photo(exif=place_exif()))]
        )
        go_on(page, "متابعة")
        page.get_by_label("نعم، استخدم هذا المكان").check()
        go_on(page, "متابعة")
        page.get_by_label("الاسم").fill("منى")
        go_on(page, "متابعة")
        page.wait_for_url("**/review")
        page.get_by_role("link", name="تعديل ما الذي حدث؟").click()
        page.get_by_label("اكتبها بكلماتك").fill("لا مياه منذ ثلاثة أيام")
        go_on(page, "احفظ")
        page.wait_for_url("**/review")
        go_on(page, "أرسل البلاغ")
        page.wait_for_url("**/receipt")
        assert page.get_by_role("img", name="رمز مربع").is_visible()
        (ticket,) = tickets(world, "لا مياه منذ ثلاثة أيام")
        assert (ticket.governorate, round(ticket.latitude or 0, 3)) == ("giza", 30.044)
        # From the receipt to the case.
        page.get_by_role("link", name="تابع هذه الحالة").click()
        page.wait_for_url("**/ar/cases/*")
        assert "لا مياه منذ ثلاثة أيام" in (page.get_by_role("main").text_content() or "")


def test_a_whole_report_in_english_with_scripts(chromium: Browser, hub: tuple[str, World]) -> None:
    address, world = hub
    with looking(chromium, address, WITH) as page:
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"latitude": 30.1, "longitude": 31.2})
        up_to(page, "place", "A cut, told with scripts")
        page.get_by_label("Governorate").select_option("giza")
        page.get_by_label("District or city").select_option(index=2)
        page.get_by_role("button", name="Use my present location").click()
        page.get_by_text("Your present location will be sent").wait_for()
        assert found_by_axe(page) == []
        go_on(page)
        page.wait_for_url("**/files")
        page.locator("input[type=file]").set_input_files(
            [
                a_file("one.jpg", "image/jpeg", photo()),
                a_file("page.html", "text/html", b"<!doctype html><script>1</script>"),
            ]
        )
        page.get_by_role("checkbox", name="one.jpg").wait_for()
        page.get_by_role("alert").filter(has_text="page.html").wait_for()
        assert found_by_axe(page) == []
        go_on(page)
        page.wait_for_url("**/you")
        page.get_by_label("Name").fill("Mona")
        go_on(page)
        page.wait_for_url("**/review")
        go_on(page, "Send the report")
        page.wait_for_url("**/receipt")
        assert page.get_by_role("button", name="Print").is_visible()
        (ticket,) = tickets(world, "A cut, told with scripts")
        assert (ticket.latitude, ticket.longitude, ticket.governorate) == (30.1, 31.2, "giza")


def test_a_browser_that_was_killed_finds_everything_again(chromium: Browser, hub: tuple[str, World]) -> None:
    address, _ = hub

    def fresh(kept: dict[str, object] | None) -> BrowserContext:
        return chromium.new_context(base_url=address, locale="en-GB", storage_state=kept)  # type: ignore[arg-type] # as it was given

    context = fresh(None)
    page = context.new_page()
    up_to(page, "place", "Killed in the middle")
    page.get_by_label("Street and nearest landmark").fill("typed and never sent")
    # What a browser has on its disk outlives it; nothing else does.
    kept = context.storage_state()
    context.close()
    context = fresh(kept)  # type: ignore[arg-type] # as it was given
    page = context.new_page()
    page.goto(f"/en{PATH}")
    assert "Killed in the middle" in (page.get_by_role("main").text_content() or "")
    page.get_by_role("link", name="Go on with it").click()
    page.wait_for_url("**/place")
    assert page.get_by_label("Street and nearest landmark").input_value() == "typed and never sent"
    assert page.get_by_text("was put back").is_visible()
    go_on(page)
    page.wait_for_url("**/files")
    # The hub has it now, and the device forgets it.
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.endsWith(' place'))") == []
    for step in ("you", "review"):
        go_on(page)
        page.wait_for_url(f"**/{step}")
    go_on(page, "Send the report")
    page.wait_for_url("**/receipt")
    assert page.evaluate("localStorage.length") == 0
    context.close()


def arrive(page: Page, at: str) -> None:
    """Wait until the page is there; a second click breaks off what the first began to load, which is no failure."""
    for _ in range(1_000):
        if page.url.endswith(at):
            break
        page.wait_for_timeout(20)
    assert page.url.endswith(at)
    page.wait_for_load_state()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_double_click_sends_once(chromium: Browser, hub: tuple[str, World], scripts: bool) -> None:
    address, world = hub
    words = f"Clicked twice, scripts {scripts}"
    with looking(chromium, address, Looking(Language.ENGLISH, scripts=scripts)) as page:
        up_to(page, "review", words)
        page.get_by_role("button", name="Send the report").dblclick()
        arrive(page, "/receipt")
        number = page.locator(".hub-number").first.text_content()
        page.reload()
        assert page.locator(".hub-number").first.text_content() == number
        page.go_back()
        page.wait_for_url("**/receipt")
    assert len(tickets(world, words)) == 1


def test_a_file_that_the_hub_did_not_take_can_be_sent_again(
    chromium: Browser, hub: tuple[str, World]
) -> None:
    address, _ = hub
    # What a worker lets through is not seen by the tests' own answers.
    context = chromium.new_context(base_url=address, locale="en-GB", service_workers="block")
    page = context.new_page()
    up_to(page, "files", "On a weak line")
    page.route("**/upload", lambda route: route.fulfill(status=400, body="<!doctype html>"))
    page.locator("input[type=file]").set_input_files([a_file("one.jpg", "image/jpeg", photo())])
    again = page.get_by_role("button", name="Send it again")
    again.wait_for()
    page.unroute("**/upload")
    again.click()
    page.get_by_role("checkbox", name="one.jpg").wait_for()
    context.close()


@pytest.mark.parametrize(
    "how",
    [
        Looking(Language.ARABIC, NARROW, "light"),
        Looking(Language.ARABIC, WIDE, "dark"),
        Looking(Language.ENGLISH, NARROW, "dark"),
        Looking(Language.ENGLISH, WIDE, "light"),
    ],
    ids=lambda how: how.name,
)
def test_axe_finds_nothing_and_little_comes_over_the_line(
    chromium: Browser, hub: tuple[str, World], how: Looking
) -> None:
    address, _ = hub
    language = how.language.value
    with looking(chromium, address, how) as page:
        page.goto(f"/{language}/help")

        def look(step: str, most: int = NEXT_PAGE) -> None:
            assert bytes_of(page, f"/{language}{PATH}{step}") <= most, step
            assert found_by_axe(page) == [], step
            assert not page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            ), step

        def send() -> None:
            page.locator("form button[type=submit]").last.click()
            page.wait_for_load_state()

        look("")
        send()
        assert found_by_axe(page) == []
        page.locator("textarea").fill("منذ يومين")
        send()
        page.locator("[name='answers.homes']").fill("1")
        page.locator("[name='answers.clinic']").first.check()
        send()
        page.locator("[name='answers.clinic_name']").fill("شفاء")
        send()
        for step in ("", "/what", "/questions-1", "/questions-2", "/place", "/files", "/you", "/review"):
            look(step)
        send()
        page.wait_for_url("**/receipt")
        look("/receipt")
