"""The populated world of the promises, made once; every test leaves it as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tenants.database import Database
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.promises.findings import tables
from tests.promises.populated import Connection, Populated, picture, populate


@pytest.fixture(scope="session")
def populated_once(server: OwnServer, template: str, run_folder: Path) -> Iterator[Populated]:
    """The populated world for all tests of a worker."""
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value(), pool_size=1)
        try:
            yield populate(server, name, database)
        finally:
            database.dispose()


@pytest.fixture(scope="session")
def as_populated(populated_once: Populated) -> Iterator[Callable[[], bool]]:
    """Tells whether every table still says what it did at first."""
    with populated_once.connect("administrator") as connection:
        connection.autocommit = True
        present = tables(connection)
        at_first = picture(connection, present)
        yield lambda: picture(connection, present) == at_first


@pytest.fixture
def populated(populated_once: Populated, as_populated: Callable[[], bool]) -> Iterator[Populated]:
    """The populated world; a test that leaves a trace in any table fails."""
    yield populated_once
    assert as_populated(), "a test left a trace in the populated world"


@pytest.fixture
def administrator(populated: Populated) -> Iterator[Connection]:
    """A superuser's connection to the populated world, for looking at everything; rolled back."""
    with populated.connect("administrator") as connection:
        yield connection


@pytest.fixture
def app(populated: Populated) -> Iterator[Connection]:
    """A connection of the processes' login; rolled back."""
    with populated.connect("app") as connection:
        yield connection
