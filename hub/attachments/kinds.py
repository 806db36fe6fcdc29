"""The kinds of file the hub takes, and the reasons why it will not take one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FileKind(StrEnum):
    """What a file is, by its content and never by its name: the media type it is handed out as."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"
    TEXT = "text/plain"
    WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    MP4 = "video/mp4"
    QUICKTIME = "video/quicktime"
    THREE_GP = "video/3gpp"
    WEBM = "video/webm"
    M4A = "audio/mp4"
    MP3 = "audio/mpeg"
    OGG = "audio/ogg"
    WAV = "audio/wav"
    AMR = "audio/amr"


# The endings of names that tell the truth about a kind; the first is put behind a name that has none of them.
EXTENSIONS: Final[dict[FileKind, tuple[str, ...]]] = {
    FileKind.JPEG: (".jpg", ".jpeg", ".jfif"),
    FileKind.PNG: (".png",),
    FileKind.WEBP: (".webp",),
    FileKind.PDF: (".pdf",),
    FileKind.TEXT: (".txt",),
    FileKind.WORD: (".docx",),
    FileKind.EXCEL: (".xlsx",),
    FileKind.MP4: (".mp4", ".m4v"),
    FileKind.QUICKTIME: (".mov",),
    FileKind.THREE_GP: (".3gp", ".3g2"),
    FileKind.WEBM: (".webm",),
    FileKind.M4A: (".m4a",),
    FileKind.MP3: (".mp3",),
    FileKind.OGG: (".ogg", ".oga", ".opus"),
    FileKind.WAV: (".wav",),
    FileKind.AMR: (".amr",),
}
IMAGES: Final = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.WEBP})
OFFICE: Final = frozenset({FileKind.WORD, FileKind.EXCEL})


class RefusedBecause(StrEnum):
    """Why a file is not taken; kept on its row."""

    UNKNOWN_KIND = "unknown_kind"
    HEIC = "heic"
    ACTIVE = "active"
    TWO_KINDS = "two_kinds"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too_many_pixels"
    MACROS = "macros"
    PACKED = "packed"
    VIRUS = "virus"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold once it is opened."""

    pixels: int
    packed_files: int
    unpacked_bytes: int


class NotAccepted(Exception):  # noqa: N818 - the file is not accepted, nothing failed
    """A file that the hub does not take, and why."""

    def __init__(self, because: RefusedBecause) -> None:
        self.because = because
        super().__init__(because.value)
