"""One world for all tests of sealing: each writes into a tenant of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tenants.database import Database
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.world import World, load_world


@pytest.fixture(scope="module")
def shared_world(server: OwnServer, template: str, run_folder: Path) -> Iterator[World]:
    """A world whose transactions are real ones, which are what seals are about."""
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value())
        try:
            yield load_world(database)
        finally:
            database.dispose()
