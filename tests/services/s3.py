"""An S3 service for tests: moto's server in a process of its own, on loopback."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.services.ports import free_port

BUCKET = "hub-files"
_START_SECONDS = 60


@dataclass(frozen=True)
class RunningS3:
    """A service with one empty bucket."""

    endpoint: str
    bucket: str = BUCKET


@contextmanager
def running_s3(folder: Path) -> Iterator[RunningS3]:
    """The service, for as long as the block lasts."""
    port = free_port()
    with (folder / "moto-output").open("w") as output:
        service = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _make_bucket(port, service, folder / "moto-output")
        yield RunningS3(f"http://127.0.0.1:{port}")
    finally:
        service.kill()
        service.wait()


def _make_bucket(port: int, service: subprocess.Popen[bytes], output: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        assert service.poll() is None, output.read_text()
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("PUT", f"/{BUCKET}")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise AssertionError(f"moto's server did not start: {output.read_text()}")
