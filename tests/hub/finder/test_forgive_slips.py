"""Slips of the hand: counted as people make them, and found without trying every word."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.finder.typos import LONG, SHORTEST, Vocabulary, forgiven, slips

WORDS = st.text(st.sampled_from("abcd"), max_size=9)
ARABIC = st.text(st.sampled_from("ابتسمهوي"), min_size=SHORTEST, max_size=11)


def in_full(one: str, other: str) -> int:
    """The number of slips by its definition, every cell of the table filled in."""
    table = {(row, 0): row for row in range(len(one) + 1)} | {
        (0, column): column for column in range(len(other) + 1)
    }
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            ways = [
                table[row - 1, column] + 1,
                table[row, column - 1] + 1,
                table[row - 1, column - 1] + (one[row - 1] != other[column - 1]),
            ]
            if row > 1 and column > 1 and one[row - 2 : row] == other[column - 2 : column][::-1]:
                ways.append(table[row - 2, column - 2] + 1)
            table[row, column] = min(ways)
    return table[len(one), len(other)]


@given(WORDS, WORDS, st.integers(0, 4))
def test_slips_are_counted_as_defined_and_no_further_than_asked(one: str, other: str, most: int) -> None:
    count = in_full(one, other)
    assert slips(one, other, most) == (count if count <= most else None)
    assert slips(one, other, most) == slips(other, one, most)


@given(st.lists(ARABIC, max_size=30), ARABIC)
def test_every_word_at_one_slip_is_found_and_none_beyond(known: list[str], typed: str) -> None:
    near = Vocabulary(known).near(typed)
    assert {word for word in known if in_full(typed, word) == 1} <= near.keys()
    assert all(in_full(typed, word) == count <= forgiven(typed) for word, count in near.items())


@pytest.mark.parametrize(
    ("typed", "meant", "count"),
    [
        ("watter", "water", 1),
        ("electricty", "electricity", 1),
        ("انقطعا", "انقطاع", 1),
        ("elecctrciity", "electricity", 2),
    ],
)
def test_a_mistyped_word_finds_the_word(typed: str, meant: str, count: int) -> None:
    assert Vocabulary([meant, "something", "غيره"]).near(typed) == {meant: count}


def test_short_words_and_numbers_are_taken_as_typed() -> None:
    known = Vocabulary(["cat", "car", "1234", "12345678"])
    assert known.near("caz") == {}
    assert known.near("1235") == {}
    assert known.near("12345679") == {}
    assert [forgiven("x" * length) for length in (3, SHORTEST, LONG - 1, LONG)] == [0, 1, 1, 2]


@given(st.lists(WORDS, max_size=40), WORDS.filter(bool), st.integers(1, 50))
def test_words_that_begin_so_come_in_their_order(known: list[str], typed: str, most: int) -> None:
    found = list(Vocabulary(known).beginning(typed, most))
    expected = sorted({word for word in known if word.startswith(typed) and word != typed})
    assert found == expected[: len(found)]
    assert len(found) >= min(len(expected), most)
    assert all(one < other for one, other in pairwise(found))
