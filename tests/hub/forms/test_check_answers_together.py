"""Answers as a whole: silence, visibility, everything wrong at once, and whatever JSON there is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.forms.answers import check_answers
from hub.forms.definition import read_form
from hub.forms.errors import AnswersRefused
from tenants.languages import Language
from tests.hub.forms.asking import FORM, PHOTO, TODAY, asked, both, refused, sentence, taken


@pytest.mark.parametrize("silence", [None, "", "  ", "\u200f \u200b"])
def test_silence_is_no_answer(silence: str | None) -> None:
    assert taken(name=silence, cost=silence, where=silence, seen=silence) == {"fault": "pressure"}


def test_an_empty_list_is_silence_where_lists_are_answers() -> None:
    assert taken(seen=[], photos=[]) == {"fault": "pressure"}
    assert sentence(name=[]) == "The answer to “Question name” must be a text."


def test_a_required_question_must_be_answered_when_it_is_visible() -> None:
    assert sentence(fault=None) == "Please answer “Question fault”."
    assert sentence(fault="leak") == "Please answer “Question leaks”."
    assert taken(fault="colour") == {"fault": "colour"}


def test_an_answer_to_an_invisible_question_is_refused_and_not_dropped() -> None:
    assert sentence(leaks=3) == (
        "“Question leaks” is not asked after the earlier answers, so it cannot be answered."
    )
    assert taken(leaks=None) == {"fault": "pressure"}


def test_a_wrong_answer_brings_no_complaint_about_the_questions_hanging_on_it() -> None:
    assert [problem.field for problem in refused(fault="flood", leaks=3).problems] == ["fault"]
    assert [problem.field for problem in refused(fault="flood", leaks=None).problems] == ["fault"]
    assert [problem.field for problem in refused(fault=None, leaks=3).problems] == ["fault"]


def test_a_wrong_answer_brings_no_complaint_down_a_chain_of_conditions() -> None:
    chain = read_form(
        {
            "format": 1,
            "title": both("form"),
            "pages": [
                {
                    "title": both("page"),
                    "questions": [
                        asked("first", "yes_no"),
                        asked("second", "yes_no", visible_when={"question": "first", "is": True}),
                        asked("third", "yes_no", visible_when={"question": "second", "answered": True}),
                    ],
                }
            ],
        }
    )
    with pytest.raises(AnswersRefused) as caught:
        check_answers(chain, {"first": "maybe", "third": True}, TODAY)
    assert [problem.field for problem in caught.value.problems] == ["first"]
    with pytest.raises(AnswersRefused) as caught:
        check_answers(chain, {"first": False, "third": True}, TODAY)
    assert [problem.field for problem in caught.value.problems] == ["third"]


def test_everything_wrong_is_said_at_once_in_the_order_of_the_form() -> None:
    problems = refused(
        colour="red", photos=[PHOTO], meter="x", where={"latitude": 91, "longitude": "east"}, fault="leak"
    )
    assert [problem.field for problem in problems.problems] == [
        "leaks",
        "meter",
        "where.latitude",
        "where.longitude",
        "photos",
        "colour",
    ]
    assert problems.field == "leaks"
    assert problems.sentence(Language.ARABIC) == "يُرجى الإجابة عن «سؤال leaks»."
    assert problems.problems[-1].says.en == "This form has no question named “colour”."


def test_a_name_no_question_could_have_is_not_repeated() -> None:
    with pytest.raises(AnswersRefused) as caught:
        check_answers(FORM, {"fault": "colour", "\ud800": 1, 5: 2}, TODAY)
    assert [problem.field for problem in caught.value.problems] == ["answers", "answers"]
    assert "\ud800" not in str(caught.value)


def test_ten_thousand_answers_are_refused_in_one_sentence() -> None:
    with pytest.raises(AnswersRefused, match="more answers than any form takes"):
        check_answers(FORM, {f"q{n}": n for n in range(10_000)}, TODAY)


@pytest.mark.parametrize("answers", [None, [], "fault", 3, float("nan")])
def test_answers_without_names_are_refused(answers: object) -> None:
    with pytest.raises(AnswersRefused, match="by the names of the questions"):
        check_answers(FORM, answers, TODAY)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text(st.characters())
    | st.text("0123456789٠١٢٣٤٥٦٧٨٩۰+-./@ \x00\ud800\u202e")
    | st.sampled_from(["leak", "pressure", PHOTO, "2026-02-30", "29902300112345"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["latitude", "longitude", "address", "district"]) | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


names = st.sampled_from([question.name for question in FORM.questions]) | st.text(max_size=5)


@settings(deadline=None, max_examples=500)
@given(answers=json_values | st.dictionaries(names, json_values, max_size=8))
def test_any_json_is_taken_or_refused_in_sentences(answers: object) -> None:
    try:
        stored = check_answers(FORM, answers, TODAY)
    except AnswersRefused as error:
        problems = error.problems
    else:
        assert check_answers(FORM, stored, TODAY) == stored
        return
    for problem in problems:
        assert problem.says.en.encode()
        assert problem.says.ar.encode()
        assert problem.says.en != "The answers do not fit this form."
        assert problem.field.encode()


def test_deeply_nested_answers_are_refused() -> None:
    deep: object = "leak"
    for _ in range(100_000):
        deep = [deep]
    assert len(refused(fault=deep, seen=deep, name=deep, where={"address": deep}).problems) == 4
