"""One PostgreSQL server for a test run, one database per worker with the world in it, rolled back after each test."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine

os.environ.setdefault("HUB_KEY_PEPPER", "only for tests: " + "0" * 32)
if sys.dont_write_bytecode:
    # Very many processes start: where none may leave compiled code beside its source, all keep it here instead.
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")
    sys.dont_write_bytecode = False
    os.environ |= {"PYTHONPYCACHEPREFIX": sys.pycache_prefix, "PYTHONDONTWRITEBYTECODE": ""}

import hub.attachments.tasks
import hub.messages.tasks
import hub.sla.tasks
import hub.tickets.tasks  # noqa: F401 - declares the jobs that reactions promise
from hub import reactions
from infra.migrate import migrate
from tenants.database import Database, for_psycopg
from tenants.servers import OwnServer, find_server
from tenants.settings import DatabaseSettings
from tests.promises.searches import watched_searches
from tests.scheduling import TogetherScheduling
from tests.world import Agency, World, build_world, load_agencies, world_with

TEMPLATE = "hub_world"

reactions.install()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling:
    """Decides which worker gets which tests."""
    return TogetherScheduling(config, log)


@pytest.fixture(autouse=True)
def every_search_names_its_tenant() -> Iterator[list[str]]:
    """Fails any test in which our code searches a tenant's table without comparing its tenant."""
    with watched_searches() as found:
        yield found
    assert found == []


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder that all workers of this run share and the server's own account can enter."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    folder = Path(tempfile.gettempdir()) / f"hub19-run-{run}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    yield folder
    with _locked(folder / "workers"):
        left = int((folder / "left").read_text()) + 1 if (folder / "left").exists() else 1
        (folder / "left").write_text(str(left))
    if left >= int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server(run_folder: Path) -> Iterator[OwnServer]:
    """The run's server, by the same door that the hub itself uses; the last worker to leave stops it."""
    settings = DatabaseSettings(database_url=None, hub_data=run_folder)
    found = find_server(settings, durable=False)
    assert isinstance(found, OwnServer)
    with found:
        yield found


@pytest.fixture(scope="session")
def template(server: OwnServer, run_folder: Path) -> str:
    """The name of a database with all tables and the world, for making copies of; nobody connects to it."""
    done = run_folder / "template-is-made"
    with _locked(run_folder / "template"):
        if not done.exists():
            server.create_database(TEMPLATE)
            urls = server.urls(TEMPLATE)
            migrate(urls.owner.get_secret_value())
            database = Database.at(urls.app.get_secret_value())
            build_world(database)
            database.dispose()
            done.touch()
    return TEMPLATE


@pytest.fixture(scope="session")
def worker_database(server: OwnServer, template: str, run_folder: Path) -> Iterator[str]:
    """The name of this worker's own copy of the world."""
    name = f"worker_{uuid4().hex[:12]}"
    with _locked(run_folder / "template"):
        server.create_database(name, template)
    yield name
    server.drop_database(name)


@pytest.fixture(scope="session")
def worker_engine(server: OwnServer, worker_database: str) -> Iterator[Engine]:
    """The one connection of this worker to its copy, and what SQLAlchemy has compiled for it: both outlast a test."""
    url = for_psycopg(server.urls(worker_database).app.get_secret_value())
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def agencies(worker_engine: Engine) -> list[Agency]:
    """The tenants of the world and their cast, who are the same in every copy of it."""
    return load_agencies(Database(worker_engine))


@pytest.fixture
def world(worker_engine: Engine, agencies: list[Agency]) -> Iterator[World]:
    """The world, as it was built: whatever a test does to it is rolled back.

    All units of work of a test share one connection. A test of several connections takes `own_world`.
    """
    with worker_engine.connect() as connection, connection.begin() as outermost:
        yield world_with(Database(connection), agencies)
        outermost.rollback()


@pytest.fixture
def own_world(server: OwnServer, template: str, run_folder: Path, agencies: list[Agency]) -> Iterator[World]:
    """The world in a database of the test's own, with a pool: for tests that commit, race, or restart things."""
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value())
        try:
            yield world_with(database, agencies)
        finally:
            database.dispose()


@contextmanager
def copy_of_world(server: OwnServer, template: str, run_folder: Path) -> Iterator[str]:
    """The name of a fresh database with the world in it, dropped in the end."""
    name = f"own_{uuid4().hex[:12]}"
    with _locked(run_folder / "template"):
        server.create_database(name, template)
    try:
        yield name
    finally:
        server.drop_database(name)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
