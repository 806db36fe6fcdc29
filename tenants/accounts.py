"""The system account PostgreSQL runs under, and running its programs as that account."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tenants.server_errors import NoServerAccount

# Debian's own account for PostgreSQL first; the second is made when the first is missing.
SERVER_ACCOUNTS: Final = ("postgres", "hub19")
# "nobody": what this account may run, any account may run.
ANY_ACCOUNT_ID: Final = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """A system account; `switched` when it is not the one this process runs under."""

    name: str
    user_id: int
    group_id: int
    switched: bool


def current_account() -> Account:
    """The account this process runs under."""
    user_id = os.geteuid()
    try:
        name = pwd.getpwuid(user_id).pw_name
    except KeyError:
        name = str(user_id)
    return Account(name=name, user_id=user_id, group_id=os.getegid(), switched=False)


def anybody() -> Account:
    """A stand-in for whichever account will run PostgreSQL, for trying whether it could."""
    return Account(name="nobody", user_id=ANY_ACCOUNT_ID, group_id=ANY_ACCOUNT_ID, switched=True)


def account_for_server(owner_of_data: int | None) -> Account:
    """The account to run PostgreSQL under: this one, unless this is root, which PostgreSQL refuses.

    As root it is the account that already owns the data, else `postgres`, else `hub19`, which is made when
    missing. Raises `NoServerAccount` when none can be had.
    """
    if os.geteuid() != 0:
        return current_account()
    known = [account for name in SERVER_ACCOUNTS if (account := _system_account(name)) is not None]
    for account in known:
        if account.user_id == owner_of_data:
            return account
    return known[0] if known else _make_account(SERVER_ACCOUNTS[-1])


def run(
    command: Sequence[str | Path],
    account: Account,
    *,
    timeout_seconds: float,
    output: IO[bytes] | None = None,
    kept_files: Sequence[int] = (),
) -> subprocess.CompletedProcess[str]:
    """Runs one program to its end as `account`, apart from this process' terminal and environment.

    What it writes is in the result's `stdout`, or goes to `output` (which a daemon it leaves behind keeps
    open). `kept_files` are descriptors it inherits. Raises OSError when it may not be run, TimeoutExpired
    when it hangs.
    """
    # Nothing of PG* may redirect the server, and no secret of ours belongs in a daemon's environment.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    if "LD_LIBRARY_PATH" in os.environ:
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return subprocess.run(  # noqa: S603 - programs of PostgreSQL or of the system, arguments as a list
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=output if output is not None else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        timeout=timeout_seconds,
        # PostgreSQL looks at its current folder, which the account may not be able to enter.
        cwd="/",
        env=environment,
        start_new_session=True,
        pass_fds=kept_files,
        umask=0o077,
        user=account.user_id if account.switched else None,
        group=account.group_id if account.switched else None,
        extra_groups=[] if account.switched else None,
    )


def blocking_folder(folder: Path, account: Account) -> Path | None:
    """The topmost of `folder` and the folders above it that `account` may not pass through, if any."""
    if not account.switched:
        return None
    test = shutil.which("test") or "/usr/bin/test"
    if run([test, "-x", folder], account, timeout_seconds=10).returncode == 0:
        return None
    for above in [*reversed(folder.parents), folder]:
        if run([test, "-x", above], account, timeout_seconds=10).returncode != 0:
            return above
    return folder


def _system_account(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name=name, user_id=entry.pw_uid, group_id=entry.pw_gid, switched=True)


def _make_account(name: str) -> Account:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        raise NoServerAccount(field="HUB_DATA", account=name, reason="useradd: not found.")
    command = [program, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    done = run(command, current_account(), timeout_seconds=60)
    account = _system_account(name)
    if account is None:
        raise NoServerAccount(field="HUB_DATA", account=name, reason=done.stdout.strip())
    return account
