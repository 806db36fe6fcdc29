"""The guide for citizens names buttons and pages as they are, and shows pictures that exist, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))
PICTURE = re.compile(r'<img src="([^"]+)"')
# Bold are the words of the pages themselves.
NAMED = re.compile(r"\*\*([^*]+)\*\*")


def words_of_the_pages() -> str:
    sources = [*ROOT.glob("portal/**/*.html"), *ROOT.glob("portal/**/*.py"), *ROOT.glob("portal/**/*.po")]
    return "\n".join(path.read_text("utf-8") for path in sources)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_what_it_names_stands_on_the_pages(guide: Path) -> None:
    pages = words_of_the_pages()
    named = {" ".join(each.split()) for each in NAMED.findall(guide.read_text("utf-8"))}
    assert named
    assert sorted(each for each in named if each not in pages) == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_its_pictures_are_there(guide: Path) -> None:
    shown = PICTURE.findall(guide.read_text("utf-8"))
    assert shown
    assert [each for each in shown if not (guide.parent / each).is_file()] == []


def test_both_languages_show_the_same_pages() -> None:
    pictures = [
        [each.replace("-ar-", "-en-") for each in PICTURE.findall(guide.read_text("utf-8"))]
        for guide in GUIDES
    ]
    assert len(pictures) == 2
    assert pictures[0] == pictures[1]
