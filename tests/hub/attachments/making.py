"""Real files for tests, good and bad, made on the spot."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import ExifTags, Image, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

# Words that must be nowhere in what is handed out.
CANARY = "canary-of-the-camera"
PAGE = b"<html><body><script>alert(1)</script></body></html>"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def place_exif(
    latitude: Sequence[float | IFDRational] = (30, 2, 39.84),
    longitude: Sequence[float | IFDRational] = (31, 14, 8.16),
    directions: tuple[str, str] = ("N", "E"),
    orientation: int = 1,
) -> Image.Exif:
    """EXIF of a phone that says where it was, in degrees, minutes and seconds."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = CANARY
    exif[ExifTags.Base.Orientation] = orientation
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = directions[0]
    place[ExifTags.GPS.GPSLatitude] = latitude
    place[ExifTags.GPS.GPSLongitudeRef] = directions[1]
    place[ExifTags.GPS.GPSLongitude] = longitude
    return exif


def picture(size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    """A red picture with a blue upper left quarter, so that one sees which way up it is."""
    image = Image.new("RGB", size, (220, 20, 20))
    image.paste((20, 20, 220), (0, 0, size[0] // 2, size[1] // 2))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(kind: str = "JPEG", exif: Image.Exif | None = None, **options: Any) -> bytes:
    """A photo as a phone takes it: with place, maker, a comment where the format has one."""
    options["exif"] = exif if exif is not None else place_exif()
    if kind == "JPEG":
        options["comment"] = CANARY
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", CANARY)
        options["pnginfo"] = info
    if kind in ("JPEG", "WEBP"):
        options["xmp"] = f"<x:xmpmeta>{CANARY}</x:xmpmeta>".encode()
    return saved(picture(), kind, **options)


def png_saying(width: int, height: int) -> bytes:
    """A picture whose head promises any size, with next to nothing behind it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(bytes(1000)))
        + _chunk(b"IEND", b"")
    )


def webp_saying(width: int, height: int) -> bytes:
    """The same as a WebP of the extended format."""
    head = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", len(head)) + head
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>{more}</Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{more}</Relationships>'
)
OFFICE_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relation(kind: str, target: str, mode: str = "External") -> str:
    """A part's relations with one that leads somewhere."""
    return _RELATIONS.format(
        more=f'<Relationship Id="r1" Type="{OFFICE_RELATION}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    )


def document(
    more: Mapping[str, str | bytes] | None = None, *, main: str = "word/document.xml", types: str = ""
) -> bytes:
    """A document of Word, or with another main part of Excel, with further parts in it."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES.format(more=types),
        "_rels/.rels": relation("officeDocument", main, "Internal"),
        main: '<?xml version="1.0"?><document>بلاغ</document>',
        **(more or {}),
    }
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def spreadsheet(more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A document of Excel."""
    return document(more, main="xl/workbook.xml")


def archive() -> bytes:
    """A zip that is no document."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        packed.writestr("run.exe", b"MZ" + bytes(100))
    return file.getvalue()


def mp3() -> bytes:
    """Two silent frames of MPEG 1 layer III, 128 kbit/s at 44,100 Hz: 417 bytes each."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    return frame * 2


def mp4(brand: bytes = b"isom") -> bytes:
    """The first box of a file of the ISO base media family."""
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + brand + b"mp41" + bytes(64)


def wav() -> bytes:
    """A recording without any sound in it."""
    return b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)


def noise(size: int, seed: int = 19) -> bytes:
    """Bytes that mean nothing, the same each time."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - the same each time is the point
