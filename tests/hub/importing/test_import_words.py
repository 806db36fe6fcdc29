"""What a row says is kept to the letter, made up nowhere, and hides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub.importing.city import (
    CLOSED,
    OPEN,
    bring_in,
    imported,
)
from tests.hub.importing.seeing import counts
from tests.world import World


@pytest.mark.parametrize(
    "words",
    [
        'a "quoted", \\ back\\slashed\nand\tbroken line',
        "=HYPERLINK(1)",
        "قطعت المياه \u202eعن الشارع",
        "{} [] null \\u0041 '; DROP TABLE tickets; --",
        "🚰 ﷽",
    ],
)
def test_words_are_kept_to_the_letter(world: World, tmp_path: Path, words: str) -> None:
    bring_in(world, tmp_path, CLOSED | {"Words": words, "Answer": words, "Title": words})
    ticket = imported(world, "1")
    assert (ticket.subject, ticket.description, ticket.resolution) == (words, words, words)
    assert ticket.language == ("ar" if "المياه" in words or "﷽" in words else "en")


def test_words_that_are_missing_are_not_made_up(world: World, tmp_path: Path) -> None:
    empty = {
        "Title": "",
        "Words": "",
        "Answer": "",
        "Way": "",
        "Area": "",
        "Place": "",
        "Lat": "",
        "Long": "",
    }
    bring_in(world, tmp_path, CLOSED | empty)
    ticket = imported(world, "1")
    assert (ticket.subject, ticket.description, ticket.resolution) == ("Street lamp", "", None)
    assert (ticket.channel, ticket.channel_label) == ("unknown", None)
    assert (ticket.district, ticket.address, ticket.latitude, ticket.longitude) == (None, None, None, None)


@pytest.mark.parametrize("column", ["Number", "Body", "Topic", "Team", "Way", "Area"])
@pytest.mark.parametrize("label", ["x" * 201, "a\u202eb", "a\x01b"])
def test_a_label_that_hides_what_it_says_loses_its_row(
    world: World, tmp_path: Path, column: str, label: str
) -> None:
    report = bring_in(world, tmp_path, CLOSED | {column: label}, OPEN, create_tenants=True)
    assert counts(report) == (1, 0, 1)
    assert report.by_reason == {"unsound_label": 1}
    (row,) = report.examples["unsound_label"]
    assert row.field == column
    assert len(row.reason.en) < 250
