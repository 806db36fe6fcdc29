"""Those who visit pages in tests, without a browser: every answer they get is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from tests.pages.checker import check_response, parse

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Visitor:
    """Somebody with a browser of their own, which keeps cookies; paths are told with their language."""

    client: TestClient

    def get(self, path: str, **more: Any) -> Response:
        """Open a page."""
        return self.send("GET", path, **more)

    def post(self, path: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Response:
        """Send a form from one of our own pages."""
        headers = {**FROM_HERE, **more.pop("headers", {})}
        return self.send("POST", path, data=dict(fields or {}), headers=headers, **more)

    def send(self, method: str, path: str, **more: Any) -> Response:
        """Send anything; redirections are not followed."""
        answer = self.client.request(method, path, follow_redirects=False, **more)
        check_response(answer)
        return answer

    def see(self, path: str) -> Element:
        """The tree of a page that has to be there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return parse(answer.text)


@contextmanager
def visiting(app: FastAPI, *, scheme: str = "http") -> Iterator[Visitor]:
    """Visitors of an application."""
    client = TestClient(app, raise_server_exceptions=False, base_url=f"{scheme}://hub.test")
    with start_blocking_portal() as client.portal:
        yield Visitor(client)


def words_of(element: Element | None) -> str:
    """What a part of a page says."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
