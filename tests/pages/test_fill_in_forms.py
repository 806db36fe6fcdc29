"""A form in a real browser: with scripts and without, by keyboard, twice in a hurry, and after going back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from hub.web.assets import Assets
from hub.web.pages import create_pages
from hub.web.rendering import Pages
from hub.web.settings import PageSettings
from hub.web.visits import PageState
from tenants.database import Database
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.hub.api.callers import AMPLE
from tests.pages.asking import router
from tests.pages.browsers import Looking, found_by_axe, looking, serving

WITHOUT = Looking(Language.ARABIC, scripts=False)
WITH = Looking(Language.ENGLISH)


@pytest.fixture(scope="module")
def asking(server: OwnServer, template: str, run_folder: Path) -> Iterator[str]:
    """The address of a page that asks."""
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value())
        pages = Pages(("tests.pages",), Assets(), PageSettings())
        try:
            with serving(create_pages(PageState(database, AMPLE, pages), [router])) as address:
                yield address
        finally:
            database.dispose()


def is_asked(page: Page, question: str) -> bool:
    return page.locator(f"[data-question={question}]").is_visible()


def test_with_scripts_a_question_comes_up_and_goes_away_at_once(chromium: Browser, asking: str) -> None:
    with looking(chromium, asking, WITH) as page:
        page.goto("/en/ask")
        assert not is_asked(page, "danger")
        page.get_by_label("Yes").check()
        assert is_asked(page, "danger")
        page.get_by_label("What is the danger?").fill("a wire")
        assert found_by_axe(page) == []
        page.get_by_label("No", exact=True).check()
        assert not is_asked(page, "danger")
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/en/asked?answers=hazard")


def test_without_scripts_it_comes_up_after_sending_and_nothing_is_lost(
    chromium: Browser, asking: str
) -> None:
    with looking(chromium, asking, WITHOUT) as page:
        page.goto("/ar/ask")
        assert not is_asked(page, "danger")
        page.get_by_label("نعم").check()
        page.get_by_label("كم شقة؟").fill("٣")
        page.get_by_role("button", name="متابعة").click()
        assert is_asked(page, "danger")
        assert page.get_by_label("كم شقة؟").input_value() == "٣"
        assert page.get_by_label("نعم").is_checked()
        page.get_by_label("ما الخطر؟").fill("سلك مكشوف")
        page.get_by_role("button", name="متابعة").click()
        page.wait_for_url("**/ar/asked?**")


def test_the_first_wrong_field_has_the_focus_and_the_summary_leads_to_each(
    chromium: Browser, asking: str
) -> None:
    for how in (WITH, Looking(Language.ENGLISH, scripts=False)):
        with looking(chromium, asking, how) as page:
            page.goto("/en/ask")
            page.get_by_label("No", exact=True).check()
            for part, digits in (("Day", "31"), ("Month", "2"), ("Year", "2026")):
                page.get_by_label(part).fill(digits)
            page.get_by_label("How many flats?").fill("many")
            page.get_by_role("button", name="Continue").click()
            page.get_by_role("alert").wait_for()
            assert page.locator(":focus").get_attribute("id") == "answers-since-day"
            page.get_by_role("alert").get_by_role("link").nth(1).click()
            assert page.locator(":focus").get_attribute("id") == "answers-flats"
            assert page.get_by_label("Day").input_value() == "31"
            if how.scripts:
                assert found_by_axe(page) == []


def test_a_form_sent_twice_in_a_hurry_is_sent_once_and_again_after_going_back(
    chromium: Browser, asking: str
) -> None:
    with looking(chromium, asking, WITH) as page:
        sent: list[str] = []
        page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
        page.goto("/en/ask")
        page.get_by_label("No", exact=True).check()
        page.evaluate(
            "() => { const send = document.querySelector('form button'); send.click(); send.click(); }"
        )
        page.wait_for_url("**/en/asked?**")
        assert len(sent) == 1
        page.go_back()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/en/asked?**")
        assert len(sent) == 2


def test_a_page_can_be_walked_through_by_keyboard_beginning_with_a_way_to_the_content(
    chromium: Browser, asking: str
) -> None:
    with looking(chromium, asking, WITH) as page:
        page.goto("/en/ask")
        page.keyboard.press("Tab")
        assert page.locator(":focus").text_content() == "Skip to the content"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.locator(":focus").get_attribute("name") == "answers.hazard"
        page.keyboard.press("Space")
        assert is_asked(page, "danger")


def test_another_site_cannot_send_our_form(chromium: Browser, asking: str) -> None:
    with looking(chromium, asking, WITH) as page:
        page.goto("/en/ask")
        ours = page.context.new_page()
        ours.set_content(f'<form method="post" action="{asking}/en/ask"><button>go</button></form>')
        ours.get_by_role("button").click()
        ours.wait_for_load_state()
        assert "another site" in (ours.get_by_role("main").text_content() or "")
