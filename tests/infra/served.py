"""A served hub for tests: its processes, where it is reached, and what it says of itself."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.infra.processes import HubProcess, running

_PROGRAM = "from tests.infra.serving_app import main; main()"
# Waits as short as a test's.
IMPATIENT = {
    "HUB_WEB_HEAD_SECONDS": "1",
    "HUB_WEB_BODY_SECONDS": "1",
    "HUB_WEB_BODY_BYTES_PER_SECOND": "100000",
    "HUB_WEB_READER_SECONDS": "2",
    "HUB_WEB_KEEP_ALIVE_SECONDS": "2",
}
_LISTENS = re.compile(r"listens: (\S+) (\S+) \.")


@dataclass(frozen=True)
class Served:
    """A hub that is being served."""

    process: HubProcess
    address: str
    figures_address: str

    def get(self, path: str, **options: Any) -> httpx2.Response:
        """What a path answers, on a connection of its own."""
        # Without TLS there are no certificates to verify, and reading them takes longer than the request.
        return httpx2.get(self.address + path, timeout=20, verify=False, **options)

    def figures(self) -> dict[str, float]:
        """The figures for Prometheus: by name and, in the order of the names, by labels."""
        page = httpx2.get(self.figures_address, timeout=20, verify=False)
        assert page.status_code == 200
        return {
            ":".join((sample.name, *(sample.labels[name] for name in sorted(sample.labels)))): sample.value
            for family in text_string_to_metric_families(page.text)
            for sample in family.samples
        }

    def connect(self) -> socket.socket:
        """A bare connection."""
        parts = urlsplit(self.address)
        assert parts.hostname is not None
        return socket.create_connection((parts.hostname, parts.port), timeout=30)

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """The lines of the log, those of one kind or all; everything but the word of listening has to be one."""
        found = [
            json.loads(line) for line in self.process.words.splitlines() if not line.startswith("listens: ")
        ]
        return [line for line in found if event in (None, line["event"])]


@contextmanager
def served(
    log: Path, environment: Mapping[str, str], workers: int = 1, *more: str, program: str = _PROGRAM
) -> Iterator[Served]:
    """The small application served for as long as the block lasts."""
    with running(log, environment, str(workers), *more, ready="listens: ", program=program) as process:
        found = _LISTENS.search(process.words)
        assert found is not None
        yield Served(process, found[1], found[2])


def heard(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; nothing more when it breaks the connection off."""
    words = b""
    try:
        while piece := connection.recv(65_536):
            words += piece
    except ConnectionResetError:
        pass
    return words
