"""Where a benchmark plays: a server and a database of its own, and the hub's processes on them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from hub.keys.actions import create_key
from infra.migrate import migrate
from infra.process import load_jobs
from tenants.context import SYSTEM
from tenants.database import Database, use_database
from tenants.permissions import Permission
from tenants.servers import DatabaseUrls, OwnServer, find_server
from tenants.settings import DatabaseSettings
from tests.infra.processes import running

PEPPER = "only for benchmarks: " + "0" * 32
_PROGRAM = "from tests.benchmarks.serving import main; main()"
_ENOUGH = "1000000000"
# Quotas that nothing measured here reaches; they are counted all the same.
_UNLIMITED = {f"HUB_RATE_{whose}_QUOTA": _ENOUGH for whose in ("KEY", "TENANT", "ADDRESS")}


@dataclass(frozen=True)
class Stage:
    """One database on a running server."""

    server: OwnServer
    urls: DatabaseUrls
    database: Database
    folder: Path

    @contextmanager
    def serving(
        self, application: str, workers: int, environment: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        """The address of an application as `hub serve` serves it, for as long as the block lasts."""
        told = {
            "DATABASE_URL": self.urls.app.get_secret_value(),
            "DATABASE_OWNER_URL": self.urls.owner.get_secret_value(),
            "DATABASE_KPI_URL": self.urls.kpi.get_secret_value(),
            "HUB_KEY_PEPPER": PEPPER,
            "HUB_FILES_FOLDER": str(self.folder / "files"),
            **_UNLIMITED,
            **(environment or {}),
        }
        log = self.folder / "serving.log"
        log.unlink(missing_ok=True)
        arguments = (str(workers), application)
        with running(log, told, *arguments, ready="listens: ", program=_PROGRAM) as process:
            yield process.words.split("listens: ")[1].split()[0]
            process.end()

    def key(self, tenant_id: UUID, *scopes: Permission) -> str:
        """What a machine of a body presents."""
        with self.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
            issued = create_key(context, name="benchmark", scopes=[scope.value for scope in scopes])
            return issued.key


@contextmanager
def stage(database: str, *, kept: bool = False) -> Iterator[Stage]:
    """A database on an own server, durable as in earnest, with all tables; dropped in the end unless it is `kept`.

    HUB_BENCH_DATA names a folder to keep the server's data in, so that what took long to make is there next time.
    """
    os.environ["HUB_KEY_PEPPER"] = PEPPER
    load_jobs()
    with _folder() as folder:
        server = find_server(DatabaseSettings(database_url=None, hub_data=folder))
        if not isinstance(server, OwnServer):
            raise TypeError("a benchmark works on a server of its own")
        with server:
            if not (kept and _is_there(server, database)):
                server.drop_database(database)
                server.create_database(database)
            urls = server.urls(database)
            migrate(urls.owner.get_secret_value())
            at_work = Database.at(urls.app.get_secret_value())
            use_database(at_work)
            try:
                yield Stage(server, urls, at_work, folder)
            finally:
                at_work.dispose()
                if not kept:
                    server.drop_database(database)


def _is_there(server: OwnServer, database: str) -> bool:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(server.administrator_url().get_secret_value()) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (database,))
        return found.fetchone() is not None


@contextmanager
def _folder() -> Iterator[Path]:
    given = os.environ.get("HUB_BENCH_DATA")
    if given:
        folder = Path(given)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        yield folder
        return
    folder = Path(tempfile.mkdtemp(prefix="hub19-bench-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
