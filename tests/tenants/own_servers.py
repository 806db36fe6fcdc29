"""Own servers for tests: folders the server's account can reach, and processes that use a server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tenants.server_errors import NoPrograms
from tenants.servers import OwnServer, find_server
from tenants.settings import DatabaseSettings, ServerChoice

_USER = """
import sys
from tenants.servers import OwnServer, find_server
from tenants.settings import DatabaseSettings

server = find_server(DatabaseSettings(), durable=False)
assert isinstance(server, OwnServer)
server.start()
print(server.pid(), flush=True)
sys.stdin.read()
"""


@contextmanager
def new_home() -> Iterator[Path]:
    """An empty folder for HUB_DATA; pytest's own are closed to the account root runs the server under."""
    home = Path(tempfile.mkdtemp(prefix="hub19-"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home)


def own_server(home: Path, choice: ServerChoice | None, *, durable: bool = False) -> OwnServer:
    """An own server with its data in `home`, not started."""
    settings = DatabaseSettings(database_url=None, hub_data=home, hub_database=choice)
    try:
        server = find_server(settings, durable=durable)
    except NoPrograms:
        pytest.skip(f"no PostgreSQL of kind {choice} here")
    assert isinstance(server, OwnServer)
    return server


class UserProcess:
    """A process of its own that starts the server of `home`, then waits until it is told to end."""

    def __init__(self, home: Path, choice: ServerChoice) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
        environment |= {
            "HUB_DATA": str(home),
            "HUB_DATABASE": str(choice),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", _USER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def server_pid(self) -> int:
        """Waits until the server runs."""
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def end(self) -> int:
        """Lets it end as a program does; its exit status."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._ended()

    def signal(self, number: signal.Signals) -> int:
        """Ends it from outside; its exit status."""
        self._process.send_signal(number)
        return self._ended()

    def _ended(self) -> int:
        status = self._process.wait(timeout=60)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        return status


def wait_until(happened: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for something to happen, and fails when it does not."""
    give_up = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.005)
