"""The API as an application: its routes, each behind its guard, and how refusals leave it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import RouteContext
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.api.calls import ApiState
from hub.api.description import describe
from hub.api.envelope import Envelope
from hub.api.errors import HubUnavailable, MethodNotOffered, NoSuchPlace
from hub.api.guards import Guard
from hub.api.problems import problem_response
from hub.api.routes import ROUTERS
from hub.api.routing import operations_of
from hub.api.validation import body_refused, is_about_address
from hub.journal.announcing import Listener
from hub.web.guarding import the_guard
from hub.web.languages import preferred_language
from hub.web.statuses import RETRY_SECONDS
from tenants.database import Database
from tenants.errors import Refusal
from tenants.settings import RateLimitSettings

PREFIX: Final = "/api/v1"
_COMPRESSED_FROM: Final = 1_000
_NOT_FOUND: Final = 404
_METHOD_NOT_ALLOWED: Final = 405
_UNREADABLE: Final = 400


def create_app(database: Database, *, rates: RateLimitSettings | None = None) -> FastAPI:
    """The API on a database, to be served by itself or mounted beside pages.

    Raises `RouteWithoutGuard`: then nothing starts.
    """
    app = FastAPI(
        title="Hub19",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_listening,
        # The framework's own traces would hold addresses and the words of exceptions.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.api = ApiState(database, rates or RateLimitSettings.model_validate({}))
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    for route in operations_of(app):
        guard_of(route)
    _handle(app)
    app.add_middleware(GZipMiddleware, minimum_size=_COMPRESSED_FROM, compresslevel=5)
    app.add_middleware(Envelope)
    describe(app, guard_of)
    return app


@asynccontextmanager
async def _listening(app: FastAPI) -> AsyncIterator[None]:
    """While the application runs, hear of what all processes write to the journal."""
    state: ApiState = app.state.api
    listener = Listener(state.database, state.streams.heard)
    listener.start()
    try:
        yield
    finally:
        await run_in_threadpool(listener.end)


def guard_of(route: RouteContext) -> Guard:
    """The one guard of a route; raises `RouteWithoutGuard`."""
    return the_guard(route, Guard)  # type: ignore[type-abstract] # only asked what it is


def _handle(app: FastAPI) -> None:
    def refused(request: Request, refusal: Refusal, headers: dict[str, str] | None = None) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        told = {**getattr(request.state, "headers", {}), **(headers or {})}
        return problem_response(refusal, language, request.state.request_id, told)

    async def refusal(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, Refusal)  # noqa: S101 - registered for these alone
        return refused(request, problem)

    async def invalid(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, RequestValidationError)  # noqa: S101
        errors = problem.errors()
        return refused(request, NoSuchPlace() if is_about_address(errors) else body_refused(errors))

    async def unavailable(request: Request, _problem: Exception) -> Response:
        return refused(request, HubUnavailable(seconds=RETRY_SECONDS))

    async def unrouted(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, HTTPException)  # noqa: S101
        if problem.status_code == _METHOD_NOT_ALLOWED:
            return refused(request, MethodNotOffered(), dict(problem.headers or {}))
        if problem.status_code == _NOT_FOUND:
            return refused(request, NoSuchPlace())
        raise problem

    async def gone(_request: Request, _problem: Exception) -> Response:
        # Nobody is there to read it.
        return Response(status_code=_UNREADABLE)

    handlers: dict[type[Exception], Any] = {
        Refusal: refusal,
        RequestValidationError: invalid,
        OperationalError: unavailable,
        InterfaceError: unavailable,
        PoolExhausted: unavailable,
        HTTPException: unrouted,
        ClientDisconnect: gone,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
