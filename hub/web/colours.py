"""A body's own colour on the hub's pages, within what everybody can read (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from math import sqrt
from typing import Final

AA: Final = 4.5
WHITE: Final = "#ffffff"
_HEX: Final = re.compile(r"#[0-9a-f]{6}")
_STEPS: Final = 100


class NotAColour(ValueError):  # noqa: N818 - says what is wrong
    """A text that is not a colour written as #rrggbb."""


def readable_on(colour: str, background: str = WHITE, least: float = AA) -> str:
    """The colour, darkened or lightened no further than it takes to be read on a background.

    Raises `NotAColour`.
    """
    given = _parts(colour)
    if contrast(colour, background) >= least:
        return colour.lower()
    hue, lightness, saturation = rgb_to_hls(*given)
    goal = 0.0 if luminance(background) > luminance_at_half() else 1.0
    for step in range(1, _STEPS + 1):
        moved = lightness + (goal - lightness) * step / _STEPS
        found = _hex(hls_to_rgb(hue, moved, saturation))
        if contrast(found, background) >= least:
            break
    return found


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """How light a colour is, from 0 to 1 (WCAG 2.2, relative luminance); raises `NotAColour`."""
    red, green, blue = (_linear(part) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def luminance_at_half() -> float:
    """The luminance at which black and white are read equally well."""
    return sqrt(1.05 * 0.05) - 0.05


def _parts(colour: str) -> tuple[float, float, float]:
    written = colour.lower()
    if not _HEX.fullmatch(written):
        raise NotAColour(colour)
    red, green, blue = (int(written[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - WCAG's


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in parts)
