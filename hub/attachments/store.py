"""The place that files are kept in: a folder of this machine or an S3 bucket, behind one port."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from hub.attachments.errors import StoreUnavailable
from hub.attachments.settings import FileSettings, file_settings
from tenants.data_folder import data_home
from tenants.settings import DatabaseSettings

_CHUNK: Final = 1024 * 1024
_LISTED_AT_ONCE: Final = 1000
_TIMEOUT: Final = timedelta(seconds=20)
_TRIES: Final = 3
# obstore says it in either way.
_MISSING: Final = (NotFoundError, FileNotFoundError)
# How the local store calls what it has not yet written whole.
_UNFINISHED: Final = re.compile(r".*#[0-9]+")


class BytesMissing(LookupError):  # noqa: N818 - says what is missing
    """There is nothing under a key."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One thing in the store: its key and when it was written."""

    key: str
    written_at: datetime


class FileStore:
    """Bytes under keys; what is written is there whole, and still after a crash, or not at all.

    Every call raises `StoreUnavailable` when the store does not answer.
    """

    def __init__(self, store: ObjectStore, *, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def in_folder(cls, folder: Path) -> FileStore:
        """A store in a folder, which is made if it is missing and read by its owner alone."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as problem:
            raise StoreUnavailable(field="HUB_FILES_FOLDER") from problem
        return cls(LocalStore(folder, automatic_cleanup=True), folder=folder)

    @classmethod
    def in_bucket(cls, settings: FileSettings) -> FileStore:
        """A store in the S3 bucket that the settings name."""
        bucket, _, prefix = (settings.s3_url or "").removeprefix("s3://").partition("/")
        given = {
            "endpoint": settings.s3_endpoint,
            "region": settings.s3_region,
            "access_key_id": settings.s3_access_key,
            "secret_access_key": settings.s3_secret_key and settings.s3_secret_key.get_secret_value(),
        }
        store = S3Store(
            bucket,
            prefix=prefix.strip("/") or None,
            client_options={"allow_http": settings.s3_allow_http, "timeout": _TIMEOUT},
            retry_config={"max_retries": _TRIES, "retry_timeout": _TIMEOUT},
            config={name: value for name, value in given.items() if value},  # type: ignore[arg-type]
        )
        return cls(store)

    @classmethod
    def of(cls, settings: FileSettings) -> FileStore:
        """The store that the settings name: a bucket, a folder, or `files` in the hub's own data."""
        if settings.s3_url:
            return cls.in_bucket(settings)
        return cls.in_folder(settings.folder or data_home(DatabaseSettings()) / "files")

    def write(self, key: str, content: bytes | IO[bytes]) -> None:
        """Keep bytes under a key, in place of whatever was there."""
        with _answering():
            obstore.put(self._store, key, content)
        if self._folder is not None:
            self._make_durable(self._folder / key)

    def read(self, key: str) -> Iterator[bytes]:
        """The bytes under a key, in chunks; raises `BytesMissing`, before the first chunk is asked for."""
        with _answering():
            try:
                found = obstore.get(self._store, key)
            except _MISSING as problem:
                raise BytesMissing(key) from problem
            stream = found.stream(min_chunk_size=_CHUNK)
        return _chunks(iter(stream))

    def remove(self, keys: Sequence[str]) -> None:
        """Remove what is under the keys; what is not there is no matter."""
        for key in keys:
            with _answering():
                try:
                    obstore.delete(self._store, key)
                except _MISSING:
                    continue

    def under(self, prefix: str) -> list[str]:
        """The keys that begin with a whole part `prefix/`."""
        return [each.key for batch in self._listed(prefix) for each in batch]

    def everything(self) -> Iterator[list[StoredFile]]:
        """All there is, a batch at a time."""
        return self._listed(None)

    def remove_unfinished(self, before: datetime) -> int:
        """Remove what a crash left half-written in a folder before a moment; gives the number of such files.

        A bucket shows nothing half-written.
        """
        if self._folder is None:
            return 0
        removed = 0
        for path in self._folder.rglob("*#*"):
            try:
                written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if path.is_file() and _UNFINISHED.fullmatch(path.name) and written_at < before:
                    path.unlink()
                    removed += 1
            except FileNotFoundError:
                continue
        return removed

    def _listed(self, prefix: str | None) -> Iterator[list[StoredFile]]:
        with _answering():
            listing = iter(obstore.list(self._store, prefix, chunk_size=_LISTED_AT_ONCE))
        while True:
            with _answering():
                batch = next(listing, None)
            if batch is None:
                return
            yield [StoredFile(each["path"], each["last_modified"]) for each in batch]

    def _make_durable(self, path: Path) -> None:
        """Have a file and the folders that name it on the disk before the database's row says that it is there."""
        assert self._folder is not None  # noqa: S101 - only a folder's files are paths
        above = path.parents[: len(path.relative_to(self._folder).parts)]
        try:
            for each in (path, *above):
                descriptor = os.open(each, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
        except OSError as problem:
            raise StoreUnavailable(field="file") from problem


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as problem:
        raise StoreUnavailable(field="file") from problem


def _chunks(stream: Iterator[object]) -> Iterator[bytes]:
    while True:
        with _answering():
            chunk = next(stream, None)
        if chunk is None:
            return
        yield bytes(chunk)  # type: ignore[call-overload]


_process: FileStore | None = None


def use_store(store: FileStore | None) -> None:
    """Make a store the one that this process works with; None goes back to what the settings name."""
    global _process  # noqa: PLW0603 - like the process's database: Celery tasks get ids and nothing else
    _process = store


def process_store() -> FileStore:
    """The store of this process: the one it was given, else what the settings name."""
    if _process is None:
        use_store(FileStore.of(file_settings()))
    assert _process is not None  # noqa: S101 - set just now
    return _process
