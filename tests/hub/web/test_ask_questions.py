from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.forms.answers import check_answers
from hub.forms.conditions import holds, read_condition
from hub.forms.errors import AnswersRefused
from hub.web.answers import answers_sent, asked_now, only_asked, pages_asked, problems_on, turned_up
from hub.web.fields import fields_of
from hub.web.sent import Sent
from hub.web.styleguide import FORM as ALL_KINDS
from tests.pages.asking import FORM, TODAY
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of

ROOT = Path(__file__).parents[3]
RIGHT: dict[str, list[str]] = {
    "answers.text": ["  ١٢٣٤ "],
    "answers.long_text": ["سطر\nوسطر"],
    "answers.choice": ["shop"],
    "answers.choices": ["public", "home"],
    "answers.yes_no": ["no"],
    "answers.number": ["٣٫٥"],
    "answers.date.day": ["٥"],
    "answers.date.month": ["١"],
    "answers.date.year": ["٢٠٢٦"],
    "answers.national_id": ["٢٩٨٠١٠١٠١٠٠٠١٢"],
    "answers.phone": ["٠١٠٠١٢٣٤٥٦٧"],
    "answers.email": ["a@example.org"],
    "answers.place.governorate": ["الجيزة"],
    "answers.place.district": ["الدقي"],
    "answers.place.address": [""],
    "answers.place.latitude": [""],
    "answers.place.longitude": [""],
    "answers.file": ["01999999-0000-7000-8000-000000000001"],
}


def checked(fields: dict[str, list[str]]) -> dict[str, Any]:
    return check_answers(ALL_KINDS, answers_sent(ALL_KINDS.questions, Sent(fields)), TODAY)


def test_every_kind_of_question_is_read_back_digits_of_either_kind_included() -> None:
    answers = checked(RIGHT)
    assert answers["yes_no"] is False
    assert answers["number"] == 3.5
    assert answers["date"] == "2026-01-05"
    assert answers["choices"] == ["home", "public"]
    assert answers["national_id"] == "29801010100012"
    assert answers["place"] == {"governorate": "الجيزة", "district": "الدقي"}
    assert answers["file"] == RIGHT["answers.file"]


def test_stored_answers_are_shown_as_somebody_would_type_them_and_read_back_the_same() -> None:
    answers = checked(RIGHT)
    shown: dict[str, list[str]] = {}
    for field in fields_of(ALL_KINDS.questions, answers):
        shown |= {f"{field.name}.{part}": [words] for part, words in (field.parts or {}).items()}
        if field.values:
            shown[field.name] = list(field.values)
    assert checked(shown) == answers


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("31", "2", "2026"),
        ("5", "", "2026"),
        ("5", "1", "26"),
        ("x", "1", "2026"),
        ("", "", "2026"),
        ("-5", "1", "2026"),
    ],
)
def test_a_date_that_is_none_is_refused_and_never_guessed(day: str, month: str, year: str) -> None:
    sent = {**RIGHT, "answers.date.day": [day], "answers.date.month": [month], "answers.date.year": [year]}
    with pytest.raises(AnswersRefused) as refused:
        checked(sent)
    assert {each.field for each in refused.value.problems} == {"date"}


def test_what_was_typed_is_still_there_and_the_first_wrong_field_has_the_focus(visitor: Visitor) -> None:
    typed = {
        "answers.hazard": "yes",
        "answers.danger": "",
        "answers.since.day": "٣١",
        "answers.since.month": "٢",
        "answers.since.year": "٢٠٢٦",
        "answers.flats": "ثلاث <b>",
        "shown": "hazard danger since flats",
    }
    answer = visitor.post("/ar/ask", typed)
    assert answer.status_code == 422
    page = parse(answer.text)
    inputs = {each.get("name"): each for each in page.iter("input") if each.get("type") != "radio"}
    for name, words in typed.items():
        if name in inputs:
            assert (inputs[name].get("value") or "") == words
    assert [each.get("value") for each in page.iter("input") if each.get("checked") is not None] == ["yes"]
    focused = [each.get("name") for each in page.iter() if each.get("autofocus") is not None]
    assert focused == ["answers.danger"]
    summary = page.find(".//*[@role='alert']")
    assert summary is not None
    assert words_of(summary.find("h2")) == "٣ إجابات تحتاج إلى مراجعتك"
    leads = [each.get("href") for each in summary.iter("a")]
    assert leads == ["#answers-danger", "#answers-since-day", "#answers-flats"]
    for lead in leads:
        (field,) = [each for each in page.iter() if each.get("id") == (lead or "")[1:]]
        assert field.get("aria-invalid") == "true"


def test_a_question_that_comes_up_by_an_answer_is_asked_before_it_is_missed(visitor: Visitor) -> None:
    first = visitor.get("/en/ask")
    shown = next(each.get("value") for each in parse(first.text).iter("input") if each.get("name") == "shown")
    assert shown == "hazard since flats"
    answer = visitor.post("/en/ask", {"answers.hazard": "yes", "shown": shown})
    assert answer.status_code == 200
    page = parse(answer.text)
    assert page.find(".//*[@role='alert']") is None
    (danger,) = [each for each in page.iter("div") if each.get("data-question") == "danger"]
    assert danger.get("hidden") is None
    shown = next(each.get("value") for each in page.iter("input") if each.get("name") == "shown")
    assert visitor.post("/en/ask", {"answers.hazard": "yes", "shown": shown}).status_code == 422
    done = visitor.post("/en/ask", {"answers.hazard": "yes", "answers.danger": "wire", "shown": shown})
    assert done.headers["Location"] == "/en/asked?answers=danger%2Chazard"


def test_an_answer_to_what_is_not_asked_any_more_is_left_out() -> None:
    answers = {"hazard": False, "danger": "wire", "flats": "2"}
    assert only_asked(FORM, answers, TODAY) == {"hazard": False, "flats": "2"}
    assert asked_now(FORM, answers, TODAY) == ["hazard", "since", "flats"]
    assert problems_on(FORM, FORM.pages[0], answers, TODAY) == ()
    assert pages_asked(FORM, answers, TODAY) == [0]


def test_a_page_without_the_list_of_what_it_showed_is_taken_as_it_is() -> None:
    assert turned_up(FORM, FORM.pages[0], {"hazard": True}, Sent({}), TODAY) == []


def test_scripts_and_the_server_agree_about_every_condition() -> None:
    chance = random.Random(19)  # noqa: S311 - the same cases every time
    cases = [(_a_condition(chance, 1), _answers(chance)) for _ in range(3_000)]
    program = (
        "import { holds } from './hub/web/front/src/conditions.js';"
        "let all = ''; process.stdin.on('data', (piece) => all += piece);"
        "process.stdin.on('end', () => console.log(JSON.stringify(JSON.parse(all).map(([c, a]) => holds(c, a)))));"
    )
    path = f"{ROOT / '.venv/bin'}:{os.environ['PATH']}"
    node = shutil.which("node", path=path)
    assert node is not None, "make pages brings it"
    told = subprocess.run(
        [node, "--no-warnings", "--input-type=module", "-e", program],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    expected = [holds(read_condition(condition), answers) for condition, answers in cases]
    assert json.loads(told.stdout) == expected
    assert 500 < sum(expected) < 2_500


# What questions of each kind are answered with: text or one choice, yes or no, a number, several choices.
_ANSWERS: dict[str, list[Any]] = {
    "text": ["a", "b", "c"],
    "yes_no": [True, False],
    "number": [0, 1, 2, 2.5],
    "choices": [["a"], ["a", "b"], ["c", "b", "a"]],
}


def _a_condition(chance: random.Random, depth: int) -> dict[str, Any]:
    if depth < 4 and chance.random() < 0.4:
        kind = chance.choice(["all", "any", "not"])
        if kind == "not":
            return {"not": _a_condition(chance, depth + 1)}
        return {kind: [_a_condition(chance, depth + 1) for _ in range(chance.randint(1, 3))]}
    question = chance.choice(list(_ANSWERS))
    relation = chance.choice(["is", "is_not", "any_of", "at_least", "at_most", "answered"])
    single = _ANSWERS["text" if question == "choices" else question]
    value: Any = chance.choice(single)
    if relation == "answered":
        value = chance.random() < 0.5
    if relation == "any_of":
        value = chance.sample(single, 2)
    if relation in ("at_least", "at_most"):
        question, value = chance.choice(["number", "choices"]), chance.choice([0, 1, 2, 3.5])
    return {"question": question, relation: value}


def _answers(chance: random.Random) -> dict[str, Any]:
    return {name: chance.choice(possible) for name, possible in _ANSWERS.items() if chance.random() < 0.7}


def test_a_place_in_time_is_the_day_where_the_answer_is_given() -> None:
    page = FORM.pages[0]
    tomorrow = {"hazard": False, "since": "2026-11-23"}
    assert [each.field for each in problems_on(FORM, page, tomorrow, TODAY)] == ["since"]
    assert problems_on(FORM, page, tomorrow, date(2026, 11, 23)) == ()
