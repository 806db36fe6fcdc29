"""Answers the probes of whoever runs the process: is it alive, is it ready."""

from __future__ import annotations

from typing import Final

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.serving.readiness import Readiness

HEALTH: Final = "/health"
READY: Final = "/ready"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_ASKING: Final = ("GET", "HEAD")


class Probes:
    """`/health` and `/ready` before everything else, so that a busy hub still answers them."""

    def __init__(self, app: ASGIApp, readiness: Readiness) -> None:
        self._app = app
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"] not in (HEALTH, READY) or scope["method"] not in _ASKING:
            await self._app(scope, receive, send)
            return
        answer = _answer() if scope["path"] == HEALTH else await self._ready()
        await answer(scope, receive, send)

    async def _ready(self) -> Response:
        failing = await self._readiness.failing()
        return _answer(failing=list(failing), status=503) if failing else _answer()


def _answer(*, status: int = 200, failing: list[str] | None = None) -> Response:
    body = {"status": "unavailable", "failing": failing} if failing else {"status": "ok"}
    headers = _HEADERS | ({"Retry-After": "1"} if failing else {})
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
