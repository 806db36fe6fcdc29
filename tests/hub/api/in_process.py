"""An application asked in this process, each request in one step: whole requests in, whole answers out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import anyio
import httpx2
from anyio.from_thread import BlockingPortal
from starlette.types import ASGIApp, Message


@dataclass
class InProcess(httpx2.BaseTransport):
    """The way to an application whose event loop stands behind a portal, for a client whose address is `client`.

    Starlette's own test client passes every piece of an answer from thread to thread, which takes longer than the
    answer itself. A stream without end needs it all the same.
    """

    app: ASGIApp
    portal: BlockingPortal
    client: tuple[str, int] = ("testclient", 50_000)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask, and wait for all of the answer; an application that fails without an answer gives an empty 500."""
        url = request.url
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": unquote(url.path),
            "raw_path": url.raw_path.split(b"?", 1)[0],
            "root_path": "",
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": self.client,
            "server": [url.host, url.port or 80],
            "state": {},
        }
        exchange = _Exchange(request.read())
        self.portal.call(exchange.between, self.app, scope)
        body = b"" if request.method == "HEAD" else b"".join(exchange.pieces)
        return httpx2.Response(
            exchange.status,
            headers=[(name.decode(), value.decode()) for name, value in exchange.headers],
            stream=httpx2.ByteStream(body),
            request=request,
        )


@dataclass
class _Exchange:
    """One request and its answer, held to the order that ASGI prescribes."""

    body: bytes
    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    taken: bool = False
    begun: bool = False
    complete: anyio.Event = field(init=False)

    async def between(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        self.complete = anyio.Event()
        try:
            await app(scope, self.receive, self.send)
        except Exception:
            # A server logs it, as the application has done, and answers nothing more.
            assert self.complete.is_set() or not self.begun, "an answer was broken off"

    async def receive(self) -> Message:
        if self.taken:
            await self.complete.wait()
            return {"type": "http.disconnect"}
        self.taken = True
        return {"type": "http.request", "body": self.body}

    async def send(self, message: Message) -> None:
        assert not self.complete.is_set(), "more after the end"
        if message["type"] == "http.response.start":
            assert not self.begun, "begun twice"
            self.begun, self.status, self.headers = True, message["status"], list(message.get("headers", []))
            return
        assert self.begun, "a body before its head"
        assert message["type"] == "http.response.body", message["type"]
        self.pieces.append(bytes(message.get("body", b"")))
        if not message.get("more_body", False):
            self.complete.set()
