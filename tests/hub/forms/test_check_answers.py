"""Checking answers: what is normalised, what is refused, and that everything wrong is said at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.forms.answers import check_answers
from hub.forms.conditions import Answer
from hub.forms.definition import read_form
from hub.forms.errors import AnswersRefused
from hub.forms.fields import GOVERNORATE_CODES
from tenants.languages import Language

TODAY = date(2026, 11, 22)
PHOTO = "0192f3a4-7b1c-7def-8abc-0123456789ab"
OTHER_PHOTO = "0192f3a4-7b1c-7def-8abc-0123456789ac"


def both(text: str) -> dict[str, str]:
    return {"ar": f"سؤال {text}", "en": f"Question {text}"}


def asked(name: str, kind: str, **more: object) -> dict[str, Any]:
    return {"name": name, "kind": kind, "label": both(name), **more}


OPTIONS = [{"value": value, "label": both(value)} for value in ("leak", "pressure", "colour")]
FORM = read_form(
    {
        "format": 1,
        "title": both("form"),
        "pages": [
            {
                "title": both("page"),
                "questions": [
                    asked("fault", "choice", options=OPTIONS, required=True),
                    asked(
                        "leaks",
                        "number",
                        limits={"whole": True, "minimum": 1, "maximum": 20},
                        required=True,
                        visible_when={"question": "fault", "is": "leak"},
                    ),
                    asked("seen", "choices", options=OPTIONS, limits={"at_most": 2}),
                    asked("urgent", "yes_no"),
                    asked("meter", "text", limits={"min_length": 3, "max_length": 6, "pattern": "^[0-9]+$"}),
                    asked("name", "text"),
                    asked("story", "long_text"),
                    asked("cost", "number"),
                    asked("since", "date", limits={"earliest": "2020-01-01", "latest": "today"}),
                    asked("visit", "date", limits={"earliest": "today"}),
                    asked("identity", "national_id"),
                    asked("phone", "phone"),
                    asked("email", "email"),
                    asked("where", "place"),
                    asked("photos", "file", limits={"at_least": 2, "at_most": 3}),
                ],
            }
        ],
    }
)


NOT_ONE_LINE = "The answer to “Question name” must be a single line without invisible characters."
NO_DATE = "The answer to “Question since” is not a real date. Dates are written like 2026-01-31."
NO_SUCH_CARD = "The national ID in “Question identity” is not valid. Please check it against the card."
NO_PHONE = "The phone number in “Question phone” is not valid. Please write it in full, like 01001234567."
NO_EMAIL = "The e-mail address in “Question email” is not valid. Please write it like name@example.com."
NO_PLACE = "Please mark the place for “Question where” on the map, or give its district or address."
NO_PART_OF_A_PLACE = (
    "The place in “Question where” is given by latitude, longitude, governorate, district, address."
)
NO_NAME_OF_A_PLACE = (
    "The place in “Question where” must be described in single lines of at most 300 characters."
)
NO_FILE = "The files attached to “Question photos” are not known. Please attach them again."
INVISIBLE = "The answer to “Question name” holds invisible characters that cannot be accepted."


def taken(**answers: object) -> dict[str, Answer]:
    return check_answers(FORM, {"fault": "pressure", **answers}, TODAY)


def refused(**answers: object) -> AnswersRefused:
    with pytest.raises(AnswersRefused) as caught:
        taken(**answers)
    return caught.value


def sentence(**answers: object) -> str:
    (problem,) = refused(**answers).problems
    return problem.says.en


@pytest.mark.parametrize(
    ("name", "given_answer", "stored"),
    [
        ("leaks", "٣", 3),
        ("leaks", 3.0, 3),
        ("seen", ["pressure", "leak"], ["leak", "pressure"]),
        ("urgent", False, False),
        ("meter", " ١٢۳٤ ", "1234"),
        ("name", "  منى  ", "منى"),
        ("name", "شقة ١٢", "شقة ١٢"),
        ("name", "Cafe\u0301", "Café"),
        ("story", "one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("story", "\u202eabc", "\u202eabc"),
        ("cost", "١٢٫٥", 12.5),
        ("cost", "-0.0", 0),
        ("cost", -7.25, -7.25),
        ("since", "٢٠٢٦-٠١-٣١", "2026-01-31"),
        ("since", "2026-11-22", "2026-11-22"),
        ("visit", "2026-11-22", "2026-11-22"),
        ("identity", "٢٩٠ ٠١٠١ ٠١ ١٢٣٤٥", "29001010112345"),
        ("phone", "٠١٠٠ ١٢٣ ٤٥٦٧", "+201001234567"),
        ("phone", "19123", "19123"),
        ("email", " Mona@Example.COM ", "Mona@example.com"),
        (
            "where",
            {"latitude": "٣٠.٠٥", "longitude": 31, "district": " ", "address": None},
            {"latitude": 30.05, "longitude": 31},
        ),
        (
            "where",
            {"governorate": "الجيزة", "district": "الدقي "},
            {"governorate": "الجيزة", "district": "الدقي"},
        ),
        ("photos", [PHOTO.upper(), OTHER_PHOTO], [PHOTO, OTHER_PHOTO]),
    ],
)
def test_an_answer_is_stored_in_one_form(name: str, given_answer: object, stored: object) -> None:
    fault = {"fault": "leak"} if name == "leaks" else {}
    answer = taken(**fault, **{name: given_answer})[name]
    assert answer == stored
    assert type(answer) is type(stored)


@pytest.mark.parametrize(
    ("name", "given_answer", "says"),
    [
        ("fault", "flood", "Please choose one of the answers offered for “Question fault”."),
        ("fault", ["leak"], "Please choose one of the answers offered for “Question fault”."),
        ("seen", ["leak", "flood"], "Please choose only from the answers offered for “Question seen”."),
        ("seen", "leak", "Please choose only from the answers offered for “Question seen”."),
        ("seen", ["leak", "leak"], "The same choice appears twice in the answer to “Question seen”."),
        ("seen", ["leak"] * 10_000, "The same choice appears twice in the answer to “Question seen”."),
        ("seen", ["leak", "pressure", "colour"], "“Question seen” takes at most 2."),
        ("urgent", "yes", "Please answer “Question urgent” with yes or no."),
        ("urgent", 1, "Please answer “Question urgent” with yes or no."),
        ("meter", "12", "The answer to “Question meter” must have at least 3 characters."),
        ("meter", "1234567", "The answer to “Question meter” may have at most 6 characters."),
        ("meter", "12x4", "The answer to “Question meter” does not have the form required."),
        ("meter", 1234, "The answer to “Question meter” must be a text."),
        ("name", "x" * 201, "The answer to “Question name” may have at most 200 characters."),
        ("name", "x" * 10_000_000, "The answer to “Question name” may have at most 200 characters."),
        (
            "name",
            "a\x00b",
            NOT_ONE_LINE,
        ),
        ("name", "a\nb", NOT_ONE_LINE),
        (
            "name",
            "a\ud800b",
            "The answer to “Question name” holds invisible characters that cannot be accepted.",
        ),
        (
            "story",
            "a\x00b",
            "The answer to “Question story” holds invisible characters that cannot be accepted.",
        ),
        ("story", "x" * 4001, "The answer to “Question story” may have at most 4000 characters."),
        ("cost", float("nan"), "The answer to “Question cost” must be a number."),
        ("cost", float("inf"), "The answer to “Question cost” must be a number."),
        ("cost", 10**400, "The answer to “Question cost” must be a number."),
        ("cost", "9" * 100_000, "The answer to “Question cost” must be a number."),
        ("cost", True, "The answer to “Question cost” must be a number."),
        ("cost", "1e3", "The answer to “Question cost” must be a number."),
        (
            "since",
            "2026-02-30",
            NO_DATE,
        ),
        (
            "since",
            "31/01/2026",
            NO_DATE,
        ),
        (
            "since",
            "20260131",
            NO_DATE,
        ),
        ("since", "2019-12-31", "The date for “Question since” must not be before 2020-01-01."),
        ("since", "2026-11-23", "The date for “Question since” must not be after 2026-11-22."),
        ("visit", "2026-11-21", "The date for “Question visit” must not be before 2026-11-22."),
        ("identity", "2900101011234", "The national ID in “Question identity” must have 14 digits."),
        (
            "identity",
            "19001010112345",
            NO_SUCH_CARD,
        ),
        (
            "identity",
            "29002300112345",
            NO_SUCH_CARD,
        ),
        (
            "identity",
            "32611230112345",
            NO_SUCH_CARD,
        ),
        (
            "identity",
            "29001010512345",
            NO_SUCH_CARD,
        ),
        (
            "phone",
            "0100123",
            NO_PHONE,
        ),
        (
            "phone",
            "\u202e01001234567",
            NO_PHONE,
        ),
        (
            "email",
            "mona@",
            NO_EMAIL,
        ),
        (
            "where",
            {},
            NO_PLACE,
        ),
        (
            "where",
            {"governorate": "الجيزة"},
            NO_PLACE,
        ),
        ("where", {"latitude": 30}, "“Question where” needs both latitude and longitude, or neither."),
        (
            "where",
            {"planet": "Mars"},
            NO_PART_OF_A_PLACE,
        ),
        (
            "where",
            [30, 31],
            NO_PART_OF_A_PLACE,
        ),
        (
            "where",
            {"address": "x\ny"},
            NO_NAME_OF_A_PLACE,
        ),
        ("photos", [PHOTO], "“Question photos” needs at least 2."),
        ("photos", [PHOTO, PHOTO], "The same file is attached twice to “Question photos”."),
        (
            "photos",
            [PHOTO.replace("b1", f"{digit}1") for digit in "abcd"],
            "“Question photos” takes at most 3.",
        ),
        (
            "photos",
            ["../etc/passwd"],
            NO_FILE,
        ),
        ("photos", PHOTO, NO_FILE),
    ],
)
def test_an_answer_that_breaks_the_form_is_refused_in_one_sentence(
    name: str, given_answer: object, says: str
) -> None:
    assert sentence(**{name: given_answer}) == says
    (problem,) = refused(**{name: given_answer}).problems
    assert problem.field.partition(".")[0] == name
    assert f"سؤال {name}" in problem.says.ar


@pytest.mark.parametrize("leaks", [0, 21, 1.5])
def test_a_number_beyond_its_limits_is_refused(leaks: object) -> None:
    assert "Question leaks" in sentence(fault="leak", leaks=leaks)


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


def test_the_registry_s_governorates_are_known() -> None:
    assert len(GOVERNORATE_CODES) == 28
    assert {"01", "04", "11", "19", "21", "29", "31", "35", "88"} <= GOVERNORATE_CODES
    assert not {"00", "05", "10", "20", "30", "36", "89"} & GOVERNORATE_CODES


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
