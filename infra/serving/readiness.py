"""Whether a process is ready for requests: its database answers, has its shape, and fences the process in."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

import psycopg
from psycopg import Connection
from pydantic import SecretStr

from infra.migrate import all_names
from tenants.errors import Refusal
from tenants.roles import check_login

DATABASE: Final = "database"
MIGRATIONS: Final = "migrations"
LOGIN: Final = "login"

_LONGEST_SECONDS: Final = 1.0
# As many probes as like may ask; the database is asked twice a second at most.
_KNOWN_SECONDS: Final = 0.5


class Readiness:
    """Looks at the database by a connection of its own, so that a busy pool is not taken for a dead server."""

    def __init__(self, url: SecretStr, *, lost: Callable[[], None] = lambda: None) -> None:
        """`lost` is told when the database does not answer."""
        self._url = url
        self._lost = lost
        self._revisions = [name.partition(" ")[0] for name in all_names()]
        self._connection: Connection[Any] | None = None
        self._look: Future[tuple[str, ...]] | None = None
        self._known: tuple[str, ...] | None = None
        self._known_at = 0.0

    async def failing(self) -> tuple[str, ...]:
        """The names of the checks that fail, none when the process is ready; takes a second at most."""
        if self._known is not None and time.monotonic() - self._known_at < _KNOWN_SECONDS:
            return self._known
        if self._look is None or self._look.done():
            self._look = self._begin()
        try:
            answer = asyncio.shield(asyncio.wrap_future(self._look))
            failing = await asyncio.wait_for(answer, _LONGEST_SECONDS)
        except TimeoutError:
            # The look goes on; whoever asks next hears what it found.
            failing = (DATABASE,)
        self._known, self._known_at = failing, time.monotonic()
        if DATABASE in failing:
            self._lost()
        return failing

    def close(self) -> None:
        """Give the connection back."""
        self._disconnect()

    def _begin(self) -> Future[tuple[str, ...]]:
        found: Future[tuple[str, ...]] = Future()

        def look() -> None:
            found.set_result(self._failing())

        # A thread that a silent server holds must not hold the process when that is to end.
        threading.Thread(target=look, name="readiness", daemon=True).start()
        return found

    def _failing(self) -> tuple[str, ...]:
        try:
            connection = self._connected()
            return tuple(
                name
                for name, check in ((MIGRATIONS, self._migrated), (LOGIN, _is_safe))
                if not check(connection)
            )
        except psycopg.Error:
            self._disconnect()
            return (DATABASE,)

    def _connected(self) -> Connection[Any]:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url.get_secret_value(),
                autocommit=True,
                connect_timeout=2,
                application_name="hub19 readiness",
                options="-c statement_timeout=1000",
            )
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _migrated(self, connection: Connection[Any]) -> bool:
        """Whether none is missing. A newer release's further migrations keep ours working while it takes over."""
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return False
        return row is not None and row[0] not in self._revisions[:-1]


def _is_safe(connection: Connection[Any]) -> bool:
    try:
        check_login(connection)
    except Refusal:
        return False
    return True
