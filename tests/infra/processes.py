"""Real processes of the hub for tests: started by the real command, killed or ended, their words kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import func, select

from hub.journal.models import Fact, Job
from hub.journal.queries import facts_of_case
from hub.tickets.actions import Opened
from tenants.clock import VirtualClock
from tenants.servers import DatabaseUrls
from tests.world import Agency, World

_HUB = "from infra.cli import main; main()"
_ROOT = Path(__file__).parents[2]

# Patience as short as a test's.
SOON = {
    "HUB_JOB_LEASE_SECONDS": "2",
    "HUB_JOB_FIRST_WAIT_SECONDS": "0.2",
    "HUB_JOB_LONGEST_WAIT_SECONDS": "1",
    "HUB_JOB_ATTEMPTS": "3",
    "HUB_BROKER_VISIBILITY_SECONDS": "2",
    "HUB_ROUND_RELAY_SECONDS": "0.1",
    "HUB_ROUND_SWEEP_SECONDS": "0.2",
    "HUB_ROUND_SILENCE_SECONDS": "0.5",
    "HUB_ROUND_SEALING_SECONDS": "0.5",
}


class RealTime(VirtualClock):
    """The database's own time, for a world that real processes work in as well."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))

    def read(self, database_time: datetime) -> datetime:
        """The database's time itself."""
        return database_time.astimezone(UTC)


@dataclass(frozen=True)
class Live:
    """A world in a database of its own that processes of the hub may work in."""

    world: World
    urls: DatabaseUrls
    administrator_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process is told."""
        return {
            "DATABASE_URL": self.urls.app.get_secret_value(),
            "DATABASE_OWNER_URL": self.urls.owner.get_secret_value(),
            "DATABASE_KPI_URL": self.urls.kpi.get_secret_value(),
            "HUB_LANGUAGE": "en",
            **SOON,
        }

    @contextmanager
    def administrator(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """A superuser's connection, for harm and for looks behind the fences."""
        with psycopg.connect(self.administrator_url, autocommit=True) as connection:
            yield connection

    def jobs(self) -> int:
        """How many promised jobs of the two tenants are not done, set aside or not."""
        with self.world.as_system(self.world.water, self.world.tax) as context:
            wanted = select(func.count()).select_from(Job).where(Job.tenant_id.in_(context.tenants))
            return context.session.scalar(wanted) or 0

    def facts_of_ticket(self, agency: Agency, opened: Opened) -> int:
        """How many facts stand in a tenant's journal of a case and its ticket."""
        with self.world.as_system(agency) as context:
            return len(facts_of_case(context, opened.case_id))

    def facts(self, agency: Agency, kind: str, ticket_id: UUID | None = None) -> int:
        """How often a kind of fact stands in a tenant's journal, of one ticket or of all."""
        with self.world.as_system(agency) as context:
            wanted = (
                select(func.count()).select_from(Fact).where(Fact.tenant_id == agency.id, Fact.kind == kind)
            )
            if ticket_id is not None:
                wanted = wanted.where(Fact.ticket_id == ticket_id)
            return context.session.scalar(wanted) or 0


class HubProcess:
    """One process of the hub, `hub ...`, with its own log."""

    def __init__(
        self, log: Path, environment: Mapping[str, str], *arguments: str, program: str = _HUB
    ) -> None:
        self.log = log
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
        with log.open("ab") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, *arguments],
                env=inherited | {"PYTHONPATH": str(_ROOT)} | dict(environment),
                stdout=words,
                stderr=words,
            )

    @property
    def words(self) -> str:
        """All it has written."""
        return self.log.read_text("utf-8", "replace")

    def wait_for_word(self, word: str, seconds: float = 60) -> None:
        """Wait until it has written something."""
        eventually(lambda: word in self.words or self.process.poll() is not None, seconds)
        assert word in self.words, self.words

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        """End it from one moment to the next."""
        self.process.kill()
        self.process.wait(timeout=30)


@contextmanager
def running(
    log: Path,
    environment: Mapping[str, str],
    *arguments: str,
    ready: str | None = None,
    program: str = _HUB,
) -> Iterator[HubProcess]:
    """A process for as long as the block lasts, killed at the end if it still runs; waits for its word `ready`."""
    process = HubProcess(log, environment, *arguments, program=program)
    try:
        if ready is not None:
            process.wait_for_word(ready)
        yield process
    finally:
        process.kill()


Command = Callable[..., tuple[int, str, str]]


def eventually(happened: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what other processes do, without keeping the machine from letting them do it."""
    give_up = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)


def status_of(call: Callable[[], None]) -> int:
    """The exit status of a main function."""
    try:
        call()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def argv(arguments: Sequence[str]) -> list[str]:
    """What the system hands to a program called `hub`."""
    return ["hub", *arguments]
