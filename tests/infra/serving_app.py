"""A small application for tests of serving: slow, streaming, writing and failing routes on a real hub."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from fastapi import FastAPI, Request
from sqlalchemy import text
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, StreamingResponse

from hub.api.envelope import Envelope
from infra.logs import configure_logs
from infra.process import Hub
from infra.serving.serve import Addresses, serve
from infra.settings import WebSettings
from tenants.context import SYSTEM
from tenants.ids import HUB

_KEY = UUID("01999999-0000-7000-8000-000000000001")


def application(hub: Hub) -> FastAPI:
    """The application."""
    app = FastAPI(openapi_url=None)

    @app.get("/things/{thing}")
    def thing(thing: str, request: Request) -> dict[str, Any]:
        request.state.actor_kind, request.state.actor_id = "api_key", _KEY
        structlog.get_logger().info("looked")
        return {"process": os.getpid(), "client": request.client.host if request.client else None}

    @app.post("/notes/{number}")
    def note(number: int) -> dict[str, int]:
        time.sleep(0.02)
        with Path(os.environ["NOTES"]).open("a") as notes:
            notes.write(f"{number}\n")
        return {"number": number}

    @app.post("/echo")
    async def echo(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.get("/slow")
    async def slow(seconds: float) -> PlainTextResponse:
        await asyncio.sleep(seconds)
        return PlainTextResponse("slept")

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def events() -> AsyncIterator[str]:
            for number in range(10_000):
                yield f"data: {number}\n\n"
                await asyncio.sleep(0.1)

        return StreamingResponse(events(), media_type="text/event-stream")

    @app.get("/flood")
    async def flood() -> StreamingResponse:
        async def bytes_without_end() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 65_536
                await asyncio.sleep(0)

        return StreamingResponse(bytes_without_end(), media_type="application/octet-stream")

    @app.get("/statement")
    def statement(given: str) -> dict[str, str]:
        with hub.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
            return {"answer": context.session.execute(text("SELECT :given"), {"given": given}).scalar_one()}

    @app.get("/hold")
    def hold(seconds: float) -> None:
        with hub.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
            context.session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})

    @app.get("/failure")
    def failure(given: str) -> None:
        raise ValueError(given)

    def gone(_request: Request, _problem: Exception) -> PlainTextResponse:
        return PlainTextResponse(status_code=400)

    app.add_exception_handler(ClientDisconnect, gone)
    app.add_middleware(Envelope)
    return app


def main() -> None:
    """Serve it as the arguments say: the number of processes, and whether a worker runs beside them."""
    configure_logs()
    workers, with_worker = int(sys.argv[1]), "with-worker" in sys.argv

    def told(addresses: Addresses) -> None:
        sys.stdout.write(f"listens: {addresses.public} {addresses.figures} .\n")
        sys.stdout.flush()

    settings = WebSettings.model_validate({"port": 0, "workers": workers})
    sys.exit(
        serve(settings, told, with_worker=with_worker, application="tests.infra.serving_app:application")
    )
