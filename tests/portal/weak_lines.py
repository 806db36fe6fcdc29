"""A hub that tests can cut off, change under way, or have do its work and never answer."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.services.packages import program
from tests.services.ports import free_port

KEPT = """async (path) => {
    for (const name of await caches.keys()) if (await (await caches.open(name)).match(path)) return true;
    return false;
}"""
ALL_KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
    return found;
}"""
IN_THE_OUTBOX = """() => new Promise((resolve) => {
    const asked = indexedDB.open("hub-unsent", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("reports", { keyPath: "id" });
    asked.onsuccess = () => {
        const all = asked.result.transaction("reports").objectStore("reports").getAll();
        all.onsuccess = () => { asked.result.close(); resolve(JSON.parse(JSON.stringify(all.result))); };
    };
})"""


class Hub:
    """The pages as they are now; `lost` is how many answers to sent reports get lost after the work was done.

    `busy` is how many reports get told that there is too much to do.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.lost = 0
        self.busy = 0
        self.missing: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path = scope.get("path", "")
        if path in self.missing:
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        elif scope.get("method") == "POST" and path.endswith("/report/offline"):
            await self._take(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        came: list[Message] = [await receive()]
        while came[-1].get("more_body"):
            came.append(await receive())
        body = b"".join(each.get("body", b"") for each in came)

        async def again() -> Message:
            return came.pop(0) if came else await receive()

        if self.busy:
            self.busy -= 1
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        elif self.lost and b"send=yes" in body:
            await self._lose(scope, again, send)
        else:
            await self.app(scope, again, send)

    async def _lose(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.lost -= 1

        async def nowhere(_: Message) -> None:
            return None

        await self.app(scope, receive, nowhere)
        # The line breaks in the middle of the answer.
        head = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionResetError


def wait_until(page: Page, script: str, argument: Any = None, *, seconds: int = 30) -> None:
    """Wait for what a script finds out.

    `wait_for_function` takes promises for true, and asks again by what the policy of our pages forbids.
    """
    for _ in range(seconds * 10):
        if page.evaluate(script, argument):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came: {script} {argument}")


def ready_without_a_line(page: Page, path: str) -> None:
    """Open a service's page, and wait until this browser can do without the hub."""
    page.goto(path)
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    wait_until(page, KEPT, f"{path}/report/offline")


def open_without_a_line(page: Page, path: str) -> None:
    """Open a page while the browser has no line.

    A worker that Chromium starts anew does not know for a moment that tests have taken its line away.
    """
    wanted = (
        "[data-offline-report]" if path.endswith("/report") else "[data-offline-page], [data-unsent-page]"
    )
    for _ in range(20):
        page.goto(path)
        if page.locator(wanted).count():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{path} was never what is shown without a line: {page.content()[:500]}")


class Phone:
    """A browser with a folder of its own, which can be killed and started again."""

    def __init__(self, browser: Browser) -> None:
        self._kind = browser.browser_type
        self._folder = tempfile.TemporaryDirectory(prefix="hub19-phone-", ignore_cleanup_errors=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Page:
        """The first page of the browser, with all that it had kept."""
        port = free_port()
        self._process = subprocess.Popen(
            [
                str(program("chromium", "chromium")),
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--no-first-run",
                f"--remote-debugging-port={port}",
                f"--user-data-dir={Path(self._folder.name)}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(200):
            try:
                connected = self._kind.connect_over_cdp(f"http://127.0.0.1:{port}")
                return connected.contexts[0].new_page()
            except Exception:
                time.sleep(0.1)
        raise AssertionError("the browser did not start")

    def kill(self) -> None:
        """End it at once, as a phone does whose battery is empty."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Have nothing left of it."""
        self.kill()
        self._folder.cleanup()


@contextmanager
def a_phone(browser: Browser) -> Iterator[Phone]:
    """A browser that can be killed, gone in the end."""
    phone = Phone(browser)
    try:
        yield phone
    finally:
        phone.close()
