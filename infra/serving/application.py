"""What a process answers with: the application behind its gate, the probes before it, all of it observed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Scope

from infra.asgi import House
from infra.process import Hub
from infra.serving.gate import Gate
from infra.serving.observing import Observing
from infra.serving.probes import HEALTH, READY, Probes
from infra.serving.readiness import Readiness
from infra.settings import WebSettings
from infra.telemetry import Telemetry

_LIKE: Final = re.compile(r":\w+}")
UNMATCHED: Final = "unmatched"

Build = Callable[[Hub], FastAPI | House]


@dataclass(frozen=True, slots=True)
class WebApplication:
    """An application ready to be served; `stop` ends its streams."""

    app: ASGIApp
    stop: Callable[[], None]


def web_application(
    application: FastAPI | House,
    settings: WebSettings,
    readiness: Readiness,
    telemetry: Telemetry | None = None,
) -> WebApplication:
    """An application with what every process of the web has around it."""
    full = application.full if isinstance(application, House) else None
    gate = Gate(application, most=settings.requests_at_once, full=full)
    app = Observing(Probes(gate, readiness), route_of=RouteNames(application), telemetry=telemetry)
    return WebApplication(app, gate.stop)


class RouteNames:
    """The template of the route that a request went to, such as `/api/v1/cases/{number}`: never what was asked for."""

    def __init__(self, application: FastAPI | House) -> None:
        self._paths: dict[int, str] = {}
        for context in iter_route_contexts(application.routes):
            route = context.original_route
            for key in (route, getattr(route, "endpoint", None)):
                if key is not None and context.path is not None:
                    # What a step has to be like is no part of its name.
                    self._paths[id(key)] = _LIKE.sub("}", context.path)
        # What an id stands for must not go away and leave its id to something else.
        self._routes = list(application.routes)

    def __call__(self, scope: Scope) -> str:
        """The template; `unmatched` where there is none."""
        if scope["path"] in (HEALTH, READY) and "endpoint" not in scope:
            return str(scope["path"])
        for key in (scope.get("route"), scope.get("endpoint")):
            if key is not None and id(key) in self._paths:
                return self._paths[id(key)]
        return UNMATCHED
