"""What surrounds every answer: the request's id, headers of safety, and a constant word when the hub itself failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = structlog.get_logger()

Broken = Callable[[Scope, str], Response]
"""What is answered when the hub failed, by the request and its id."""


class Envelope:
    """Gives every request an id, its own if it brought a plain one, and every answer its safe headers."""

    def __init__(self, app: ASGIApp, *, safety: Mapping[str, str], broken: Broken) -> None:
        self.app = app
        self._safety = safety
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        brought = Headers(scope=scope).get("x-request-id", "")
        request_id = brought if _REQUEST_ID.fullmatch(brought) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        begun = False

        async def enveloped(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                told = MutableHeaders(scope=message)
                told["X-Request-Id"] = request_id
                for name, value in self._safety.items():
                    told.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, enveloped)
        except Exception as problem:
            # Of an exception only its kind is told: its words may quote what a person wrote.
            _log.exception("request_failed", request_id=request_id, problem=type(problem).__name__)
            if begun:
                raise
            await self._broken(scope, request_id)(scope, receive, enveloped)
