"""A world for a module of browser tests alone: committed, with files in memory, and a body that asks about water cuts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from obstore.store import MemoryStore

from hub.attachments.store import FileStore, use_store
from tenants.database import Database
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.portal.reports import offer_outage
from tests.world import World, load_world


@contextmanager
def world_of_outages(
    server: OwnServer, template: str, run_folder: Path, *, shared: bool = False
) -> Iterator[World]:
    """A world in which water cuts can be reported; `shared` lets people nearby see that they were."""
    use_store(FileStore(MemoryStore()))
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value())
        try:
            world = load_world(database)
            offer_outage(world, shared=shared)
            yield world
        finally:
            database.dispose()
            use_store(None)
