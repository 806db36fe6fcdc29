"""The folder of the hub's own database server: made whole, locked, shared by the processes that use it."""

from __future__ import annotations

import errno
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from tenants.accounts import Account, blocking_folder, run
from tenants.binaries import Binaries
from tenants.languages import Text
from tenants.locks import exclusive, is_held, open_lock, try_lock
from tenants.roles import LOGINS
from tenants.server_errors import (
    DiskFull,
    FolderNotOurs,
    FolderOutOfReach,
    InitialisationFailed,
    NewerFolder,
    PasswordsLost,
)
from tenants.settings import DatabaseSettings

ADMINISTRATOR: Final = "postgres"
LAYOUT: Final = "1"
_MEGABYTE: Final = 1024 * 1024
ROOM_FOR_NEW_DATABASE: Final = 256 * _MEGABYTE
_LOCK_SECONDS: Final = 240.0
_INITDB_SECONDS: Final = 180.0
# What PostgreSQL writes, in the language its programs are run in.
NO_SPACE: Final = "No space left on device"
_NO_LOCALE: Final = "invalid locale name"
_BUILTIN_LOCALE_SINCE: Final = 17

_NOT_WRITABLE: Final = Text(ar="لا يحق لهذا الحساب الكتابة فيه.", en="this account may not write there.")
_NOT_A_FOLDER: Final = Text(
    ar="يوجد في مكانه ما ليس مجلدًا.", en="something that is no folder stands in its place."
)
_NOT_MADE_BY_US: Final = Text(
    ar="فيه ملفات لم تنشئها المنصة.", en="it holds files that the hub did not make."
)


def data_home(settings: DatabaseSettings) -> Path:
    """The folder of all of the hub's own data: HUB_DATA, else the account's usual place."""
    if settings.hub_data is not None:
        return settings.hub_data.expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/hub19")
    told = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification: a relative path is to be ignored.
    return (told if told.is_absolute() else Path.home() / ".local" / "share") / "hub19"


def refuse_when_full(folder: Path, needed_bytes: int) -> None:
    """Raises `DiskFull` when the disk that holds `folder` has less room than `needed_bytes`."""
    if shutil.disk_usage(folder).free < needed_bytes:
        raise disk_full(folder, needed_bytes)


def disk_full(folder: Path, needed_bytes: int = ROOM_FOR_NEW_DATABASE) -> DiskFull:
    """The refusal to raise when the disk of `folder` (or of the nearest that exists above it) is full."""
    existing = next(above for above in [folder, *folder.parents] if above.exists())
    return DiskFull(
        field="HUB_DATA",
        folder=folder,
        free_megabytes=shutil.disk_usage(existing).free // _MEGABYTE,
        needed_megabytes=-(-needed_bytes // _MEGABYTE),
    )


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One server's folder. The hub's account owns it; PostgreSQL's account owns only `data` inside it."""

    path: Path

    @classmethod
    def for_server(cls, home: Path, binaries: Binaries, *, durable: bool) -> DataFolder:
        """The folder of one major version and origin; without durability, never one with real data."""
        name = f"postgresql-{binaries.major}-{binaries.origin}"
        return cls(home / (name if durable else f"{name}-scratch"))

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory; it exists only when it is whole."""
        return self.path / "data"

    @property
    def holds_database(self) -> bool:
        """Whether a database was made here, as far as this account can see."""
        try:
            return (self.data / "PG_VERSION").is_file()
        except PermissionError:
            return False

    @property
    def owner_of_data(self) -> int | None:
        """The user id that PostgreSQL runs under here, when a database was made."""
        try:
            return self.data.stat().st_uid
        except (FileNotFoundError, PermissionError, NotADirectoryError):
            return None

    def open(self, account: Account) -> None:
        """Makes the folder if missing; raises `FolderNotOurs`, `FolderOutOfReach` or `NewerFolder`."""
        try:
            _make_home(self.path.parent)
            self._make(account)
        except (FileExistsError, NotADirectoryError):
            raise FolderNotOurs(field="HUB_DATA", folder=self.path, reason=_NOT_A_FOLDER) from None
        except OSError as problem:
            if problem.errno in (errno.ENOSPC, errno.EDQUOT):
                raise disk_full(self.path) from problem
            raise FolderNotOurs(field="HUB_DATA", folder=self.path, reason=_NOT_WRITABLE) from problem
        blocking = blocking_folder(self.path, account)
        if blocking is not None:
            raise FolderOutOfReach(field="HUB_DATA", account=account.name, folder=blocking)

    @contextmanager
    def locked(self) -> Iterator[int]:
        """One process at a time starts, stops or makes what is in here; yields the lock's descriptor."""
        with exclusive(self.path / "lock", _LOCK_SECONDS) as descriptor:
            yield descriptor

    def join(self) -> int:
        """Counts this process as a user until the descriptor is closed; call it while locked."""
        descriptor = open_lock(self.path / "users")
        if not try_lock(descriptor, shared=True):
            raise AssertionError("somebody holds the users' lock alone without holding the folder's lock")
        return descriptor

    def has_users(self) -> bool:
        """Whether any living process uses the server; call it while locked."""
        return is_held(self.path / "users")

    def server_lives(self) -> bool:
        """Whether any process of this folder's server lives; call it while locked.

        The server's processes inherit a lock from their start. So neither a process id that was given again
        nor another container's view of the processes can deceive us.
        """
        return is_held(self.path / "running")

    @contextmanager
    def lock_for_server(self) -> Iterator[int]:
        """The descriptor of the lock that a starting server is to inherit; call it while locked."""
        descriptor = open_lock(self.path / "running")
        try:
            if not try_lock(descriptor):
                raise AssertionError("the server lives already")
            yield descriptor
        finally:
            os.close(descriptor)

    def passwords(self) -> dict[str, str]:
        """The passwords by login, made on the first call while locked; raises `PasswordsLost`."""
        file = self.path / "passwords.json"
        known: dict[str, str] = {}
        lost = PasswordsLost(field="HUB_DATA", folder=self.path, file=file.name)
        try:
            read = json.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            if self.holds_database:
                raise lost from None
        except ValueError:
            raise lost from None
        else:
            if not isinstance(read, dict) or ADMINISTRATOR not in read:
                raise lost
            known = {str(name): str(password) for name, password in read.items()}
        wanted = {name: known.get(name) or secrets.token_urlsafe(24) for name in (ADMINISTRATOR, *LOGINS)}
        if wanted != known:
            write_file(file, json.dumps(wanted, indent=2) + "\n")
        return wanted

    def initialise(self, binaries: Binaries, account: Account, *, durable: bool, lock: int) -> None:
        """Makes the database, whole or not at all, and sweeps away what an interrupted attempt left.

        initdb inherits `lock`, so that an attempt whose process was killed is over before the next begins.
        Raises `DiskFull` or `InitialisationFailed`.
        """
        for leftover in self.path.glob("new-*"):
            shutil.rmtree(leftover)
        for name in ("passwords.json", "port", "postgresql.conf"):
            for cut_off in self.path.glob(f"{name}.*"):
                cut_off.unlink()
        if self.data.exists():
            if not self.holds_database or (self.data / "PG_VERSION").read_text().strip() != str(
                binaries.major
            ):
                raise FolderNotOurs(field="HUB_DATA", folder=self.data, reason=_NOT_MADE_BY_US)
            return
        refuse_when_full(self.path, ROOM_FOR_NEW_DATABASE)
        password = self.passwords()[ADMINISTRATOR]
        output = ""
        for locale in _locales(binaries.major):
            unfinished = Path(mkdtemp(dir=self.path, prefix="new-"))
            try:
                output = self._initdb(
                    binaries, account, unfinished, password, [*locale, *_sync(durable)], lock
                )
                if not output:
                    (unfinished / "data").rename(self.data)
                    _sync_folder(self.path)
                    return
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
            if _NO_LOCALE not in output:
                break
        if NO_SPACE in output:
            raise disk_full(self.path)
        raise InitialisationFailed(field="HUB_DATA", folder=self.path, output=output)

    def _initdb(
        self,
        binaries: Binaries,
        account: Account,
        unfinished: Path,
        password: str,
        options: Sequence[str],
        lock: int,
    ) -> str:
        """Runs initdb in `unfinished`; gives what it wrote when it failed, and nothing when it went well."""
        password_file, data = unfinished / "password", unfinished / "data"
        password_file.write_text(password, "utf-8")
        data.mkdir(mode=0o700)
        if account.switched:
            for path in (password_file, data, unfinished):
                os.chown(path, account.user_id, account.group_id)
        command: list[str | Path] = [binaries.program("initdb"), "--pgdata", data, "--pwfile", password_file]
        command += [
            f"--username={ADMINISTRATOR}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--data-checksums",
        ]
        command += ["--no-instructions", *options]
        try:
            done = run(command, account, timeout_seconds=_INITDB_SECONDS, kept_files=[lock])
        except (OSError, subprocess.TimeoutExpired) as problem:
            return str(problem)
        return "" if done.returncode == 0 else done.stdout.strip() or f"status {done.returncode}"

    def _make(self, account: Account) -> None:
        # The server's account only passes through; what lies here beside `data` stays the hub's.
        mode = 0o710 if account.switched else 0o700
        try:
            self.path.mkdir(mode=0o700)
        except FileExistsError:
            found = self.path.lstat()
            if not stat.S_ISDIR(found.st_mode):
                raise
            if found.st_uid != os.geteuid():
                raise FolderNotOurs(
                    field="HUB_DATA", folder=self.path, reason=_belongs_to(found.st_uid)
                ) from None
        layout = self.path / "layout"
        if not layout.exists():
            if self.data.exists():
                raise FolderNotOurs(field="HUB_DATA", folder=self.path, reason=_NOT_MADE_BY_US)
            write_file(layout, f"{LAYOUT}\n")
        elif (written := layout.read_text("utf-8").strip()) != LAYOUT:
            raise NewerFolder(field="HUB_DATA", folder=self.path, layout=written)
        owner = self.owner_of_data
        if owner is not None and owner != account.user_id:
            raise FolderNotOurs(field="HUB_DATA", folder=self.data, reason=_belongs_to(owner))
        if account.switched:
            os.chown(self.path, -1, account.group_id)
        self.path.chmod(mode)


def write_file(path: Path, content: str, *, group_id: int | None = None) -> None:
    """Writes a file of the folder whole or not at all, for its owner's eyes and, if given, a group's."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        if group_id is not None:
            os.fchown(file.fileno(), -1, group_id)
            os.fchmod(file.fileno(), 0o640)
    unfinished.replace(path)
    _sync_folder(path.parent)


def _make_home(home: Path) -> None:
    missing = [folder for folder in [home, *home.parents] if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        # As root the server's account has to pass through; nobody else can list it.
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _belongs_to(user_id: int) -> Text:
    try:
        name = pwd.getpwuid(user_id).pw_name
    except KeyError:
        name = str(user_id)
    return Text(ar=f"إنه يخص الحساب «{name}».", en=f"it belongs to the account “{name}”.")


def _locales(major: int) -> list[list[str]]:
    # Arabic search needs letters known as letters; sorting by code point is the same on every machine.
    if major >= _BUILTIN_LOCALE_SINCE:
        return [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
    return [["--locale=C.UTF-8"], ["--locale=C"]]


def _sync(durable: bool) -> list[str]:
    return [] if durable else ["--no-sync"]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
