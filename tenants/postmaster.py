"""Running one PostgreSQL server on its data folder: start, wait, find it running, stop."""

from __future__ import annotations

import shlex
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
from pydantic import SecretStr

from tenants.accounts import Account, run
from tenants.binaries import Binaries
from tenants.data_folder import ADMINISTRATOR, NO_SPACE, DataFolder, disk_full, refuse_when_full, write_file
from tenants.server_errors import (
    NotStarted,
    PasswordsLost,
    PortRefused,
    ServerProblem,
    StartFailed,
    StopFailed,
)

HOST: Final = "127.0.0.1"
_ATTEMPTS: Final = 5
# A server that was cut off may have much to replay before it answers.
_READY_SECONDS: Final = 180.0
_STOP_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.03
_DYING_SECONDS: Final = 5.0
_STRANGER_SECONDS: Final = 1.0
_ROOM_TO_START: Final = 64 * 1024 * 1024
_LAST_LINES: Final = 12
_WRONG_PASSWORD: Final = "password authentication failed"  # noqa: S105 - PostgreSQL's words, no password

_SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "jit": "off",
    # A week of logs, each day's file written over a week later.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_file_mode": "0600",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_min_duration_statement": "-1",
}
_NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Postmaster:
    """One server on one folder. Call its verbs while the folder is locked."""

    folder: DataFolder
    binaries: Binaries
    account: Account
    durable: bool

    def ensure_running(self) -> None:
        """Finds the folder's server running or starts it, on another port when its own is taken.

        Raises `PortRefused`, `DiskFull`, `PasswordsLost` or `StartFailed`, with the server's last words.
        """
        port = 0
        for _ in range(_ATTEMPTS):
            if self.folder.server_lives() and self._comes_up():
                return
            port = self._choose_port()
            self._launch(port)
            if self._comes_up():
                return
            # It died: another took the port first, or somebody killed it; or it cannot start at all.
        if _is_free(port):
            raise self.failure()
        raise PortRefused(field="HUB_DATA", attempts=_ATTEMPTS, output=self._last_words())

    def stop(self) -> None:
        """Ends the server, letting what runs be rolled back, and waits for it; raises `StopFailed`."""
        give_up = time.monotonic() + _STOP_SECONDS
        asked: int | None = None
        output: object = ""
        while self.folder.server_lives():
            if time.monotonic() > give_up:
                raise StopFailed(field="HUB_DATA", folder=self.folder.path, output=output)
            # One whose starter was killed may still be coming up, and a killed one's processes be going down.
            pid = self.pid()
            if pid is not None and pid != asked:
                asked, output = pid, self._ask_to_stop()
            time.sleep(_POLL_SECONDS)

    def pid(self) -> int | None:
        """The server's process id as its folder tells it; a killed one's until the next start."""
        try:
            # The first line (PostgreSQL, miscadmin.h, LOCK_FILE_LINE_PID).
            return int((self.folder.data / "postmaster.pid").read_text("utf-8").splitlines()[0])
        except (OSError, IndexError, ValueError):
            return None

    def port(self) -> int | None:
        """The port of the server that runs or ran last, whichever process started it."""
        try:
            return int((self.folder.path / "port").read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def url(self, login: str, database: str) -> SecretStr:
        """The address of one database with one login; raises `NotStarted`."""
        port = self.port()
        if port is None:
            raise NotStarted(field="HUB_DATA", folder=self.folder.path)
        password = self.folder.passwords()[login]
        return SecretStr(f"postgresql://{login}:{quote(password)}@{HOST}:{port}/{quote(database, safe='')}")

    def _ask_to_stop(self) -> object:
        command: list[str | Path] = [self.binaries.program("pg_ctl"), "stop", "--pgdata", self.folder.data]
        command += ["--mode=fast", "--no-wait", "--silent"]
        try:
            return run(command, self.account, timeout_seconds=_STOP_SECONDS).stdout.strip()
        except (OSError, subprocess.TimeoutExpired) as problem:
            return problem

    def _launch(self, port: int) -> None:
        refuse_when_full(self.folder.path, _ROOM_TO_START)
        self._forget_dead_server()
        configuration = self.folder.path / "postgresql.conf"
        write_file(
            configuration,
            self._configuration(port),
            group_id=self.account.group_id if self.account.switched else None,
        )
        write_file(self.folder.path / "port", f"{port}\n")
        options = shlex.join(["-c", f"config_file={configuration}"])
        command: list[str | Path] = [self.binaries.program("pg_ctl"), "start", "--pgdata", self.folder.data]
        command += ["--no-wait", "--silent", "--options", options]
        with (self.folder.path / "start.log").open("wb") as log, self.folder.lock_for_server() as lock:
            try:
                run(command, self.account, timeout_seconds=_STOP_SECONDS, output=log, kept_files=[lock])
            except (OSError, subprocess.TimeoutExpired) as problem:
                raise StartFailed(field="HUB_DATA", folder=self.folder.path, output=problem) from problem

    def _configuration(self, port: int) -> str:
        settings = _SETTINGS | {"port": str(port)} | ({} if self.durable else _NOT_DURABLE)
        lines = [
            "# Written by the hub at every start. Change settings with ALTER SYSTEM, which comes after this.",
            f"include {_literal(str(self.folder.data / 'postgresql.conf'))}",
            *(f"{name} = {_literal(value)}" for name, value in settings.items()),
        ]
        return "\n".join(lines) + "\n"

    def _comes_up(self) -> bool:
        """Waits until the living server answers; False when it died instead."""
        begun = time.monotonic()
        while self.folder.server_lives():
            problem = self._unanswered()
            if problem is None:
                return True
            waited = time.monotonic() - begun
            # At once it may be another server's answer, on whose port ours is about to fail.
            if _WRONG_PASSWORD in problem and waited > _STRANGER_SECONDS:
                raise PasswordsLost(field="HUB_DATA", folder=self.folder.path, file="passwords.json")
            if waited > _READY_SECONDS:
                raise self.failure()
            time.sleep(_POLL_SECONDS)
        return False

    def _unanswered(self) -> str | None:
        """Why this folder's server gives no answer yet; None when it does."""
        try:
            url = self.url(ADMINISTRATOR, "postgres").get_secret_value()
            with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
                row = connection.execute("SELECT current_setting('data_directory')").fetchone()
        except psycopg.OperationalError as problem:
            return str(problem)
        try:
            ours = row is not None and self.folder.data.samefile(row[0])
        except OSError:
            ours = False
        # A killed server's port may meanwhile be another's, and a copied folder has the same passwords.
        return None if ours else "another server answers"

    def _choose_port(self) -> int:
        port = self.port()
        return port if port is not None and _is_free(port) else _free_port()

    def _forget_dead_server(self) -> None:
        """Takes away the note of a server that died, when its process id is still, or again, in the list.

        PostgreSQL itself sees through the note only when the process id is unused: not while nobody has
        collected the dead process (a container without an init), nor when another process got its id.
        """
        pid = self.pid()
        give_up = time.monotonic() + _DYING_SECONDS
        while pid is not None and time.monotonic() < give_up:
            try:
                # The state follows the name, which is in brackets and may hold anything (proc(5)).
                state = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
                elsewhere = state != "Z" and not Path(f"/proc/{pid}/cwd").samefile(self.folder.data)
            except FileNotFoundError:
                if not Path(f"/proc/{pid}").exists():
                    return
                # It is dying this moment: it has left its folder, and is not yet dead.
                time.sleep(_POLL_SECONDS)
                continue
            except PermissionError:
                # Another account's: PostgreSQL knows that it cannot be its own.
                return
            if state == "Z" or elsewhere:
                (self.folder.data / "postmaster.pid").unlink()
            return

    def failure(self) -> ServerProblem:
        """The refusal that tells why the server does not answer."""
        words = self._last_words()
        if NO_SPACE in words:
            return disk_full(self.folder.path, _ROOM_TO_START)
        return StartFailed(field="HUB_DATA", folder=self.folder.path, output=words)

    def _last_words(self) -> str:
        files = [self.folder.path / "start.log"]
        # Only a log that this start wrote to.
        started = files[0].stat().st_mtime if files[0].exists() else 0.0
        logs = [log for log in (self.folder.data / "log").glob("*.log") if log.stat().st_mtime >= started - 1]
        files += sorted(logs, key=lambda log: log.stat().st_mtime)[-1:]
        lines = [
            line
            for file in files
            if file.exists()
            for line in file.read_text("utf-8", "replace").splitlines()
        ]
        return "\n".join(lines[-_LAST_LINES:])


def _literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As PostgreSQL does: connections of a server that just ended do not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
