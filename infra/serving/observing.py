"""The outermost layer: measures every request, writes its line in the log, and follows it by traces."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.logs import at_hand
from infra.metrics import IN_FLIGHT, REQUESTS, SECONDS
from infra.telemetry import Telemetry

# What a probe asks every few seconds; a line for each answer that all is well would bury the others.
_PROBES: Final = ("/health", "/ready")
_OK: Final = 200
_FAILED: Final = 500
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ABORTED: Final = "aborted"

# Named, so that the logger need not look for its caller at every request.
_log = structlog.get_logger(__name__)


class Observing:
    """Tells of a request its method, the template of its route, its status and its time, and whose it was by ids.

    Nothing else of it leaves: no address, no question, no header and no body, because those may be a person's.
    """

    def __init__(
        self, app: ASGIApp, *, route_of: Callable[[Scope], str], telemetry: Telemetry | None = None
    ) -> None:
        self._app = app
        self._route_of = route_of
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        state = scope.setdefault("state", {})
        token = at_hand.set(state)
        began = time.perf_counter()
        IN_FLIGHT.inc()
        span = self._telemetry.request(scope) if self._telemetry else nullcontext()
        try:
            with span as told:
                try:
                    await self._app(scope, receive, answer.send)
                finally:
                    if told is not None:
                        told.end(_method(scope), self._route_of(scope), answer.status, state)
        finally:
            IN_FLIGHT.dec()
            self._tell(scope, answer, time.perf_counter() - began)
            at_hand.reset(token)

    def _tell(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        method, route = _method(scope), self._route_of(scope)
        status = ABORTED if answer.status is None else str(answer.status)
        REQUESTS.labels(method, route, status).inc()
        if not answer.streams:
            SECONDS.labels(method, route).observe(seconds)
        if route in _PROBES and answer.status == _OK:
            return
        level = "warning" if answer.status is None or answer.status >= _FAILED else "info"
        facts: dict[str, Any] = {
            "method": method,
            "route": route,
            "status": answer.status or ABORTED,
            "seconds": round(seconds, 4),
        }
        getattr(_log, level)("request", **facts)


class _Answer:
    """What is learnt of an answer while it is sent."""

    def __init__(self, send: Send) -> None:
        self.status: int | None = None
        self.streams = False
        self._send = send

    async def send(self, message: Message) -> None:
        """Passes on, reading the status."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.streams = any(
                name == b"content-type" and value.startswith(b"text/event-stream")
                for name, value in message.get("headers", ())
            )
        await self._send(message)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "OTHER"
