"""Programs of other projects that tests start: found on the machine, or installed with apt-get where root may."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_SYSTEM_PROGRAMS = "/usr/sbin"


def program(name: str, package: str, *, folder: Path | None = None) -> str:
    """The path of a program of a Debian package, in `folder` if it is on no path.

    Skips the test, saying why, where it cannot be had.
    """
    found = _find(name, folder)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", package]):
            subprocess.run(
                ["apt-get", "-qq", *arguments],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                check=False,
                capture_output=True,
                timeout=300,
            )
        found = _find(name, folder)
    if found is None:
        pytest.skip(f"{package} is not installed, and only root with apt-get could install it here")
    return found


def _find(name: str, folder: Path | None) -> str | None:
    where = str(folder) if folder else f"{os.environ.get('PATH', '')}:{_SYSTEM_PROGRAMS}"
    return shutil.which(name, path=where)
