"""Locks on files, which the kernel lets go when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tenants.server_errors import ServerBusy

_POLL_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """A descriptor of the lock file at `path`, made if missing; not inherited by programs we run."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Takes the lock if nobody stands in the way; says whether it did."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(path: Path) -> bool:
    """Whether any living process holds the lock at `path`, shared or alone."""
    descriptor = open_lock(path)
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(path: Path, wait_seconds: float) -> Iterator[int]:
    """Holds the lock at `path` alone and yields its descriptor; raises `ServerBusy` after `wait_seconds`."""
    descriptor = open_lock(path)
    try:
        give_up = time.monotonic() + wait_seconds
        while not try_lock(descriptor):
            if time.monotonic() > give_up:
                raise ServerBusy(field="HUB_DATA", folder=path.parent, seconds=round(wait_seconds))
            time.sleep(_POLL_SECONDS)
        yield descriptor
    finally:
        os.close(descriptor)
