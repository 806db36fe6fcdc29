"""A whole hub that may be killed piece by piece: its own durable server, a worker and a beat as real processes."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg

from hub.calendars.actions import save_calendar
from hub.sla.actions import Promise, save_levels
from tenants.context import SYSTEM
from tenants.database import Database
from tenants.ids import HUB
from tenants.languages import Text
from tenants.servers import OwnServer
from tests.infra.processes import SOON, HubProcess, RealTime
from tests.services.ports import free_port
from tests.tenants.own_servers import new_home, own_server
from tests.world import World, build_world, load_world

_LOGS_TOLD = 4
# What each kind of process says once it works.
_READY = {"worker": "ready.", "beat": "rounds_begun", "web": "The hub listens on"}


class HubUnderFire:
    """The hub of one kill test."""

    def __init__(
        self, server: OwnServer, world: World, logs: Path, environment: Mapping[str, str], *, web: bool
    ) -> None:
        self.server = server
        self.world = world
        self._port = free_port()
        self._logs = logs
        self._started = 0
        self._environment = environment
        self._processes = {name: self._start(name) for name in ("worker", "beat", *(["web"] if web else []))}

    def kill(self, victim: str, chance: random.Random) -> None:
        """End some of it without warning, and bring it back the way an operator would."""
        for each in victim.split():
            if each == "backend":
                self._kill_a_backend(chance)
            elif each == "database":
                os.kill(self.server.pid(), signal.SIGKILL)
            else:
                self._processes[each].kill()
        for each in victim.split():
            if each in self._processes:
                self._processes[each] = self._start(each)
        self.server.start()

    @property
    def address(self) -> str:
        """Where the web answers, whichever process that is at the moment."""
        return f"http://127.0.0.1:{self._port}"

    def wait_until_ready(self) -> None:
        """Wait until all that was started works."""
        for name, process in self._processes.items():
            process.wait_for_word(_READY[name], seconds=120)

    def end(self) -> None:
        """End the processes as an operator would; each says that it ended well."""
        self.wait_until_ready()
        for process in self._processes.values():
            assert process.end() == 0, process.words[-4000:]

    def abandon(self) -> None:
        """End the processes whatever they are at."""
        for process in self._processes.values():
            process.kill()

    def words(self) -> str:
        """The last words of the processes, for somebody who has to find out why a test failed."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text('utf-8', 'replace')[-6000:]}"
            for log in sorted(self._logs.iterdir())[-_LOGS_TOLD:]
        )

    def administrator(self) -> psycopg.Connection[tuple[object, ...]]:
        """A superuser's connection, for looks behind all fences."""
        return psycopg.connect(self.server.administrator_url("hub19").get_secret_value(), autocommit=True)

    def _start(self, name: str) -> HubProcess:
        self._started += 1
        command = [name]
        if name == "web":
            command = ["serve", "--port", str(self._port), "--admin-port", "0"]
        return HubProcess(self._logs / f"{self._started:04}-{name}", self._environment, *command)

    def _kill_a_backend(self, chance: random.Random) -> None:
        """The server throws everybody out and starts anew when one of its own dies."""
        with self.administrator() as connection:
            pids = [
                int(str(pid))
                for (pid,) in connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE datname = 'hub19' AND pid <> pg_backend_pid()"
                )
            ]
        if pids:
            try:
                os.kill(chance.choice(pids), signal.SIGKILL)
            except ProcessLookupError:
                # It went by itself meanwhile.
                time.sleep(0)


@contextmanager
def hub_under_fire(logs: Path, *, web: bool = False, outside: bool = False) -> Iterator[HubUnderFire]:
    """A hub of its own whose deadlines fall due within seconds; whatever it has confirmed is on the disk.

    `outside` gives its processes nothing but addresses of the server, so that none of them brings it back.
    """
    with new_home() as home, own_server(home, None, durable=True) as server:
        environment = SOON | {
            "HUB_DATA": str(home),
            "HUB_LANGUAGE": "en",
            "HUB_JOB_LEASE_SECONDS": "1",
            **dict.fromkeys(
                ("HUB_RATE_KEY_QUOTA", "HUB_RATE_TENANT_QUOTA", "HUB_RATE_ADDRESS_QUOTA"), "1000000"
            ),
        }
        if outside:
            urls = server.urls()
            environment |= {
                "HUB_DATA": str(home / "elsewhere"),
                "DATABASE_URL": urls.app.get_secret_value(),
                "DATABASE_OWNER_URL": urls.owner.get_secret_value(),
            }
        migrating = HubProcess(logs / "0000-migrate", environment, "migrate")
        assert migrating.process.wait(timeout=120) == 0, migrating.words
        database = Database.at(server.urls().app.get_secret_value(), pool_size=8)
        build_world(database)
        with psycopg.connect(server.administrator_url("hub19").get_secret_value()) as connection:
            connection.execute("DELETE FROM jobs")
        world = load_world(database)
        world.clock = RealTime()
        _promise_seconds(world)
        hub = HubUnderFire(server, world, logs, environment, web=web)
        try:
            hub.wait_until_ready()
            yield hub
        finally:
            hub.abandon()
            database.dispose()


def _promise_seconds(world: World) -> None:
    """Targets so short that rungs are reached while the cases are worked."""
    tickets = Promise(
        calendar="always", first_response=timedelta(seconds=0.5), resolution=timedelta(seconds=1)
    )
    for tenant_id in (HUB, world.water.id, world.tax.id):
        with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
            save_calendar(
                context,
                code="always",
                name=Text(ar="دائمًا", en="Always"),
                opening_hours="24/7",
                holidays=(),
                zone="Africa/Cairo",
            )
            hub_s = Promise(
                calendar="always",
                first_response=tickets.first_response,
                resolution=tickets.resolution,
                case=timedelta(seconds=2),
            )
            save_levels(context, [hub_s if tenant_id == HUB else tickets])
