"""Where the example packs lie, and how a test makes a broken copy of one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hub.onboarding.errors import BrokenPack
from hub.onboarding.pack import read_pack

REPOSITORY = Path(__file__).parents[3]
PACKS = REPOSITORY / "tenants" / "packs"
SLUGS = ("electricity", "governorate", "health-hotline", "tax", "university-enrolment", "water")
HUB_PACK = "hub"
SHARED_EGYPT = REPOSITORY.parent / "shared" / "data" / "egypt"
SHARED_CATALOGUES = REPOSITORY.parent / "shared" / "data" / "catalogues"


def copy_of(slug: str, into: Path) -> Path:
    return shutil.copytree(PACKS / slug, into / slug)


def refusal_of(folder: Path) -> BrokenPack:
    with pytest.raises(BrokenPack) as refused:
        read_pack(folder)
    return refused.value


def line_with(file: Path, words: str) -> int:
    """The line, from 1, of the only place in the file where the words stand."""
    lines = [number for number, line in enumerate(file.read_text().splitlines(), start=1) if words in line]
    (line,) = lines
    return line
