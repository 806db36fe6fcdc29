"""Telling all processes that a tenant's journal has grown: a hint to look now, of which any number may get lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tenants.database import Database

_CHANNEL: Final = "hub_facts"
_AT_MOST_EVERY_SECONDS: Final = 0.1
_RECONNECT_SECONDS: Final = 1.0
_LOOKS_UP_EVERY_SECONDS: Final = 0.5
_log = structlog.get_logger()


class Announcer:
    """Says by NOTIFY whose journal this process has written to, a few times a second at most.

    Not inside the transactions themselves: commits that notify wait for each other, all of a server's databases
    together. A process that dies before it spoke has lost nothing but the hint.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written: set[UUID] = set()
        self._lock = threading.Lock()
        self._awake = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)

    def start(self) -> None:
        """Begin to announce what the database's units of work leave in the journal."""
        self._database.after_commit = self._heard
        self._thread.start()

    def end(self) -> None:
        """Say what is left to be said, and stop."""
        self._database.after_commit = None
        self._ended = True
        self._awake.set()
        self._thread.join(timeout=10)

    def _heard(self, tenants: Iterable[UUID]) -> None:
        with self._lock:
            self._written.update(tenants)
        self._awake.set()

    def _run(self) -> None:
        pause = threading.Event()
        while not self._ended:
            self._awake.wait()
            self._awake.clear()
            self._tell()
            pause.wait(_AT_MOST_EVERY_SECONDS)
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            tenants, self._written = self._written, set()
        if not tenants:
            return
        try:
            self._database.call(
                "SELECT pg_notify(%(channel)s, tenant) FROM unnest(%(tenants)s::text[]) AS tenant",
                {"channel": _CHANNEL, "tenants": [str(each) for each in tenants]},
            )
        except SQLAlchemyError as problem:
            _log.warning("announcement_lost", problem=type(problem).__name__)


class Listener:
    """Hears from all processes whose journal has grown, on a connection of its own, and passes it on."""

    def __init__(self, database: Database, heard: Callable[[UUID], None]) -> None:
        self._database = database
        self._heard = heard
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def end(self) -> None:
        """Stop listening."""
        self._ended.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except (psycopg.Error, SQLAlchemyError) as problem:
                _log.warning("listening_again", problem=type(problem).__name__)
                self._ended.wait(_RECONNECT_SECONDS)

    def _listen(self) -> None:
        bind = self._database.bind
        assert isinstance(bind, Engine)  # noqa: S101 - only a running process listens
        with bind.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the one driver there is
            # It leaves the pool for good: no other work gets a connection that listens.
            connection.detach()
            driver.autocommit = True
            driver.execute(f"LISTEN {_CHANNEL}")
            while not self._ended.is_set():
                for told in driver.notifies(timeout=_LOOKS_UP_EVERY_SECONDS):
                    self._heard(UUID(told.payload))
