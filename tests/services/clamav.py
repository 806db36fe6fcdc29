"""ClamAV's daemon for tests: the real one, on loopback, with a signature database of our own and nothing else."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.packages import program
from tests.services.ports import free_port

# The one pattern that our database calls harmful; no file in the repository holds it in one piece.
HARMFUL = b"hub19-harmful-" + b"pattern-for-tests"
NAME_OF_HARM = "Hub19.Test"
# So much of one file it looks at; clamd hangs up on more.
MOST_BYTES = 2 * 1024 * 1024
_START_SECONDS = 60


@dataclass(frozen=True)
class RunningClamav:
    """A daemon that listens at both kinds of address."""

    tcp: str
    unix: str


@contextmanager
def running_clamav(folder: Path) -> Iterator[RunningClamav]:
    """The daemon, for as long as the block lasts; skips the test, saying why, where it cannot be had."""
    clamd = program("clamd", "clamav-daemon")
    database = folder / "database"
    database.mkdir(parents=True)
    # An extended signature: name, any kind of file, anywhere in it, the bytes in hex.
    (database / "hub.ndb").write_text(f"{NAME_OF_HARM}:0:*:{HARMFUL.hex()}\n")
    port, local = free_port(), folder / "clamd.socket"
    configuration = folder / "clamd.conf"
    configuration.write_text(
        f"DatabaseDirectory {database}\nTCPAddr 127.0.0.1\nTCPSocket {port}\nLocalSocket {local}\n"
        f"Foreground yes\nStreamMaxLength {MOST_BYTES}\nMaxThreads 4\nTemporaryDirectory {folder}\n"
    )
    with (folder / "output").open("w") as output:
        daemon = subprocess.Popen(
            [clamd, f"--config-file={configuration}"], stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(port, daemon, folder / "output")
        yield RunningClamav(f"tcp://127.0.0.1:{port}", f"unix://{local}")
    finally:
        daemon.terminate()
        try:
            daemon.wait(timeout=30)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _wait_for(port: int, daemon: subprocess.Popen[bytes], output: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        assert daemon.poll() is None, output.read_text()
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                connection.sendall(b"zPING\0")
                if connection.recv(16) == b"PONG\0":
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"ClamAV did not start: {output.read_text()}")
