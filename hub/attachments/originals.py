"""The bytes of a file as they were uploaded: cut into pieces in the store, put together to be looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from tempfile import TemporaryFile
from typing import IO

from hub.attachments.models import Attachment
from hub.attachments.store import process_store


@contextmanager
def original(attachment: Attachment) -> Iterator[tuple[IO[bytes], bytes]]:
    """All pieces of a file put together in a nameless file, and their SHA-256."""
    digest = hashlib.sha256()
    with TemporaryFile(prefix="hub19-") as together:
        for offset, _, sha256 in attachment.pieces:
            for chunk in process_store().read(attachment.piece_key(offset, sha256)):
                digest.update(chunk)
                together.write(chunk)
        together.flush()
        yield together, digest.digest()


@contextmanager
def mapped(file: IO[bytes]) -> Iterator[mmap]:
    """A file's content, to be searched without being held in memory."""
    with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        yield content
