"""The order of what is found, and the points that explain it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.finder.documents import Document, Field, make_document
from hub.finder.index import MOST_WORDS, How, Index, understood


def service(
    code: str, name: str = "", words: Sequence[str] = (), description: str = "", body: str = ""
) -> Document:
    parts = {Field.NAME: [name], Field.WORDS: words, Field.DESCRIPTION: [description], Field.BODY: [body]}
    return make_document("water", code, parts)


SERVICES = [
    service("leak", "تسرب أو كسر ماسورة مياه", ["تسريب", "مياه في الشارع"], "نرسل إليك فرقة لإصلاح التسرب"),
    service("cut", "انقطاع المياه", ["قطع المياه", "مفيش مياه"], "إذا انقطعت المياه عن منزلك"),
    service("bill", "اعتراض على فاتورة المياه", ["مبلغ كبير"], "نراجع القراءة وحساب الاستهلاك"),
    service("meter", "Faulty water meter", ["stopped", "reading"], "Report a meter that has stopped"),
    service("hole", "Pothole in the road", ["asphalt"], "Report a sunken road"),
    service("unsure", "لا أعرف الجهة المختصة", ["شكوى عامة"], "اكتب ما حدث وأين"),
]
INDEX = Index(SERVICES)


def codes(typed: str, index: Index = INDEX) -> list[str]:
    return [hit.document.code for hit in index.search(typed, limit=10)]


@pytest.mark.parametrize(
    ("typed", "code", "how"),
    [
        ("فاتوره", "bill", How.SAME),
        ("بفاتورتي", "bill", How.OTHER_READING),
        ("وصل", "bill", How.MEANS_THE_SAME),
        ("مقطوعة", "cut", How.MEANS_THE_SAME),
        ("منقطعة", "cut", How.KIN),
        ("اعتر", "bill", How.BEGUN),
        ("ماسوؤة", "leak", How.MISTYPED),
        ("metre", "meter", How.MISTYPED),
        ("pot hole", "hole", How.JOINED),
    ],
)
def test_it_says_how_a_word_was_found(typed: str, code: str, how: How) -> None:
    first = INDEX.search(typed, limit=10)[0]
    assert (first.document.code, first.words[0].how) == (code, how)
    assert first.words[0].typed == typed.split(maxsplit=1)[0]


def test_a_word_in_the_name_counts_for_more_than_one_in_the_description() -> None:
    index = Index([service("said", description="عداد المياه"), service("named", "عداد المياه")])
    assert codes("عداد", index) == ["named", "said"]
    assert [hit.words[0].field for hit in index.search("عداد", limit=2)] == [Field.NAME, Field.DESCRIPTION]


def test_a_rare_word_counts_for_more_than_a_frequent_one() -> None:
    found = INDEX.search("فاتورة مياه", limit=10)
    assert found[0].document.code == "bill"
    points = {word.typed: word.points for word in found[0].words}
    assert points["فاتورة"] > points["مياه"]


def test_words_that_stand_together_come_before_the_same_words_apart() -> None:
    apart = service("apart", "رسوم شهادة قيد ميلاد طفل")
    together = service("together", "رسوم قيد شهادة ميلاد طفل")
    assert codes("شهادة ميلاد", Index([apart, together])) == ["together", "apart"]


def test_a_service_that_has_all_words_comes_before_one_that_has_one_of_them_often() -> None:
    often = service("often", "شحن شحن", ["شحن"], "شحن شحن")
    both = service("both", description="كارت شحن")
    others = [service(f"other{each}", "غيره") for each in range(10)]
    assert codes("كارت شحن", Index([often, both, *others]))[0] == "both"


def test_the_score_is_the_sum_of_its_points_and_the_order_goes_by_it() -> None:
    found = INDEX.search("المياه مقطوعة في الشارع ومفيش مياه", limit=10)
    assert len(found) > 2
    for hit in found:
        points = sum(word.points for word in hit.words) + hit.phrase_points + hit.all_words_points
        assert hit.score == pytest.approx(points)
        assert all(word.points > 0 for word in hit.words)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


@given(st.sampled_from(["المياه", "مياه الشارع", "water meter", "report", "ميه"]), st.integers(0, 1000))
def test_the_order_does_not_hang_on_the_order_of_the_services(typed: str, seed: int) -> None:
    shuffled = [*SERVICES, service("leak2", "تسرب أو كسر ماسورة مياه")]
    Random(seed).shuffle(shuffled)  # noqa: S311 - a shuffle
    assert codes(typed, Index(shuffled)) == codes(typed, Index(sorted(shuffled, key=lambda each: each.code)))


def test_a_longer_list_begins_like_a_shorter_one() -> None:
    whole = INDEX.search("المياه", limit=10)
    assert [INDEX.search("المياه", limit=most) for most in (1, 2, 3)] == [whole[:most] for most in (1, 2, 3)]


@given(st.text(st.characters(exclude_categories=()), max_size=500))
def test_any_text_is_answered(typed: str) -> None:
    assert all(hit.words for hit in INDEX.search(typed, limit=3))


@pytest.mark.parametrize(
    "nothing",
    ["", "   ", "\0", "\ud800", "؟!،", "في من على", "the of to", "😀", "\u202e", "x" * 10_000, "ق" * 10_000],
)
def test_what_says_nothing_finds_nothing(nothing: str) -> None:
    assert INDEX.search(nothing, limit=10) == []


def test_of_a_long_story_the_beginning_is_read() -> None:
    story = "فاتورة المياه " + "كلام كثير عن أشياء أخرى " * 500
    assert codes(story)[0] == "bill"
    assert len(understood(" ".join(f"كلمة{each}" for each in range(40)))) == MOST_WORDS


def test_without_services_nothing_is_found() -> None:
    assert Index([]).search("مياه", limit=10) == []


def test_understood_are_the_words_as_typed_each_once() -> None:
    assert understood("المِيّة مقطوعة، المية مقطوعة من الصبح!") == ("المِيّة", "مقطوعة", "الصبح")
