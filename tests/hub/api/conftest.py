"""The API on the world, and files kept in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from obstore.store import MemoryStore

from hub.attachments.store import FileStore, use_store
from tenants.database import Database
from tests.hub.api.callers import Api, calling_again, calling_and_listening
from tests.world import World


@pytest.fixture(autouse=True)
def files() -> Iterator[FileStore]:
    """A store of files that ends with the test."""
    store = FileStore(MemoryStore())
    use_store(store)
    yield store
    use_store(None)


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    """The API on the world, which is rolled back in the end."""
    with calling_again(world, Database(world.database.bind, clock=world.clock)) as api:
        yield api


@pytest.fixture
def own_api(own_world: World) -> Iterator[Api]:
    """The API on a world of the test's own, with a pool: for tests that commit, race, or harm the database."""
    own_world.database.clock = own_world.clock
    with calling_and_listening(own_world, own_world.database) as api:
        yield api
