"""Names of files: cleaned of what deceives, and ended by what the content really is."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from hub.attachments.kinds import EXTENSIONS, FileKind

NAMELESS: Final = "attachment"
LONGEST: Final = 120
# Most file systems hold 255 bytes; room is left for what a download adds to the name.
LONGEST_BYTES: Final = 240
_LONGEST_EXTENSION: Final = 10
_READ: Final = 2000
_PATH: Final = re.compile(r"[/\\]")
_RESERVED: Final = re.compile(r'[<>:"|?*]')
# Names of devices on Windows, alone or before any extension.
_DEVICE: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9])\s*(?:\.|$)", re.IGNORECASE
)


def cleaned_name(given: str) -> str:
    """A name as it may be shown and saved anywhere: the last part of a path, in one line, hiding nothing.

    Invisible and direction-changing characters go, so that `x<RLO>fdp.exe` shows itself as `xfdp.exe`; lookalikes of
    letters and dots become what they look like (Unicode's NFKC), which leaves double extensions to be seen.
    """
    plain = unicodedata.normalize("NFKC", given[:_READ])
    last = [part for part in (_visible(part) for part in _PATH.split(plain)) if part.strip(" .")]
    name = _RESERVED.sub("_", " ".join(last[-1].split())) if last else ""
    # Dots at the beginning hide a file, dots and spaces at the end are dropped by Windows.
    name = name.strip(" .")
    if _DEVICE.match(name):
        name = f"_{name}"
    return _shortened(name, "") or NAMELESS


def truthful_name(name: str, kind: FileKind) -> str:
    """A cleaned name with an ending that says what the content is; what it claimed before stays in sight."""
    if _extension(name).lower() in EXTENSIONS[kind]:
        return name
    return _shortened(name, EXTENSIONS[kind][0])


def _visible(text: str) -> str:
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("Z") or character in "\t\n\r":
        return " "
    # Controls, formats (the overrides among them), halves of characters, private and unassigned ones.
    return "" if category.startswith("C") else character


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return f".{extension}" if stem and dot and 0 < len(extension) < _LONGEST_EXTENSION else ""


def _shortened(name: str, ending: str) -> str:
    """The name with the ending, short enough; what it ended with before is kept and the middle goes."""
    kept = _extension(name)
    stem = name.removesuffix(kept)
    ending = kept + ending
    while stem and (len(stem) + len(ending) > LONGEST or len((stem + ending).encode()) > LONGEST_BYTES):
        stem = stem[:-1]
    return stem.rstrip(" .") + ending if stem else ending.lstrip(".")
