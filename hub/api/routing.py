"""Routes of the API: bodies read strictly and within limits, before anything else is done."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response

from hub.api.errors import BodyTooLarge
from hub.api.strict_json import demand_json, read_json

MOST_BYTES: Final = 1_000_000


def operations_of(app: FastAPI) -> Iterator[RouteContext]:
    """Everything that an application offers by its whole path, also what stands in routers within routers."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context


class StrictRoute(APIRoute):
    """A route that takes JSON in one reading only, and nothing beyond its limit."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler behind the reading of its body."""
        handle = super().get_route_handler()
        takes_json = self.body_field is not None

        async def strictly(request: Request) -> Response:
            if not takes_json:
                return await handle(request)
            demand_json(request.headers.get("content-type"))
            read = ReadRequest(request.scope, request.receive)
            body = await read_body(request, MOST_BYTES)
            read.take(body, read_json(body))
            return await handle(read)

        return strictly


class ReadRequest(Request):
    """A request whose body was read already."""

    def take(self, body: bytes, document: Any) -> None:
        """Hold the body and what it says."""
        self._body = body
        self._json = document


async def read_body(request: Request, most: int) -> bytes:
    """The whole body, if it has at most so many bytes; no more than that is ever held.

    Raises `BodyTooLarge`.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > most:
        raise BodyTooLarge(field="body", most=most)
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise BodyTooLarge(field="body", most=most)
        pieces.append(piece)
    return b"".join(pieces)
