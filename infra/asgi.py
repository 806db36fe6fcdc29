"""Where the outside meets the hub: what a process of the web answers with."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.api.app import create_app
from hub.web.pages import busy
from infra.process import Hub
from portal.app import create_portal

_API = "/api"


class House:
    """The API and the citizens' pages behind one door; the address says who is asked."""

    def __init__(self, api: FastAPI, portal: FastAPI) -> None:
        self._api = api
        self._portal = portal
        self._busy = busy(portal)
        self.routes = [*api.routes, *portal.routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what begins and ends with the process is the API's, which alone has such a thing."""
        app = self._portal if scope["type"] == "http" and not asks_api(scope) else self._api
        await app(scope, receive, send)

    def full(self, otherwise: ASGIApp) -> ASGIApp:
        """What is answered while there is no room: a page for pages, for the API what it answers otherwise."""

        async def come_again(scope: Scope, receive: Receive, send: Send) -> None:
            await (otherwise if asks_api(scope) else self._busy)(scope, receive, send)

        return come_again


def asks_api(scope: Scope) -> bool:
    """Whether a request is for the API."""
    path: str = scope["path"]
    return path == _API or path.startswith(f"{_API}/")


def house(hub: Hub) -> House:
    """All that a running hub answers with.

    Raises `PagesNotBuilt`.
    """
    return House(api(hub), create_portal(hub.database))


def api(hub: Hub) -> FastAPI:
    """The API of a running hub by itself."""
    return create_app(hub.database)
