"""Files over weak lines in a real browser: cut, silent, killed, cancelled; what arrives is whole, and there once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Literal
from uuid import UUID

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from sqlalchemy import select

from hub.attachments.models import Attachment
from hub.attachments.originals import original
from hub.attachments.settings import file_settings
from tests.hub.attachments.acting import set_to
from tests.hub.attachments.making import photo
from tests.pages.browsers import found_by_axe
from tests.pages.lines import Line, line_to
from tests.world import World

PATH = "/agencies/water/services/outage/report"
CONTENT = b"".join(b"%09d\n" % number for number in range(200_000))


@pytest.fixture
def line(hub: tuple[str, World]) -> Iterator[Line]:
    with line_to(hub[0]) as line:
        yield line


@contextmanager
def a_browser(
    chromium: Browser, address: str, kept: object = None, *, workers: Literal["allow", "block"] = "allow"
) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=address,
        locale="en-GB",
        service_workers=workers,
        storage_state=kept,  # type: ignore[arg-type] # as it was given
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def at_files(page: Page, language: str = "en") -> None:
    """Go through a report up to the page for files."""
    page.goto(f"/{language}{PATH}")
    page.locator("textarea").fill("On a weak line")
    go_on(page)
    page.wait_for_url("**/questions-1")
    page.locator("[name='answers.homes']").fill("1")
    page.locator("[name='answers.clinic']").nth(1).check()
    go_on(page)
    page.wait_for_url("**/place")
    go_on(page)
    page.wait_for_url("**/files")


def go_on(page: Page) -> None:
    page.locator("form button[type=submit]").last.click()


def choose(page: Page, name: str, content: bytes) -> None:
    file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.locator("input[type=file]").set_input_files([file])


def arrived(page: Page, name: str) -> UUID:
    """Wait until a file is in the report; gives its id."""
    box = page.get_by_label(name, exact=True).and_(page.get_by_role("checkbox"))
    box.wait_for(timeout=60_000)
    assert box.count() == 1
    return UUID(box.get_attribute("value"))


def bytes_at_the_hub(world: World, file: UUID) -> bytes:
    with world.as_system(world.water) as context:
        row = context.session.scalars(
            select(Attachment).where(Attachment.tenant_id == world.water.id, Attachment.id == file)
        ).one()
        with original(row) as (content, digest):
            content.seek(0)
            whole = content.read()
            assert digest == row.sha256 == hashlib.sha256(whole).digest()
            return whole


def files_named(world: World, name: str) -> list[str]:
    with world.as_system(world.water) as context:
        found = context.session.scalars(
            select(Attachment).where(Attachment.tenant_id == world.water.id, Attachment.name == name)
        )
        return [each.state for each in found]


@pytest.mark.parametrize("is_secure", [True, False], ids=["with a checksum", "without"])
def test_a_line_that_is_cut_several_times_brings_one_whole_file(
    chromium: Browser, hub: tuple[str, World], line: Line, is_secure: bool
) -> None:
    name = f"cut-{is_secure}.txt"
    with a_browser(chromium, line.address) as page:
        if not is_secure:
            page.add_init_script(
                "Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })"
            )
        at_files(page)
        # In the first piece, between, and near the end.
        line.cut_after(100_000, 500_000, 700_000, 400_000)
        before = line.sent
        choose(page, name, CONTENT)
        assert bytes_at_the_hub(hub[1], arrived(page, name)) == CONTENT
        # What had arrived was not sent again: no cut cost more than the piece it fell into.
        assert line.sent - before < len(CONTENT) * 2.2
        go_on(page)
        page.wait_for_url("**/you")
    assert len(files_named(hub[1], name)) == 1


def test_answers_that_are_lost_make_nothing_twice(
    chromium: Browser, hub: tuple[str, World], line: Line
) -> None:
    with a_browser(chromium, line.address) as page:
        at_files(page)
        line.lose_answers(2, to=b"/report/upload")
        choose(page, "small.jpg", photo())
        arrived(page, "small.jpg")
        line.lose_answers(3, to=b"/report/upload")
        choose(page, "lost.txt", CONTENT[:600_000])
        assert bytes_at_the_hub(hub[1], arrived(page, "lost.txt")) == CONTENT[:600_000]
        # A photo is looked at and drawn anew by another process; here it waits for that.
        assert page.locator(".hub-files input[type=checkbox]").count() == 2
    assert [len(files_named(hub[1], each)) for each in ("small.jpg", "lost.txt")] == [1, 1]


@pytest.mark.parametrize(("language", "words"), [("ar", "لا يوجد اتصال"), ("en", "No connection")])
def test_without_a_connection_it_says_so_and_goes_on_when_there_is_one(
    chromium: Browser, hub: tuple[str, World], line: Line, language: str, words: str
) -> None:
    name = f"offline-{language}.txt"
    with a_browser(chromium, line.address) as page:
        at_files(page, language)
        page.context.set_offline(True)
        choose(page, name, CONTENT)
        page.get_by_text(words).wait_for()
        assert found_by_axe(page) == []
        page.context.set_offline(False)
        assert bytes_at_the_hub(hub[1], arrived(page, name)) == CONTENT


def test_continue_waits_for_files_that_are_under_way(
    chromium: Browser, hub: tuple[str, World], line: Line
) -> None:
    with a_browser(chromium, line.address) as page:
        at_files(page)
        page.context.set_offline(True)
        choose(page, "waits.txt", CONTENT)
        page.get_by_text("No connection").wait_for()
        go_on(page)
        page.wait_for_timeout(300)
        assert page.url.endswith("/files")
        page.context.set_offline(False)
        page.wait_for_url("**/you", timeout=60_000)
        page.goto(f"/en{PATH}/files")
        arrived(page, "waits.txt")


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "reloaded"])
def test_a_browser_that_went_away_goes_on_when_the_same_file_is_chosen_again(
    chromium: Browser, hub: tuple[str, World], line: Line, is_killed: bool
) -> None:
    name = f"again-{is_killed}.txt"
    with ExitStack() as browsers:
        page = browsers.enter_context(a_browser(chromium, line.address))
        at_files(page)
        # Nothing comes through after the half of it.
        line.cut_after(len(CONTENT) // 2, *[1] * 50)
        choose(page, name, CONTENT)
        page.get_by_text("The connection is weak").wait_for()
        line.mend()
        if is_killed:
            # What a browser has on its disk outlives it; nothing else does.
            kept = page.context.storage_state()
            page.context.close()
            page = browsers.enter_context(a_browser(chromium, line.address, kept))
        page.goto(f"/en{PATH}/files")
        hint = page.locator("[data-unfinished]")
        expect(hint).to_contain_text(name)
        told = re.search(r"(\d+)%", hint.inner_text())
        assert told is not None
        share = int(told[1]) / 100
        assert 0 < share < 1
        before = line.sent
        choose(page, name, CONTENT)
        assert hint.count() == 0
        assert bytes_at_the_hub(hub[1], arrived(page, name)) == CONTENT
        assert line.sent - before < len(CONTENT) * (1.02 - share) + 20_000
    assert len(files_named(hub[1], name)) == 1


def test_a_file_that_is_not_wanted_any_more_is_taken_back(
    chromium: Browser, hub: tuple[str, World], line: Line
) -> None:
    with a_browser(chromium, line.address) as page:
        at_files(page)
        line.cut_after(700_000, *[1] * 50)
        choose(page, "unwanted.txt", CONTENT)
        page.get_by_text("The connection is weak").wait_for()
        line.mend()
        with page.expect_response("**/upload/cancel"):
            page.get_by_role("button", name="Cancel: unwanted.txt").click()
        assert page.get_by_text("unwanted.txt").count() == 0
        choose(page, "wanted.txt", CONTENT[:1_000])
        arrived(page, "wanted.txt")
        page.reload()
        assert page.get_by_text("unwanted.txt").count() == 0
    assert files_named(hub[1], "unwanted.txt") == []


def test_a_file_that_is_too_large_is_refused_before_anything_is_sent(
    chromium: Browser, hub: tuple[str, World], line: Line
) -> None:
    with a_browser(chromium, line.address) as page:
        at_files(page)
        uploads: list[str] = []
        page.on("request", lambda asked: uploads.append(asked.url) if "/upload" in asked.url else None)
        choose(page, "huge.txt", b"x" * (25 * 1024 * 1024 + 1))
        page.get_by_role("alert").filter(has_text="at most 25 MB").wait_for()
        assert uploads == []
        # It holds nobody up.
        go_on(page)
        page.wait_for_url("**/you")


def test_a_hub_that_takes_smaller_pieces_gets_them(
    chromium: Browser, hub: tuple[str, World], line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, bytes_per_piece=100_000)
    try:
        with a_browser(chromium, line.address) as page:
            at_files(page)
            choose(page, "small-pieces.txt", CONTENT[:900_000])
            assert bytes_at_the_hub(hub[1], arrived(page, "small-pieces.txt")) == CONTENT[:900_000]
    finally:
        monkeypatch.undo()
        file_settings.cache_clear()


def test_a_hub_that_is_busy_is_asked_again(chromium: Browser, hub: tuple[str, World], line: Line) -> None:
    # What a worker lets through is not seen by the tests' own answers.
    with a_browser(chromium, line.address, workers="block") as page:
        at_files(page)
        statuses, given = iter([503, 429, 502]), []

        def answer(route: Route) -> None:
            status = next(statuses, None)
            given.append(status)
            if status is None:
                route.continue_()
            else:
                route.fulfill(status=status, headers={"Retry-After": "1"}, body="<!doctype html>")

        page.route("**/upload", answer)
        choose(page, "busy.txt", CONTENT[:1_000])
        arrived(page, "busy.txt")
        # Asked without the piece after the first refusal, then sent.
        assert given == [503, 429, 502, None, None]
