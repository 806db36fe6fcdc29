"""Word and Excel documents: opened under caps, and refused for anything in them that acts by itself."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import IO, Final
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile, ZipInfo

from hub.attachments.kinds import FileKind, Limits, NotAccepted, RefusedBecause

_CHUNK: Final = 256 * 1024
# A part that we read whole ourselves; those of real documents are a few kilobytes.
_LONGEST_READ: Final = 4 * 1024 * 1024
_DIRECTORY_BYTES_A_FILE: Final = 400
_ZIP_END_BYTES: Final = 22
_ENCRYPTED: Final = 0x1
_MAIN_PART: Final = {FileKind.WORD: "word/document.xml", FileKind.EXCEL: "xl/workbook.xml"}
# ECMA-376 part 1, 15: what kinds of parts there are; these run, or carry foreign programs.
_ACTING_TYPE: Final = re.compile(
    r"macroenabled|macrosheet|vbaproject|activex|oleobject|\.ole\b", re.IGNORECASE
)
_ACTING_NAME: Final = re.compile(
    r"(?:^|/)(?:vbaproject\.bin|vbadata\.xml|activex/|macrosheets/|intlmacrosheets/|dialogsheets/)"
    r"|/embeddings/.*\.(?!docx$|xlsx$|pptx$)[^./]*$"
    r"|\.(?:docm|dotm|xlsm|xltm|xlam|xlsb|pptm|exe|dll|js|vbs|bat|cmd|ps1|lnk|scr|hta|com)$",
    re.IGNORECASE,
)
# A link that is followed when somebody clicks on it is the only one that may lead out of the document.
_CLICKED: Final = "/hyperlink"
_RELATION: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def check_document(file: IO[bytes], kind: FileKind, limits: Limits) -> None:
    """Open a document of Word or Excel, unpacking all of it under caps and keeping nothing.

    Raises `NotAccepted` for macros, embedded programs and links that open by themselves, for what unpacks to more
    than allowed, and for what is no whole document.
    """
    try:
        _check_directory(file, limits)
        with ZipFile(file) as packed:
            _check_parts(packed, kind, limits)
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
        RuntimeError,
    ) as problem:
        # What zipfile says of damage, unknown packing and passwords; the sizes and sums it promised are checked too.
        raise NotAccepted(RefusedBecause.BROKEN) from problem


def _check_directory(file: IO[bytes], limits: Limits) -> None:
    """The directory's size before it is read, and that nothing stands before or behind the zip.

    zipfile reads all of the directory into objects, whatever it holds.
    """
    size = file.seek(0, 2)
    file.seek(max(size - _ZIP_END_BYTES, 0))
    end = file.read(_ZIP_END_BYTES)
    if len(end) < _ZIP_END_BYTES or not end.startswith(b"PK\x05\x06"):
        raise NotAccepted(RefusedBecause.TWO_KINDS)
    files = int.from_bytes(end[10:12], "little")
    directory, begins = int.from_bytes(end[12:16], "little"), int.from_bytes(end[16:20], "little")
    if files > limits.packed_files or directory > limits.packed_files * _DIRECTORY_BYTES_A_FILE:
        raise NotAccepted(RefusedBecause.PACKED)
    if begins + directory + _ZIP_END_BYTES != size:
        raise NotAccepted(RefusedBecause.TWO_KINDS)


def _check_parts(packed: ZipFile, kind: FileKind, limits: Limits) -> None:
    parts = packed.infolist()
    names = [part.filename for part in parts]
    if len(parts) > limits.packed_files or sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise NotAccepted(RefusedBecause.PACKED)
    if len({name.lower() for name in names}) < len(names) or any(map(_leads_out, names)):
        raise NotAccepted(RefusedBecause.BROKEN)
    if _MAIN_PART[kind] not in names or "[Content_Types].xml" not in names:
        raise NotAccepted(RefusedBecause.BROKEN)
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise NotAccepted(RefusedBecause.BROKEN)
    if any(_ACTING_NAME.search(name) for name in names):
        raise NotAccepted(RefusedBecause.MACROS)
    _check_types(_read(packed, "[Content_Types].xml"))
    for name in names:
        if name.endswith(".rels"):
            _check_relations(_read(packed, name))
    left = limits.unpacked_bytes
    for part in parts:
        left = _unpack(packed, part, left)


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name


def _unpack(packed: ZipFile, part: ZipInfo, left: int) -> int:
    """Unpack a part and throw it away, for its check sum and true size; gives the bytes that are left to unpack."""
    with packed.open(part) as opened:
        while chunk := opened.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise NotAccepted(RefusedBecause.PACKED)
    return left


def _check_types(types: bytes) -> None:
    for element in _elements(types):
        if _ACTING_TYPE.search(element.get("ContentType", "")):
            raise NotAccepted(RefusedBecause.MACROS)


def _check_relations(relations: bytes) -> None:
    for element in _elements(relations):
        if element.tag != _RELATION:
            continue
        leads_out = element.get("TargetMode", "").lower() == "external"
        if leads_out and not element.get("Type", "").endswith(_CLICKED):
            raise NotAccepted(RefusedBecause.MACROS)


def _read(packed: ZipFile, name: str) -> bytes:
    with packed.open(name) as opened:
        content = opened.read(_LONGEST_READ + 1)
    if len(content) > _LONGEST_READ:
        raise NotAccepted(RefusedBecause.PACKED)
    return content


def _elements(document: bytes) -> Iterator[ElementTree.Element]:
    # These parts have no document type of their own (ECMA-376 part 2, 8.2.4), so nothing can be defined to grow.
    text = document.decode("utf-8-sig")
    if "<!" in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL):
        raise NotAccepted(RefusedBecause.BROKEN)
    try:
        yield from ElementTree.fromstring(text.encode()).iter()  # noqa: S314 - no DTD can be in it, see above
    except ElementTree.ParseError as problem:
        raise NotAccepted(RefusedBecause.BROKEN) from problem
