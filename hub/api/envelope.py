"""What surrounds every answer of the API: safe headers, and a problem in constant words when the hub itself failed."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from hub.api.errors import SomethingBroke
from hub.api.problems import problem_response
from hub.web import envelope
from hub.web.languages import preferred_language

_SAFETY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Envelope(envelope.Envelope):
    """Gives every request an id, its own if it brought a plain one, and every answer its safe headers."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, safety=_SAFETY, broken=_broken)


def _broken(scope: Scope, request_id: str) -> Response:
    language = preferred_language(Headers(scope=scope).get("accept-language"))
    return problem_response(SomethingBroke(request_id=request_id), language, request_id)
