"""Live worlds for tests of processes, and the command line called in the test's own process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.cli import main
from tenants.database import Database
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.infra.processes import Command, Live, RealTime, argv, status_of
from tests.infra.served import IMPATIENT, Served, served
from tests.world import load_world


@pytest.fixture
def live(server: OwnServer, template: str, run_folder: Path) -> Iterator[Live]:
    """The world in a database of its own, at the database's own time."""
    with live_copy(server, template, run_folder) as present:
        yield present


@pytest.fixture(scope="session")
def shared(
    server: OwnServer, template: str, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The small application served to all tests that leave it running, with little patience."""
    log = tmp_path_factory.mktemp("shared") / "log"
    with (
        live_copy(server, template, run_folder) as present,
        served(log, present.environment | IMPATIENT) as hub,
    ):
        yield hub


@contextmanager
def live_copy(server: OwnServer, template: str, run_folder: Path) -> Iterator[Live]:
    """A fresh copy of the world that processes may work in."""
    with copy_of_world(server, template, run_folder) as name:
        urls = server.urls(name)
        database = Database.at(urls.app.get_secret_value())
        world = load_world(database)
        world.clock = RealTime()
        present = Live(world, urls, server.administrator_url(name).get_secret_value())
        with present.administrator() as connection:
            # What building the world promised is due at the world's own time, not at this one.
            connection.execute("DELETE FROM jobs")
        try:
            yield present
        finally:
            database.dispose()


@pytest.fixture
def hub(live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`hub ARGUMENTS` on the live world, in this process: exit status, output and errors."""
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", argv(arguments))
        capsys.readouterr()
        status = status_of(main)
        said = capsys.readouterr()
        return status, said.out, said.err

    return call
