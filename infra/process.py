"""A running process of the hub: its server, its database, its jobs, ready to work or refusing to start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final

import psycopg
from alembic.script.revision import ResolutionError
from psycopg import Connection
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from hub import reactions
from hub.journal.announcing import Announcer
from hub.messages.settings import mail_settings
from hub.tickets.settings import key_settings
from infra import migrate as migrations
from infra.errors import DatabaseNewer, MigrationsMissing, PepperLost, PepperMissing, PostgresqlTooOld
from tenants.across import Across
from tenants.data_folder import write_file
from tenants.database import Database, for_psycopg, use_database
from tenants.roles import check_login
from tenants.servers import DatabaseUrls, ExternalServer, OwnServer, find_server
from tenants.settings import DatabaseSettings

OLDEST_POSTGRESQL: Final = 15
PEPPER: Final = "HUB_KEY_PEPPER"

# Every module that declares jobs; a promised job whose module is not here would never be done.
JOB_MODULES: Final = (
    "hub.attachments.tasks",
    "hub.messages.tasks",
    "hub.sla.tasks",
    "hub.tickets.tasks",
)


@dataclass(slots=True)
class Hub:
    """What a process works with; `kpi` is the same database seen by the login of figures."""

    server: ExternalServer | OwnServer
    urls: DatabaseUrls
    database: Database
    across: Across
    _kpi: Database | None = field(default=None, repr=False)

    @property
    def kpi(self) -> Database:
        """The database as figures may see it; raises `LoginNotGiven` where an outside server's was not given."""
        if self._kpi is None:
            self._kpi = Database.at(self.urls.kpi.get_secret_value(), pool_size=2)
        return self._kpi

    def dispose(self) -> None:
        """Close all connections."""
        self.database.dispose()
        if self._kpi is not None:
            self._kpi.dispose()


@contextmanager
def running_hub(*, migrate: bool = False, check: bool = True, connections: int = 5) -> Iterator[Hub]:
    """The hub in this process, for as long as the block lasts: the server found and, if our own, started.

    With `migrate` the missing migrations are applied first. `check` refuses what it would be wrong to work with:
    a login that could step over a fence, an old server, missing migrations, an outside server without the pepper;
    only migrations and the doctor go without. The pool holds `connections` and grows to twice that number.
    Raises `Refusal`, always saying what to do.
    """
    with find_server(DatabaseSettings()) as server:
        urls = server.urls()
        provide_pepper(server, needed=check)
        if migrate:
            migrations.migrate(urls.owner.get_secret_value())
        if check:
            check_database(urls.app)
            # Too short a pepper is better told now than at the first PIN, and half a mail server than at the first mail.
            key_settings()
            mail_settings()
        load_jobs()
        database = Database.at(urls.app.get_secret_value(), pool_size=connections)
        use_database(database)
        hub = Hub(server, urls, database, Across(database))
        announcer = Announcer(database)
        announcer.start()
        try:
            yield hub
        finally:
            announcer.end()
            hub.dispose()


def load_jobs() -> None:
    """Put the table of reactions in force and declare the jobs that it promises."""
    reactions.install()
    for module in JOB_MODULES:
        import_module(module)


def check_database(url: SecretStr) -> None:
    """Refuse a database that the hub cannot work with, or a login that it must not work with.

    Raises `UnsafeLogin`, `PostgresqlTooOld`, `MigrationsMissing` or `DatabaseNewer`.
    """
    with psycopg.connect(url.get_secret_value(), connect_timeout=10) as connection:
        check_version(connection)
        check_login(connection)
    lacking = missing_migrations(url)
    if lacking:
        raise MigrationsMissing(field="DATABASE_URL", count=len(lacking), first=lacking[0])


def check_version(connection: Connection[tuple[object, ...]]) -> None:
    """Refuse an old server; raises `PostgresqlTooOld`."""
    found = connection.info.server_version // 10000
    if found < OLDEST_POSTGRESQL:
        raise PostgresqlTooOld(field="DATABASE_URL", found=found, needed=OLDEST_POSTGRESQL)


def missing_migrations(url: SecretStr) -> list[str]:
    """The names of the migrations that a database lacks, oldest first; raises `DatabaseNewer`."""
    engine = create_engine(for_psycopg(url.get_secret_value()), poolclass=NullPool)
    try:
        return _missing(engine)
    finally:
        engine.dispose()


def _missing(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        try:
            return migrations.missing(connection)
        except ResolutionError as unknown:
            raise DatabaseNewer(field="DATABASE_URL", revision=unknown.argument) from None
        except ProgrammingError:
            # The table of migrations may be read from the eighth on, and so has not got that far.
            return migrations.all_names()


def provide_pepper(server: ExternalServer | OwnServer, *, needed: bool) -> None:
    """Make sure that the process knows the pepper: from the environment, or the data folder of an own server.

    A new own database gets a random one. Raises `PepperMissing` for an outside server's, if it is needed, and
    `PepperLost` where an own database that was used before has none.
    """
    if os.environ.get(PEPPER):
        return
    if isinstance(server, ExternalServer):
        if needed:
            raise PepperMissing(field=PEPPER)
        return
    file = server.folder.path / "pepper"
    with server.folder.locked():
        try:
            pepper = file.read_text("utf-8").strip()
        except FileNotFoundError:
            if len(missing_migrations(server.urls().app)) < len(migrations.all_names()):
                raise PepperLost(field=PEPPER, file=file) from None
            pepper = secrets.token_urlsafe(48)
            write_file(file, pepper + "\n")
    os.environ[PEPPER] = pepper
