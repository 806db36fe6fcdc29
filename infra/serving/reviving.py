"""Brings back a server of our own that went away while requests need it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from infra.process import Hub
from tenants.errors import Refusal
from tenants.servers import OwnServer

_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 5.0
_GONE: Final = ("08", "57")

_log = structlog.get_logger()


class Reviver:
    """Sleeps until somebody misses the database, then starts its server until it runs. It costs nothing meanwhile."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._missed = threading.Event()
        self._ended = threading.Event()

    def missed(self) -> None:
        """Say that the database does not answer."""
        self._missed.set()

    def watch(self, engine: Engine) -> None:
        """Hear of every connection of an engine that breaks or cannot be made."""

        @event.listens_for(engine, "handle_error")
        def _hear(problem: ExceptionContext) -> None:
            state = getattr(problem.original_exception, "sqlstate", None)
            if problem.is_disconnect or problem.connection is None or str(state)[:2] in _GONE:
                self.missed()

    def run(self) -> None:
        """Until it is ended."""
        while True:
            self._missed.wait()
            if self._ended.is_set():
                return
            self._missed.clear()
            self._revive()

    def end(self) -> None:
        """End the thread that runs."""
        self._ended.set()
        self._missed.set()

    def _revive(self) -> None:
        wait = _FIRST_WAIT
        while not self._ended.is_set():
            try:
                self._hub.server.start()
            except (Refusal, OSError) as problem:
                _log.warning("server_not_there", exc_info=problem)
                self._ended.wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                return


@contextmanager
def reviving(hub: Hub) -> Iterator[Reviver]:
    """A reviver at work for as long as the block lasts; of an outside server it only takes note."""
    reviver = Reviver(hub)
    if not isinstance(hub.server, OwnServer):
        yield reviver
        return
    if isinstance(hub.database.bind, Engine):
        reviver.watch(hub.database.bind)
    thread = threading.Thread(target=reviver.run, name="reviver")
    thread.start()
    try:
        yield reviver
    finally:
        reviver.end()
        thread.join()
