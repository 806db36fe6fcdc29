"""The one door that decides which PostgreSQL server the hub uses: a given one, or one of its own."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Final, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from tenants.accounts import account_for_server
from tenants.binaries import Binaries, find_binaries, runnable
from tenants.data_folder import ADMINISTRATOR, DataFolder, data_home
from tenants.languages import Text
from tenants.postmaster import Postmaster
from tenants.roles import (
    APP,
    KPI,
    MAIN_DATABASE,
    MAINTENANCE,
    MIGRATE,
    admit_roles,
    create_database,
    create_roles,
    prepare_database,
)
from tenants.server_errors import LoginNotGiven, NotStarted, ServerUnreachable, TwoServersGiven
from tenants.settings import DatabaseSettings

_CONNECT_SECONDS: Final = 10
_ATTEMPTS: Final = 5

_NOT_RUNNING: Final = Text(
    ar="خادم PostgreSQL {release} الخاص بالمنصة: برامجه في {programs} وبياناته في {folder}",
    en="The hub's own PostgreSQL {release}: programs in {programs}, data in {folder}",
)
_RUNNING: Final = Text(
    ar=(
        "خادم PostgreSQL {release} الخاص بالمنصة على المنفذ المحلي {port}: برامجه في {programs} وبياناته في"
        " {folder}"
    ),
    en="The hub's own PostgreSQL {release} on local port {port}: programs in {programs}, data in {folder}",
)
_RUNNING_AS_OTHER: Final = Text(
    ar=(
        "خادم PostgreSQL {release} الخاص بالمنصة على المنفذ المحلي {port}: برامجه في {programs} وبياناته في"
        " {folder}؛ يعمل بالحساب «{account}» لأن PostgreSQL يرفض العمل بحساب root"
    ),
    en=(
        "The hub's own PostgreSQL {release} on local port {port}: programs in {programs}, data in {folder};"
        " it runs under the account “{account}”, because PostgreSQL refuses to run as root"
    ),
)


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """The addresses of one database, one per login; one that was not given raises `LoginNotGiven`."""

    app: SecretStr
    given_owner: SecretStr | None
    given_kpi: SecretStr | None
    given_maintenance: SecretStr | None

    @property
    def owner(self) -> SecretStr:
        """For migrations: may SET ROLE hub_owner."""
        return _given(self.given_owner, "DATABASE_OWNER_URL")

    @property
    def kpi(self) -> SecretStr:
        """For figures: reads no personal data."""
        return _given(self.given_kpi, "DATABASE_KPI_URL")

    @property
    def maintenance(self) -> SecretStr:
        """For backups: reads every tenant's rows."""
        return _given(self.given_maintenance, "DATABASE_MAINTENANCE_URL")


class Server(ABC):
    """What the hub may ask of its database server, whichever it is; started on entering it."""

    @abstractmethod
    def start(self) -> None:
        """Makes sure the server answers; raises a `ServerProblem` when it does not."""

    @abstractmethod
    def stop(self) -> None:
        """Says that this process needs the server no longer."""

    @abstractmethod
    def urls(self) -> DatabaseUrls:
        """The addresses of the hub's database."""

    @abstractmethod
    def describe(self) -> Text:
        """One line for people about which server this is; never a password."""

    def __enter__(self) -> Self:
        """Starts it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self.stop()


class ExternalServer(Server):
    """A server somebody else runs, named by DATABASE_URL; the hub neither starts nor stops it."""

    def __init__(self, app: SecretStr, settings: DatabaseSettings) -> None:
        self._urls = DatabaseUrls(
            app=app,
            given_owner=settings.database_owner_url,
            given_kpi=settings.database_kpi_url,
            given_maintenance=settings.database_maintenance_url,
        )

    def start(self) -> None:
        """Tries the processes' login; raises `ServerUnreachable` with the server's answer."""
        try:
            psycopg.connect(self._urls.app.get_secret_value(), connect_timeout=_CONNECT_SECONDS).close()
        except psycopg.Error as problem:
            raise ServerUnreachable(
                field="DATABASE_URL", name="DATABASE_URL", reason=str(problem).strip()
            ) from None

    def stop(self) -> None:
        """Nothing: it runs on without us."""

    def urls(self) -> DatabaseUrls:
        """The addresses as the environment gave them."""
        return self._urls

    def describe(self) -> Text:
        """Host, port, database and login; never the password."""
        parts = conninfo_to_dict(self._urls.app.get_secret_value())
        where = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname')}"
        login = parts.get("user", "")
        return Text(
            ar=f"خادم PostgreSQL المحدد في DATABASE_URL: {where} بالحساب «{login}»",
            en=f"The PostgreSQL server named by DATABASE_URL: {where} as “{login}”",
        )


class OwnServer(Server):
    """A server the hub runs for itself; processes share it, and the last one to leave stops it.

    A process counts as a user from `start` until `stop`, its end, or its death; forked children count with
    it.
    """

    def __init__(self, binaries: Binaries, folder: DataFolder, *, durable: bool) -> None:
        self.folder = folder
        self._found = binaries
        self._durable = durable
        self._users: int | None = None
        self._postmaster: Postmaster | None = None

    def start(self) -> None:
        """Starts the server or joins the running one, and makes sure that roles and database are there.

        Again on a started server it brings a dead one back. Leaves the server on SIGTERM and SIGHUP too,
        where nobody else handles them. Raises a `ServerProblem`.
        """
        account = account_for_server(self.folder.owner_of_data)
        self.folder.open(account)
        binaries = runnable(self._found, self.folder.path.parent)
        with self.folder.locked() as lock:
            self._postmaster = Postmaster(self.folder, binaries, account, durable=self._durable)
            if self._users is None:
                self._users = self.folder.join()
                atexit.register(self.stop)
            try:
                self.folder.initialise(binaries, account, durable=self._durable, lock=lock)
                self._bring_up(self._postmaster)
            except BaseException:
                self._leave()
                raise
        _leave_on_signals()

    def stop(self) -> None:
        """Leaves the server, and stops it when nobody else uses it; raises `StopFailed`."""
        if self._users is None:
            return
        with self.folder.locked():
            self._leave()

    def urls(self, database: str = MAIN_DATABASE) -> DatabaseUrls:
        """The addresses of one of the server's databases; raises `NotStarted`."""
        return DatabaseUrls(
            app=self._url(APP, database),
            given_owner=self._url(MIGRATE, database),
            given_kpi=self._url(KPI, database),
            given_maintenance=self._url(MAINTENANCE, database),
        )

    def administrator_url(self, database: str = "postgres") -> SecretStr:
        """The address with the superuser's login, for tests and repairs; raises `NotStarted`."""
        return self._url(ADMINISTRATOR, database)

    def pid(self) -> int:
        """The process id of the server's first process; raises `NotStarted` when the server does not run."""
        pid = self._running().pid()
        if pid is None:
            raise NotStarted(field="HUB_DATA", folder=self.folder.path)
        return pid

    def create_database(self, name: str, template: str | None = None) -> None:
        """Makes a database for the hub's roles; a copy of `template` if given, which nobody may be using."""
        with self._administer() as connection:
            create_database(connection, name, template)
        if template is None:
            with self._administer(name) as connection:
                prepare_database(connection)

    def drop_database(self, name: str) -> None:
        """Drops a database, if it exists, and throws out whoever is connected to it."""
        with self._administer() as connection:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))

    def describe(self) -> Text:
        """The programs, the folder, the port and the account; never a password."""
        if self._postmaster is None or self._users is None:
            sentence = _NOT_RUNNING
        else:
            sentence = _RUNNING_AS_OTHER if self._postmaster.account.switched else _RUNNING
        facts = {
            "release": self._found.release,
            "programs": self._found.folder,
            "folder": self.folder.path,
            "port": self._postmaster.port() if self._postmaster else None,
            "account": self._postmaster.account.name if self._postmaster else None,
        }
        return Text(ar=sentence.ar.format(**facts), en=sentence.en.format(**facts))

    def _running(self) -> Postmaster:
        if self._postmaster is None or self._users is None:
            raise NotStarted(field="HUB_DATA", folder=self.folder.path)
        return self._postmaster

    def _url(self, login: str, database: str) -> SecretStr:
        return self._running().url(login, database)

    def _administer(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        url = self.administrator_url(database).get_secret_value()
        return psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_SECONDS)

    def _bring_up(self, postmaster: Postmaster) -> None:
        for _ in range(_ATTEMPTS):
            postmaster.ensure_running()
            try:
                self._ensure_database()
            except psycopg.OperationalError:
                # Somebody killed it right now.
                continue
            return
        raise postmaster.failure()

    def _ensure_database(self) -> None:
        """On every start: an earlier one may have been cut off, an older release may lack a role."""
        passwords = self.folder.passwords()
        with self._administer() as connection:
            create_roles(
                connection, {name: word for name, word in passwords.items() if name != ADMINISTRATOR}
            )
            there = connection.execute(
                "SELECT FROM pg_catalog.pg_database WHERE datname = %s", (MAIN_DATABASE,)
            ).fetchone()
            if there is None:
                create_database(connection, MAIN_DATABASE)
            else:
                admit_roles(connection, MAIN_DATABASE)
        with self._administer(MAIN_DATABASE) as connection:
            prepare_database(connection)

    def _leave(self) -> None:
        if self._users is None:
            return
        os.close(self._users)
        self._users = None
        atexit.unregister(self.stop)
        if self._postmaster is not None and not self.folder.has_users():
            self._postmaster.stop()


def find_server(settings: DatabaseSettings, *, durable: bool = True) -> ExternalServer | OwnServer:
    """The server to use, not yet started: DATABASE_URL, else the machine's PostgreSQL, else the wheel.

    A database that was made earlier is found again: of several usable installations the one that has one
    wins, so that installing another PostgreSQL never makes a hub look empty. Without `durable` the server is
    for tests: fast, in a folder of its own, and its data may be lost. Raises a `ServerProblem`.
    """
    if settings.database_url is not None:
        if settings.hub_database is not None:
            raise TwoServersGiven(field="HUB_DATABASE")
        return ExternalServer(settings.database_url, settings)
    home = data_home(settings)
    choices = [
        (binaries, DataFolder.for_server(home, binaries, durable=durable))
        for binaries in find_binaries(settings.hub_database)
    ]
    binaries, folder = next((choice for choice in choices if choice[1].holds_database), choices[0])
    return OwnServer(binaries, folder, durable=durable)


def _given(url: SecretStr | None, name: str) -> SecretStr:
    if url is None:
        raise LoginNotGiven(field=name, name=name)
    return url


def _leave_on_signals() -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit)


def _exit(number: int, _frame: FrameType | None) -> None:
    # An ordinary exit, unlike a signal's default, lets context managers and atexit run.
    raise SystemExit(128 + number)
