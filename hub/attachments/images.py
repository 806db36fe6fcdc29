"""Photos and pictures: drawn anew without anything but the picture, and asked where they were taken."""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Final

from PIL import ExifTags, Image, ImageOps

from hub.attachments.kinds import FileKind, NotAccepted, RefusedBecause

_FORMATS: Final = {FileKind.JPEG: "JPEG", FileKind.PNG: "PNG", FileKind.WEBP: "WEBP"}
_SAVED: Final[dict[FileKind, dict[str, Any]]] = {
    FileKind.JPEG: {"quality": 90, "progressive": True},
    FileKind.PNG: {},
    FileKind.WEBP: {"quality": 90},
}
_MODES: Final = {
    FileKind.JPEG: ("L", "RGB"),
    FileKind.PNG: ("1", "L", "LA", "RGB", "RGBA"),
    FileKind.WEBP: ("RGB", "RGBA"),
}
_MOST_LATITUDE: Final = 90.0
_MOST_LONGITUDE: Final = 180.0
# Degrees, minutes and seconds.
_PARTS_OF_AN_ANGLE: Final = 3
# About a tenth of a metre.
_DECIMALS: Final = 6

# Pictures take much memory, and the filter of warnings is the whole process's.
_ONE_AT_A_TIME: Final = threading.Lock()

# Pillow's own guess at bombs would be a warning in some log; `drawn_anew` asks for the size before it decodes.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class PhotoPlace:
    """Where a photo says it was taken, in degrees (WGS 84)."""

    latitude: float
    longitude: float


def place_of(file: IO[bytes], kind: FileKind) -> PhotoPlace | None:
    """Where a photo was taken, for offering it to the citizen; reads the head of the file and decodes no picture.

    None if it does not say, or nothing sensible: an offer is worth no refusal.
    """
    try:
        with _opened(file, kind) as image:
            raw = image.info.get("exif")
            if not isinstance(raw, bytes):
                return None
            exif = Image.Exif()
            exif.load(raw)
            return _place(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except Exception:
        # Pillow raises nearly anything for metadata made to confuse it.
        return None


def drawn_anew(file: IO[bytes], kind: FileKind, most_pixels: int) -> bytes:
    """The picture of a file and nothing else: upright, without EXIF, comments, profiles and whatever followed it.

    Of several pictures in one file the first is kept. Raises `NotAccepted` for pictures of more than `most_pixels`,
    told from the head of the file before anything is decoded, and for broken ones.
    """
    try:
        with _opened(file, kind) as image:
            _demand_pixels(image, most_pixels)
            image.load()
            _set_upright(image)
            plain = _plain(image, kind)
            plain.info.clear()
            drawn = BytesIO()
            plain.save(drawn, _FORMATS[kind], **_SAVED[kind])
    except NotAccepted:
        raise
    except Exception as problem:
        # Pillow's decoders raise nearly anything for files made to confuse them; no statement of ours is in there.
        raise NotAccepted(RefusedBecause.BROKEN) from problem
    return drawn.getvalue()


@contextmanager
def _opened(file: IO[bytes], kind: FileKind) -> Iterator[Image.Image]:
    file.seek(0)
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # Damaged metadata is worth a warning to Pillow, and nothing to anybody here.
        warnings.simplefilter("ignore")
        with Image.open(file, formats=[_FORMATS[kind]]) as opened:
            yield opened


def _demand_pixels(image: Image.Image, most: int) -> None:
    if image.width * image.height > most:
        raise NotAccepted(RefusedBecause.TOO_MANY_PIXELS)


def _set_upright(image: Image.Image) -> None:
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except Exception:
        # Damage in the metadata is no damage to the picture.
        image.info.pop("exif", None)


def _plain(image: Image.Image, kind: FileKind) -> Image.Image:
    """The picture in one of the modes that its format is written in."""
    if image.mode in _MODES[kind]:
        return image
    if image.mode.startswith("I"):
        # Sixteen bits a pixel: a conversion alone would cut off all that is not nearly black.
        return image.convert("I").point(lambda value: value / 257).convert("L")
    has_alpha = image.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in image.info
    return image.convert("RGBA" if has_alpha and "RGBA" in _MODES[kind] else "RGB")


def _place(told: Mapping[int, Any]) -> PhotoPlace | None:
    latitude = _degrees(told, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "S")
    longitude = _degrees(told, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "W")
    if latitude is None or longitude is None:
        return None
    # Cameras that found no satellite write zeros.
    if (latitude, longitude) == (0.0, 0.0):
        return None
    if abs(latitude) > _MOST_LATITUDE or abs(longitude) > _MOST_LONGITUDE:
        return None
    return PhotoPlace(latitude, longitude)


def _degrees(told: Mapping[int, Any], angle: int, direction: int, negative: str) -> float | None:
    parts = [float(part) for part in told.get(angle, ())]
    if len(parts) != _PARTS_OF_AN_ANGLE or not all(map(math.isfinite, parts)):
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    return round(-degrees if str(told.get(direction)).upper().startswith(negative) else degrees, _DECIMALS)
