"""Looking at a test's own database past every fence, as its administrator: for what no context may see as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine

from tenants.servers import OwnServer
from tests.world import World

See = Callable[[str], list[tuple[Any, ...]]]


@contextmanager
def everything(world: World, server: OwnServer) -> Iterator[See]:
    """A function that gives the rows of a query over all that was committed in an `own_world`."""
    assert isinstance(world.database.bind, Engine)
    name = world.database.bind.url.database or ""
    with psycopg.connect(server.administrator_url(name).get_secret_value()) as connection:
        yield lambda query: connection.execute(query.encode()).fetchall()
