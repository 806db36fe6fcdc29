"""A real Chromium for tests, and the hub's pages served to it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from starlette.types import ASGIApp

from tenants.languages import Language
from tests.services.packages import program
from tests.services.ports import free_port

AXE = Path(__file__).parents[2] / "hub/web/front/node_modules/axe-core/axe.min.js"
WIDE, NARROW = (1280, 900), (360, 740)
Scheme = Literal["light", "dark"]
_ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ABOUT_COLOURS = ["color-contrast", "link-in-text-block"]


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        # Tests may run as root, where Chromium's own sandbox cannot.
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """An application on a port of loopback, in a thread; gives its address."""
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass(frozen=True)
class Looking:
    """How somebody looks at pages: in which language, how wide, by day or night, with scripts or without."""

    language: Language = Language.ARABIC
    size: tuple[int, int] = WIDE
    scheme: Scheme = "light"
    scripts: bool = True

    @property
    def name(self) -> str:
        """Its name in names of files."""
        return f"{self.language.value}-{'wide' if self.size == WIDE else 'narrow'}-{self.scheme}"


EVERYBODY = [
    Looking(language, size, scheme)
    for language in Language
    for size in (WIDE, NARROW)
    for scheme in ("light", "dark")
]


@contextmanager
def looking(browser: Browser, address: str, how: Looking) -> Iterator[Page]:
    """A page of a fresh browser; whatever breaks the policy of our pages, or fails in a script, is an error."""
    context: BrowserContext = browser.new_context(
        base_url=address,
        viewport={"width": how.size[0], "height": how.size[1]},
        color_scheme=how.scheme,
        java_script_enabled=how.scripts,
        locale="ar-EG" if how.language is Language.ARABIC else "en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.on(
        "request", lambda asked: complaints.append(asked.url) if not asked.url.startswith(address) else None
    )
    try:
        yield page
    finally:
        context.close()
    assert complaints == []


def _is_complaint(said: ConsoleMessage) -> bool:
    # Of a page that is refused on purpose Chromium tells the console; of a part of a page it must not be.
    is_page = "status of 4" in said.text and "/assets/" not in said.location["url"]
    return said.type in ("error", "warning") and not is_page


def found_by_axe(page: Page) -> list[str]:
    """What axe finds wrong with the page that is open: the rule, and where.

    By night only what is about colours, which takes a third of the time: all else is the same as by day.
    """
    page.evaluate(_axe())
    by_night = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    result: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules})", _ABOUT_COLOURS if by_night else _ALL_RULES
    )
    return [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def bytes_of(page: Page, path: str) -> int:
    """How many bytes come over the line, compressed and with their headers, when a page is opened."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    # What the worker fetches for a page is not counted for the page.
    session.send("Network.setBypassServiceWorker", {"bypass": True})
    seen: list[float] = []
    session.on("Network.loadingFinished", lambda event: seen.append(event["encodedDataLength"]))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    session.detach()
    return round(sum(seen))


@functools.cache
def _axe() -> str:
    return AXE.read_text("utf-8")
