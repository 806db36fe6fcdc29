"""Pictures (PNG) as logos: drawn anew, small, with nothing in them but the picture."""

from __future__ import annotations

import threading
import warnings
from io import BytesIO
from typing import Final

from PIL import Image

from hub.looks.errors import BadLogo
from tenants.languages import Text

LARGEST_PICTURE: Final = 1_000_000
LARGEST_SERVED: Final = 10_000
_MOST_PIXELS: Final = 16_000_000
# The longer side in pixels: as large as it may be and still come quickly over a weak line.
_SIDES: Final = (512, 384, 256, 192, 128)
_COLOURS: Final = 64
# Pictures take much memory, and the filter of warnings is the whole process's.
_ONE_AT_A_TIME: Final = threading.Lock()

_TOO_LARGE: Final = Text(
    ar="الصورة أكبر من 1 ميجابايت أو 16 ميجابكسل؛ صغّرها.",
    en="the picture is larger than 1 MB or 16 megapixels; make it smaller.",
)
_BROKEN: Final = Text(
    ar="ليست صورة سليمة بصيغة PNG؛ احفظها من برنامج الصور مرة أخرى.",
    en="it is not a whole PNG picture; save it from your picture program again.",
)
_TOO_DETAILED: Final = Text(
    ar="الصورة كثيرة التفاصيل فلا تصغر إلى 10 كيلوبايت؛ استعمل شعارًا أبسط أو بصيغة SVG.",
    en="the picture has too much detail to become 10 kB; use a simpler logo, or an SVG drawing.",
)


def clean_picture(content: bytes) -> bytes:
    """A picture drawn anew, at most 512 pixels wide and high and 10 kB large, the same for the same picture.

    Raises `BadLogo` for what is no PNG, too large, or too full of detail.
    """
    if len(content) > LARGEST_PICTURE:
        raise BadLogo(_TOO_LARGE)
    picture = _read(content)
    for side in _SIDES:
        smaller = picture.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        for made in (smaller, smaller.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE)):
            drawn = BytesIO()
            made.save(drawn, "PNG", optimize=True)
            if len(drawn.getvalue()) <= LARGEST_SERVED:
                return drawn.getvalue()
    raise BadLogo(_TOO_DETAILED)


def _read(content: bytes) -> Image.Image:
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            # Damaged metadata is worth a warning to Pillow, and nothing to anybody here.
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=["PNG"]) as opened:
                _demand_pixels(opened)
                opened.load()
                picture = opened.convert("RGBA")
    except BadLogo:
        raise
    except Exception:
        # Pillow's decoders raise nearly anything for files made to confuse them.
        raise BadLogo(_BROKEN) from None
    picture.info.clear()
    return picture


def _demand_pixels(picture: Image.Image) -> None:
    if picture.width * picture.height > _MOST_PIXELS:
        raise BadLogo(_TOO_LARGE)
