"""Words of one kin have a stem, another reading or their consonants in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.finder.documents import terms_of
from hub.finder.spelling import words_of
from hub.finder.stems import other_stems, root, stem


def spelt(word: str) -> str:
    (only,) = words_of(word)
    return only.spelt


@pytest.mark.parametrize(
    "kin",
    [
        "وزارة الوزارة وبالوزارة للوزارة فللوزارة والوزارة كالوزارة",
        "بالوعة البالوعة والبالوعة",
        "كهرباء كهربا الكهربائي الكهربائية كهربائيه",
        "بطاقة بطاقتي بطاقتك بطاقته بطاقتنا بطاقتهم البطاقات",
        "شحنة شحنتي شحنتك",
        "فاتورة فاتورتي فاتورتها الفاتوره",
        "تأمين التأمينية تأميني",
        "bill bills billed billing",
        "collection collect collected",
        "city cities",
        "bus buses",
    ],
)
def test_endings_and_the_article_go(kin: str) -> None:
    assert len({stem(spelt(word)) for word in kin.split()}) == 1


@pytest.mark.parametrize(
    ("written", "meant"),
    [("ببطاقته", "بطاقة"), ("وفاتورة", "فاتورة"), ("لشقتي", "شقة"), ("شقتي", "شقة"), ("ولمنازلهم", "منازل")],
)
def test_a_particle_may_stand_before_a_word(written: str, meant: str) -> None:
    assert stem(spelt(meant)) in {stem(spelt(written)), *other_stems(spelt(written))}


@pytest.mark.parametrize("word", ["بلدية", "فاتورة", "كلاب", "ورشة", "لمبة", "كارت"])
def test_a_first_letter_of_the_word_s_own_stays_in_its_first_reading(word: str) -> None:
    assert stem(spelt(word))[0] == word[0]


@pytest.mark.parametrize(
    "kin",
    ["مقطوعة انقطاع قاطع قطع", "تسريب تسرب متسرب", "مكسورة كسر انكسر", "طافحة طفح", "استخراج مستخرج إخراج"],
)
def test_consonants_show_kin(kin: str) -> None:
    roots = {root(stem(spelt(word))) for word in kin.split()}
    assert len(roots) == 1
    assert None not in roots


@pytest.mark.parametrize("word", ["كهرباء", "ماء", "water", "2026"])
def test_words_without_three_consonants_show_none(word: str) -> None:
    assert root(stem(spelt(word))) is None


@given(st.text(max_size=40))
def test_any_word_has_a_stem_and_is_found_by_it(text: str) -> None:
    for word in words_of(text):
        assert stem(word.spelt)
        assert stem(word.spelt) in terms_of(word.spelt)
        assert "" not in terms_of(word.spelt)
