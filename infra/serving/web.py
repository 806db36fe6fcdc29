"""One process of the web: the hub it works on, the application, its traces, served on a socket."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing

from sqlalchemy import Engine

from infra.metrics import measure_pool
from infra.process import Hub, running_hub
from infra.serving.application import Build, web_application
from infra.serving.readiness import Readiness
from infra.serving.reviving import reviving
from infra.serving.server import run_server
from infra.settings import TelemetrySettings, WebSettings
from infra.telemetry import find_telemetry


def run_web(
    build: Build,
    listener: socket.socket,
    settings: WebSettings,
    *,
    listening: Callable[[], None],
    every_second: Callable[[], None],
) -> int:
    """Serve what `build` makes until told to stop; gives the exit status. Raises the refusals of `running_hub`."""
    with running_hub(connections=settings.database_connections) as hub:
        return serve_on(hub, build, listener, settings, listening=listening, every_second=every_second)


def serve_on(
    hub: Hub,
    build: Build,
    listener: socket.socket,
    settings: WebSettings,
    *,
    listening: Callable[[], None],
    every_second: Callable[[], None],
) -> int:
    """Serve what `build` makes of a running hub until told to stop; gives the exit status."""

    def tick() -> None:
        measure_pool(hub.database)
        every_second()

    telemetry = find_telemetry(TelemetrySettings())
    try:
        if telemetry is not None and isinstance(hub.database.bind, Engine):
            telemetry.watch(hub.database.bind)
        with reviving(hub) as reviver, closing(Readiness(hub.urls.app, lost=reviver.missed)) as readiness:
            web = web_application(build(hub), settings, readiness, telemetry)
            return run_server(web, listener, settings, listening=listening, every_second=tick)
    finally:
        if telemetry is not None:
            telemetry.close()
