"""Logos as bodies bring them: told apart by the name of their file, and cleaned."""

from __future__ import annotations

from dataclasses import dataclass

from hub.looks.drawings import clean_drawing
from hub.looks.models import LogoKind
from hub.looks.pictures import clean_picture


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo that may be shown to everybody."""

    kind: LogoKind
    content: bytes


def read_logo(kind: LogoKind, content: bytes) -> Logo:
    """A logo, cleaned; raises `BadLogo`."""
    clean = clean_drawing if kind is LogoKind.SVG else clean_picture
    return Logo(kind, clean(content))
