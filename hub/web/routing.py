"""Routes of pages: under the language of their address, what forms send read within limits before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from hub.web.sent import read_sent
from tenants.languages import Language

MOST_BYTES: Final = 1_000_000
_SENDING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class _LanguageConvertor(Convertor[str]):
    """The step of an address that says a page's language."""

    regex = "|".join(Language)

    def convert(self, value: str) -> str:
        """The step itself."""
        return value

    def to_string(self, value: str) -> str:
        """The step itself."""
        return value


register_url_convertor("language", _LanguageConvertor())


class PageRoute(APIRoute):
    """A page, or what a form of a page sends to."""

    most_bytes: ClassVar[int] = MOST_BYTES

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if self.methods and "GET" in self.methods:
            # Who asks only whether a page is there, is told; the server sends no body then.
            self.methods.add("HEAD")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler behind the reading of what was sent."""
        handle = super().get_route_handler()

        async def with_sent(request: Request) -> Response:
            if request.method not in _SENDING:
                return await handle(request)
            sent = await read_sent(request, self.most_bytes)
            request.state.sent = sent
            try:
                return await handle(request)
            finally:
                sent.close()

        return with_sent


def page_router(*, most_bytes: int = MOST_BYTES) -> APIRouter:
    """A router for pages under `/ar` and `/en`, whose forms may send so many bytes."""
    kind = (
        PageRoute if most_bytes == MOST_BYTES else type("PageRoute", (PageRoute,), {"most_bytes": most_bytes})
    )
    return APIRouter(prefix="/{language:language}", route_class=kind, include_in_schema=False)
