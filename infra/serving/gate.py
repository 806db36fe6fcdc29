"""The gate before the application: so many requests at a time and no more, and streams of events that end with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.envelope import Envelope
from hub.api.errors import HubUnavailable
from hub.api.problems import problem_response
from hub.web.languages import preferred_language
from hub.web.statuses import RETRY_SECONDS

_STREAM: Final = "text/event-stream"
_GONE: Final[Message] = {"type": "http.disconnect"}


class Gate:
    """Lets `most` requests in at a time; whoever comes then is told to come again.

    A stream of events gives its place back as soon as it has begun, because it works only when there is something to
    tell. When the process is to stop, streams hear that their reader has gone, and are ended properly.
    """

    def __init__(self, app: ASGIApp, *, most: int, full: Callable[[ASGIApp], ASGIApp] | None = None) -> None:
        """`full` makes what is answered when nobody else is let in, given what the API answers then."""
        self._app = app
        self._most = most
        self._inside = 0
        self._stopping = False
        self._streams: set[_Passage] = set()
        self._full = full(Envelope(_come_again)) if full else Envelope(_come_again)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most:
            await self._full(scope, receive, send)
            return
        self._inside += 1
        passage = _Passage(self, receive, send)
        try:
            await self._app(scope, passage.receive, passage.send)
            await passage.finish()
        finally:
            self._streams.discard(passage)
            if not passage.is_stream:
                self._inside -= 1

    def stop(self) -> None:
        """End the streams; whatever else is under way goes on."""
        self._stopping = True
        for passage in self._streams:
            passage.over.set()

    def begun_to_stream(self, passage: _Passage) -> None:
        """Hear of an answer that turned out to be a stream."""
        self._inside -= 1
        self._streams.add(passage)
        if self._stopping:
            passage.over.set()


class _Passage:
    """One request on its way through the gate."""

    def __init__(self, gate: Gate, receive: Receive, send: Send) -> None:
        self.is_stream = False
        self.over = asyncio.Event()
        self._gate = gate
        self._receive = receive
        self._send = send
        self._body_read = False
        self._complete = False

    async def receive(self) -> Message:
        """The next of what the client sends; of a stream that is over, that nobody reads it any more."""
        if not self._body_read:
            message = await self._receive()
            self._body_read = not message.get("more_body", False)
            return message
        heard = asyncio.ensure_future(self._receive())
        over = asyncio.ensure_future(self.over.wait())
        try:
            await asyncio.wait((heard, over), return_when=asyncio.FIRST_COMPLETED)
            return heard.result() if heard.done() else _GONE
        finally:
            heard.cancel()
            over.cancel()

    async def send(self, message: Message) -> None:
        """Passes on what the application answers."""
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            if kind.partition(";")[0].strip() == _STREAM:
                self.is_stream = True
                self._gate.begun_to_stream(self)
        elif message["type"] == "http.response.body":
            self._complete = not message.get("more_body", False)
        await self._send(message)

    async def finish(self) -> None:
        """Write the end of a stream that was ended."""
        if self.over.is_set() and not self._complete:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


async def _come_again(scope: Scope, receive: Receive, send: Send) -> None:
    refused = problem_response(
        HubUnavailable(seconds=RETRY_SECONDS),
        preferred_language(Headers(scope=scope).get("accept-language")),
        scope["state"]["request_id"],
    )
    await refused(scope, receive, send)
