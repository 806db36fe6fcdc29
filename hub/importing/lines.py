"""The lines of an imported file, plain or gzip, decoded one by one and bounded whatever the file holds."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from enum import Enum
from typing import BinaryIO

from hub.importing.errors import UnreadableFile

# Rows of real files stay below 10,000 bytes; the cap only keeps a broken file from filling memory.
RECORD_LIMIT = 1 << 20
_BLOCK = 1 << 17
_GZIP_MAGIC = b"\x1f\x8b"
_EXPECT_GZIP = zlib.MAX_WBITS | 16
_UTF_8_MARK = b"\xef\xbb\xbf"


class Flaw(Enum):
    """What is wrong with the text of a row."""

    NUL = "nul"
    NOT_IN_ENCODING = "not in encoding"


class Damage(Enum):
    """What is wrong with a compressed file as a whole."""

    CUT_OFF = "cut off"
    CORRUPT = "corrupt"


class RecordTooLong(Exception):  # noqa: N818 - says what the record is
    """The lines taken since the record began are more than `RECORD_LIMIT` bytes; the last one is dropped."""


class Lines:
    """Hands out decoded lines with their ends on, for a CSV reader, and remembers what was wrong with them.

    A line that is not in the encoding, or holds NUL, is handed out all the same and marked in `flaw`: only
    its row is lost. A compressed file that breaks off hands out its whole lines and is marked in `damage`.
    """

    def __init__(self, file: BinaryIO, codec: str) -> None:
        self.number = 0
        self.position = 0
        self.size = os.fstat(file.fileno()).st_size
        self.at_end = False
        self.ended_whole = True
        self.flaw: Flaw | None = None
        self.damage: Damage | None = None
        self._file = file
        self._codec = codec
        self._record_size = 0
        self._raw = self._split()

    def begin_record(self) -> None:
        """Forget the flaw and the length of the record before."""
        self.flaw = None
        self._record_size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._raw, None)
        if line is None:
            self.at_end = True
            raise StopIteration
        self.number += 1
        self.ended_whole = line.endswith((b"\n", b"\r"))
        self._record_size += len(line)
        if self._record_size > RECORD_LIMIT:
            raise RecordTooLong
        if b"\0" in line:
            self.flaw = Flaw.NUL
        try:
            return line.decode(self._codec)
        except UnicodeDecodeError:
            self.flaw = Flaw.NOT_IN_ENCODING
            return line.decode(self._codec, "replace")

    def _split(self) -> Iterator[bytes]:
        rest = b""
        first = self._codec == "utf-8"
        for block in self._blocks():
            joined = rest + block
            if first and len(joined) < len(_UTF_8_MARK):
                rest = joined
                continue
            if first:
                joined = joined.removeprefix(_UTF_8_MARK)
                first = False
            lines = joined.splitlines(keepends=True)
            # A carriage return at the end of a block may be half of a line's end.
            rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
            yield from lines
            # What is over the limit is refused anyway; its length alone must survive.
            rest = rest[: RECORD_LIMIT + 1]
        if rest and self.damage is None:
            yield rest

    def _blocks(self) -> Iterator[bytes]:
        blocks = self._from_disk()
        start = next(blocks, b"")
        if not start.startswith(_GZIP_MAGIC):
            yield start
            yield from blocks
            return
        yield from self._unpacked(start, blocks)

    def _from_disk(self) -> Iterator[bytes]:
        while True:
            try:
                block = self._file.read(_BLOCK)
            except OSError as problem:
                raise UnreadableFile(field="file", name=self._file.name) from problem
            if not block:
                return
            self.position += len(block)
            yield block

    def _unpacked(self, packed: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
        # The standard gzip reader loses what it had unpacked when the end is missing; zlib itself does not.
        member = zlib.decompressobj(_EXPECT_GZIP)
        fresh = False
        while True:
            while packed:
                try:
                    plain = member.decompress(packed, _BLOCK)
                except zlib.error:
                    self.damage = Damage.CORRUPT
                    return
                if plain:
                    yield plain
                if member.eof:
                    # A gzip file may be several in a row, and padded with zeros (RFC 1952, section 2.2).
                    packed = member.unused_data.lstrip(b"\0")
                    member = zlib.decompressobj(_EXPECT_GZIP)
                    fresh = not packed
                else:
                    packed = member.unconsumed_tail
                    fresh = False
            following = next(blocks, None)
            if following is None:
                if not fresh:
                    self.damage = Damage.CUT_OFF
                    yield member.flush()
                return
            packed = following.lstrip(b"\0") if fresh else following
