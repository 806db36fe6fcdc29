"""What the opening of a case is measured against: the same body through the same stack into one bare INSERT."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Any

import psycopg
from fastapi import APIRouter, FastAPI
from psycopg.types.json import Jsonb
from starlette.middleware.gzip import GZipMiddleware

from hub.api.bodies import CaseGiven
from hub.api.envelope import Envelope
from hub.api.routing import StrictRoute
from infra.process import Hub
from tenants.ids import new_id

TABLE = """
    CREATE TABLE bare_cases (
        id uuid PRIMARY KEY, service text NOT NULL, description text NOT NULL, answers jsonb, place jsonb,
        opened_at timestamptz NOT NULL DEFAULT now()
    )
"""
_INSERT = "INSERT INTO bare_cases (id, service, description, answers, place) VALUES (%s, %s, %s, %s, %s)"
_CONNECTIONS = 10


def application(hub: Hub) -> FastAPI:
    """The application."""
    connections: SimpleQueue[psycopg.Connection[Any]] = SimpleQueue()
    for _ in range(_CONNECTIONS):
        connections.put(psycopg.connect(hub.urls.app.get_secret_value(), autocommit=True))
    router = APIRouter(route_class=StrictRoute)

    @router.post("/bare", status_code=201)
    def insert(body: CaseGiven) -> dict[str, str]:
        case_id = new_id()
        place = body.place.model_dump() if body.place else None
        connection = connections.get()
        try:
            connection.execute(
                _INSERT, (case_id, body.service, body.description, Jsonb(body.answers), Jsonb(place))
            )
        finally:
            connections.put(connection)
        return {"id": str(case_id)}

    app = FastAPI(openapi_url=None)
    app.include_router(router)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Envelope)
    return app
