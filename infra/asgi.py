"""Where the outside meets the hub: what a process of the web answers with."""

from __future__ import annotations

from fastapi import FastAPI

from hub.api.app import create_app
from infra.process import Hub


def api(hub: Hub) -> FastAPI:
    """The API of a running hub."""
    return create_app(hub.database)
