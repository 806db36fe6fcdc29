"""What a file is, told from its bytes alone; and whether it is something else as well."""

from __future__ import annotations

import re
from collections.abc import Callable
from mmap import mmap
from typing import Final

from hub.attachments.kinds import OFFICE, FileKind, NotAccepted, RefusedBecause

Content = bytes | mmap

_HEAD: Final = 64
# How far from the beginning readers of PDF look for its mark, and from the end for the last one.
_PDF_MARK_WITHIN: Final = 1024
_PDF_END_WITHIN: Final = 2048
# The end record of a zip, with the longest comment that may follow it.
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_BYTES: Final = 22
_ZIP_COMMENT: Final = 0xFFFF

_HEIC_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"heif", b"mif1", b"msf1"}
_QUICKTIME_BRANDS: Final = {b"qt  "}
_AUDIO_BRANDS: Final = {b"M4A ", b"M4B "}
_MP4_BRANDS: Final = {
    b"isom",
    b"mp41",
    b"mp42",
    b"avc1",
    b"dash",
    b"M4V ",
    b"M4VH",
    b"M4VP",
    b"MSNV",
    b"mmp4",
}

# Patterns of seven bytes or nearly so: in 25 MB of noise one of them turns up once in some hundred thousand files.
_PAGE: Final = (
    r"<!doctype\s{1,20}(?:html|svg)|<(?:html|body|script|iframe|object|embed)[\s>/]"
    r"|<svg\s[^<>]{0,300}xmlns|<\?php\s|<%@\s|__halt_compiler\s?\("
)
_PAGE_BYTES: Final = re.compile(_PAGE.encode(), re.IGNORECASE)
_PAGE_TEXT: Final = re.compile(_PAGE, re.IGNORECASE)
_MARKUP: Final = re.compile(r"\s*(?:<[a-z!?/%]|#!|\{\\rtf)", re.IGNORECASE)
_ARCHIVES: Final = re.compile(rb"Rar!\x1a\x07[\x00\x01]|7z\xbc\xaf\x27\x1c")
# What text does not hold: controls other than tab, new line, form feed and return; and halves of characters.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")

# Bit rates in kbit/s by the four bits of a frame's header: MPEG 1 layer III, and MPEG 2 and 2.5 layer III.
_MP3_RATES_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_RATES_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MP3_SAMPLES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def sniff(content: Content) -> FileKind:
    """What a file is.

    Raises `NotAccepted` for what the hub does not take: unknown kinds, active content, and files of two kinds.
    Whether an image or a document can be opened is looked at later, by those who open it.
    """
    kind = _kind_of(content)
    if kind is None:
        if _is_active(content):
            raise NotAccepted(RefusedBecause.ACTIVE)
        raise NotAccepted(RefusedBecause.UNKNOWN_KIND)
    if kind is not FileKind.TEXT and _is_something_else_too(content, kind):
        raise NotAccepted(RefusedBecause.TWO_KINDS)
    return kind


def _kind_of(content: Content) -> FileKind | None:
    head = content[:_HEAD]
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    for look in _LOOKS:
        found = look(content, head)
        if found is not None:
            return found
    return _text(content)


_MARKS: Final = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"#!AMR\n", FileKind.AMR),
    (b"#!AMR-WB\n", FileKind.AMR),
    (b"OggS\x00", FileKind.OGG),
)


def _riff(_content: Content, head: bytes) -> FileKind | None:
    if head[:4] != b"RIFF":
        return None
    return {b"WEBP": FileKind.WEBP, b"WAVE": FileKind.WAV}.get(head[8:12])


def _pdf(content: Content, head: bytes) -> FileKind | None:
    if not head.startswith(b"%PDF-"):
        return None
    if b"%%EOF" not in content[-_PDF_END_WITHIN:]:
        raise NotAccepted(RefusedBecause.BROKEN)
    return FileKind.PDF


def _office(content: Content, head: bytes) -> FileKind | None:
    """A zip whose directory names the main part of a document; what else it holds is looked at when it is opened."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    names = _zip_directory(content)
    if names is None:
        raise NotAccepted(RefusedBecause.BROKEN)
    if b"word/document.xml" in names:
        return FileKind.WORD
    if b"xl/workbook.xml" in names:
        return FileKind.EXCEL
    return None


def _boxes(_content: Content, head: bytes) -> FileKind | None:
    """The family of ISO base media files, told apart by their brand (ISO/IEC 14496-12, 4.3)."""
    if head[4:8] != b"ftyp" or head[:2] != b"\0\0":
        return None
    brand = head[8:12]
    if brand in _HEIC_BRANDS:
        raise NotAccepted(RefusedBecause.HEIC)
    if brand in _QUICKTIME_BRANDS:
        return FileKind.QUICKTIME
    if brand in _AUDIO_BRANDS:
        return FileKind.M4A
    if brand[:3] in (b"3gp", b"3g2"):
        return FileKind.THREE_GP
    return FileKind.MP4 if brand in _MP4_BRANDS or re.fullmatch(rb"iso[2-9]", brand) else None


def _webm(_content: Content, head: bytes) -> FileKind | None:
    return FileKind.WEBM if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head else None


def _mp3(content: Content, head: bytes) -> FileKind | None:
    """Frames of MPEG audio layer III, after a tag or at once: two in a row, since one mark is only two bytes."""
    at = 0
    if head.startswith(b"ID3") and len(head) > 10:  # noqa: PLR2004 - the length of the tag's header
        at = 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    first = _mp3_frame(content[at : at + 4])
    if first is None:
        return None
    following = content[at + first : at + first + 4]
    return FileKind.MP3 if not following or _mp3_frame(following) is not None else None


def _mp3_frame(header: bytes) -> int | None:
    """The length of the frame that a header of four bytes begins; None if it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:  # noqa: PLR2004
        return None
    version, rate, sample = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version not in _MP3_SAMPLES or not 0 < rate < 15 or sample == 3:  # noqa: PLR2004
        return None
    rates, per_frame = (_MP3_RATES_1, 144) if version == 3 else (_MP3_RATES_2, 72)  # noqa: PLR2004
    return per_frame * rates[rate] * 1000 // _MP3_SAMPLES[version][sample] + (header[2] >> 1 & 1)


_LOOKS: Final[tuple[Callable[[Content, bytes], FileKind | None], ...]] = (
    _riff,
    _pdf,
    _office,
    _boxes,
    _webm,
    _mp3,
)


def _text(content: Content) -> FileKind | None:
    text = _decoded(content)
    if text is None or _MARKUP.match(text) or _NO_TEXT.search(text) or _PAGE_TEXT.search(text):
        return None
    return FileKind.TEXT


def _decoded(content: Content) -> str | None:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return bytes(content[:]).decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_active(content: Content) -> bool:
    text = _decoded(content)
    if text is None:
        return _PAGE_BYTES.search(content) is not None
    return _MARKUP.match(text) is not None or _PAGE_TEXT.search(text) is not None


def _is_something_else_too(content: Content, kind: FileKind) -> bool:
    if kind is not FileKind.PDF and b"%PDF-" in content[:_PDF_MARK_WITHIN]:
        return True
    if kind not in OFFICE and _zip_directory(content) is not None:
        return True
    return _ARCHIVES.search(content) is not None or _PAGE_BYTES.search(content) is not None


def _zip_directory(content: Content) -> bytes | None:
    """The directory at the end of a zip, as its bytes; None if there is none that a reader would follow."""
    start = max(len(content) - _ZIP_END_BYTES - _ZIP_COMMENT, 0)
    tail = content[start:]
    end = tail.rfind(_ZIP_END)
    while end >= 0:
        begins = start + end - int.from_bytes(tail[end + 12 : end + 16], "little")
        if begins >= 0 and content[begins : begins + 4] == b"PK\x01\x02":
            return content[begins : start + end]
        end = tail.rfind(_ZIP_END, 0, end)
    return None
