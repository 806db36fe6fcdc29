"""What is written in several ways is one word; whatever is typed is read, and nothing raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.finder.spelling import spelt, words_of

LETTERS = st.text(st.sampled_from("ابتثجحخدذرزسشصضطظعغفقكلمنهوي"), min_size=2, max_size=12).filter(
    # Three of the same in a row are one.
    lambda word: spelt(word) == word
)
MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0640\u0670\u200c\u200d"


@pytest.mark.parametrize(
    "ways",
    [
        "إسعاف أسعاف اسعاف ٱسعاف آسعاف",
        "مسؤول مسوول",
        "شاطئ شاطي شاطى شاطی",
        "شقة شقه شقۀ شقہ",
        "مستشفى مستشفي مستشفی",
        "كهرباء کهرباء ڪهرباء",
        "الكَهْرُبَاءُ الكهرباء",
        "ســـرير سرير",
        "ﺷﻬﺎﺩﺓ شهادة شهاده",
        "ﻻزم لازم",
        "جدااااا جدا",
        "١٠ ۱۰ 10 １０",
        "Café CAFE cafe\u0301",
        "Straße STRASSE",
        "چراج جراج",
    ],
)
def test_every_way_to_write_a_word_is_one_spelling(ways: str) -> None:
    assert len({word.spelt for word in words_of(ways)}) == 1


@pytest.mark.parametrize("different", ["ماء ما", "10 100", "علم عمل", "bill bell"])
def test_other_words_stay_others(different: str) -> None:
    one, other = words_of(different)
    assert one.spelt != other.spelt


@given(LETTERS, st.data())
def test_marks_between_letters_change_nothing(word: str, data: st.DataObject) -> None:
    written = word[0] + "".join(
        data.draw(st.text(st.sampled_from(MARKS), max_size=2)) + letter for letter in word[1:]
    )
    assert [each.spelt for each in words_of(written)] == [word]


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_is_read_and_its_words_stand_where_they_say(text: str) -> None:
    end = 0
    for word in words_of(text):
        assert end <= word.start < word.end <= len(text)
        end = word.end
        assert word.spelt
        assert word.spelt.encode()


@given(st.text(max_size=50))
def test_the_one_spelling_of_a_spelling_is_itself(text: str) -> None:
    for word in words_of(text):
        assert [each.spelt for each in words_of(word.spelt)] == [word.spelt]


@pytest.mark.parametrize(
    "nothing", ["", " \t\n", "\0", "\ud800\udfff", "?!،؛؟…", "\u064e\u0650", "\u200f\u200e", "🚰💧", "___"]
)
def test_what_has_no_letters_has_no_words(nothing: str) -> None:
    assert words_of(nothing) == ()
