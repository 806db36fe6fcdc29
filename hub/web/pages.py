"""Pages as an application: their routes, each behind its guard, and how refusals look."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.web.assets import PREFIX, WORKER
from hub.web.envelope import Broken, Envelope
from hub.web.errors import NoSuchPage, NotNow, NotReadable, NotThisWay, SentFromElsewhere, WentWrong
from hub.web.faces import face_of, retry_seconds, sentence_of, status_of
from hub.web.guarding import the_guard
from hub.web.guards import PageGuard
from hub.web.languages import in_other_language, language_of_path, language_of_visit
from hub.web.origins import is_sent_from_here
from hub.web.visits import LANGUAGE_COOKIE, PageState
from tenants.errors import Refusal
from tenants.languages import Language

SAFETY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Other sites never learn an address of ours; our own forms still say where they come from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=(), geolocation=(self)",
}
# Of what was drawn by others nothing runs and nothing is fetched, also where it is opened by itself.
SANDBOXED: Final = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'"
_COMPRESSED_FROM: Final = 500
_METHOD_NOT_ALLOWED: Final = 405
_NOT_FOUND: Final = 404
_GONE: Final = Response(status_code=HTTPStatus.GONE, headers={"Cache-Control": "no-store"})


def create_pages(state: PageState, routers: Sequence[APIRouter]) -> FastAPI:
    """Pages on a database, to be served beside the API.

    Raises `RouteWithoutGuard`: then nothing starts.
    """
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.pages = state
    for router in routers:
        app.include_router(router)
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            the_guard(route, PageGuard)  # type: ignore[type-abstract] # only asked what it is
    for path in ("/", "/styleguide") if state.pages.settings.styleguide else ("/",):
        app.add_route(path, _in_their_language, methods=["GET", "HEAD"])
    _handle(app)
    app.add_middleware(_FromHere, state=state)
    app.add_middleware(GZipMiddleware, minimum_size=_COMPRESSED_FROM, compresslevel=6)
    app.add_middleware(_WithAssets, state=state)
    app.add_middleware(Envelope, safety=SAFETY, broken=_broken(state))
    return app


def busy(app: FastAPI) -> ASGIApp:
    """What is answered in the place of any page while the process has no room for another visit."""
    state: PageState = app.state.pages

    async def come_again(scope: Scope, receive: Receive, send: Send) -> None:
        await error_page(state, Request(scope), NotNow())(scope, receive, send)

    return Envelope(come_again, safety=SAFETY, broken=_broken(state))


def error_page(
    state: PageState, request: Request, refusal: Refusal, headers: dict[str, str] | None = None
) -> Response:
    """A refusal with a face: what happened, what was kept, what to do, in the visitor's language."""
    status = status_of(refusal)
    language = language_of_visit(
        request.url.path, request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")
    )
    is_ours = language_of_path(request.url.path) is not None
    path, query = (request.url.path, request.url.query) if is_ours else (f"/{language.value}", "")
    body = state.pages.render(
        "error.html",
        language,
        here={"path": path, "switched": in_other_language(path, query, language)},
        view={
            "status": int(status),
            "face": face_of(refusal),
            "happened": sentence_of(refusal),
            "request_id": request.state.request_id if status is HTTPStatus.INTERNAL_SERVER_ERROR else None,
        },
    )
    response = Response(body, status_code=status, media_type="text/html")
    response.headers["Content-Language"] = language.value
    response.headers["Cache-Control"] = "no-store"
    told = {**getattr(request.state, "headers", {}), **(headers or {})}
    seconds = retry_seconds(refusal)
    if seconds is not None:
        told["Retry-After"] = str(seconds)
    response.headers.update(told)
    return response


def _broken(state: PageState) -> Broken:
    return lambda scope, _: error_page(state, Request(scope), WentWrong())


async def _in_their_language(request: Request) -> Response:
    """The same page in the visitor's language, from the address without any."""
    path = request.url.path
    language: Language = language_of_visit(
        path, request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")
    )
    response = RedirectResponse(f"/{language.value}{path.rstrip('/')}", status_code=HTTPStatus.SEE_OTHER)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response


class _WithAssets:
    """Answers for built files before everything else: they are nobody's secret and cost no quota."""

    def __init__(self, app: ASGIApp, state: PageState) -> None:
        self._app = app
        self._assets = state.pages.assets
        self._offline = state.pages.settings.offline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"] == WORKER and scope["method"] in ("GET", "HEAD"):
            # Where it is gone, it goes by itself, with what it kept.
            await (self._assets.serve_worker if self._offline else _GONE)(scope, receive, send)
            return
        is_asset = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        if not is_asset or not await self._assets.serve(scope, receive, send):
            await self._app(scope, receive, send)


class _FromHere:
    """Refuses what another site sends in a visitor's name, whatever page it is sent to."""

    def __init__(self, app: ASGIApp, state: PageState) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or is_sent_from_here(scope["method"], Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        await error_page(self._state, Request(scope), SentFromElsewhere())(scope, receive, send)


def _handle(app: FastAPI) -> None:
    state: PageState = app.state.pages

    async def refused(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, Refusal)  # noqa: S101 - registered for these alone
        return error_page(state, request, problem)

    async def unreadable(request: Request, _problem: Exception) -> Response:
        return error_page(state, request, NotReadable())

    async def unavailable(request: Request, _problem: Exception) -> Response:
        return error_page(state, request, NotNow())

    async def unrouted(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, HTTPException)  # noqa: S101
        if problem.status_code == _METHOD_NOT_ALLOWED:
            return error_page(state, request, NotThisWay(), dict(problem.headers or {}))
        if problem.status_code == _NOT_FOUND:
            path = request.url.path
            if path.endswith("/") and language_of_path(path) and request.method == "GET":
                return RedirectResponse(request.url.replace(path=path.rstrip("/")).path, HTTPStatus.SEE_OTHER)
            return error_page(state, request, NoSuchPage())
        raise problem

    async def gone(_request: Request, _problem: Exception) -> Response:
        # Nobody is there to read it.
        return Response(status_code=HTTPStatus.BAD_REQUEST)

    handlers: dict[type[Exception], Any] = {
        Refusal: refused,
        RequestValidationError: unreadable,
        OperationalError: unavailable,
        InterfaceError: unavailable,
        PoolExhausted: unavailable,
        HTTPException: unrouted,
        ClientDisconnect: gone,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
