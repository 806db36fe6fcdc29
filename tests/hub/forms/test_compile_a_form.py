"""Forms as JSON Schema: what clients are told, and that the server agrees with it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.forms.answers import check_answers
from hub.forms.compile import compile_form
from hub.forms.definition import read_form
from hub.forms.errors import AnswersRefused
from hub.forms.shape import QuestionKind
from tenants.languages import Language

TODAY = date(2026, 11, 22)
OPTIONS = ("red", "green", "blue")
NUMBERS = (-1, 0, 2, 2.5)
WORDS = ("alpha", "beta")
COMPARABLE: dict[str, tuple[Any, ...]] = {
    "choice": OPTIONS,
    "choices": OPTIONS,
    "yes_no": (True, False),
    "number": NUMBERS,
    "text": WORDS,
}


def both(text: str) -> dict[str, str]:
    return {"ar": f"سؤال {text}", "en": f"Question {text}"}


def asked(name: str, kind: str, **more: object) -> dict[str, Any]:
    question = {"name": name, "kind": kind, "label": both(name), **more}
    if kind in {"choice", "choices"}:
        question["options"] = [{"value": value, "label": both(value)} for value in OPTIONS]
    return question


def form_of(*questions: dict[str, Any]) -> dict[str, Any]:
    page = {"title": both("page"), "questions": list(questions)}
    return {"format": 1, "title": both("title"), "pages": [page]}


EVERY_KIND = form_of(*(asked(kind.value, kind.value, help=both("help")) for kind in QuestionKind))


def test_every_kind_has_a_schema_and_needs_no_other_document() -> None:
    schema = compile_form(read_form(EVERY_KIND))
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(schema["properties"]) == list(QuestionKind)
    assert schema["additionalProperties"] is False
    assert "$ref" not in json.dumps(schema)


def test_without_a_language_both_stand_beside_each_question() -> None:
    colour = compile_form(read_form(EVERY_KIND))["properties"]["choice"]
    assert colour["x-labels"] == both("choice")
    assert colour["x-help"] == both("help")
    assert colour["x-option-labels"]["red"] == both("red")
    assert "title" not in colour


def test_in_a_language_labels_are_titles_and_help_is_the_description() -> None:
    schema = compile_form(read_form(EVERY_KIND), Language.ARABIC)
    colour = schema["properties"]["choice"]
    assert schema["title"] == "سؤال title"
    assert colour["title"] == "سؤال choice"
    assert colour["description"] == "سؤال help"
    assert colour["x-option-labels"] == {value: f"سؤال {value}" for value in OPTIONS}
    assert "x-labels" not in json.dumps(schema)


def test_a_required_question_that_is_not_visible_is_forbidden_instead() -> None:
    schema = compile_form(
        read_form(
            form_of(
                asked("first", "yes_no", required=True),
                asked("second", "number", required=True, visible_when={"question": "first", "is": True}),
            )
        )
    )
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert schema["required"] == ["first"]
    assert validator.is_valid({"first": True, "second": 2})
    assert validator.is_valid({"first": False})
    assert not validator.is_valid({"first": True})
    assert not validator.is_valid({"first": False, "second": 2})


def comparison(draw: st.DrawFn, name: str, kind: str) -> dict[str, Any]:
    relations = ["is", "is_not", "any_of", "answered"]
    if kind in {"number", "choices"}:
        relations += ["at_least", "at_most"]
    relation = draw(st.sampled_from(relations))
    values = st.sampled_from(COMPARABLE[kind])
    value: object
    if relation == "answered":
        value = draw(st.booleans())
    elif relation == "any_of":
        value = draw(st.lists(values, min_size=1, max_size=2))
    elif relation in {"at_least", "at_most"}:
        value = draw(st.sampled_from(NUMBERS)) if kind == "number" else draw(st.integers(0, 3))
    else:
        value = draw(values)
    return {"question": name, relation: value}


def condition(draw: st.DrawFn, earlier: list[dict[str, Any]], depth: int = 1) -> dict[str, Any]:
    shape = draw(st.sampled_from(["compare", "compare", "all", "any", "not"])) if depth < 4 else "compare"
    if shape == "compare":
        question = draw(st.sampled_from(earlier))
        return comparison(draw, question["name"], question["kind"])
    if shape == "not":
        return {"not": condition(draw, earlier, depth + 1)}
    return {shape: [condition(draw, earlier, depth + 1) for _ in range(draw(st.integers(1, 2)))]}


@st.composite
def forms_and_answers(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, object]]:
    questions: list[dict[str, Any]] = []
    answers: dict[str, object] = {}
    for position in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(sorted(COMPARABLE)))
        question = asked(f"q{position}", kind, required=draw(st.booleans()))
        conditional = draw(st.booleans())
        if questions and conditional:
            question["visible_when"] = condition(draw, questions)
        if kind in {"text", "number"} and draw(st.booleans()):
            question["limits"] = {"max_length": 4} if kind == "text" else {"minimum": 0, "whole": True}
        questions.append(question)
        if draw(st.integers(0, 3)):
            values = st.sampled_from(COMPARABLE[kind])
            several = st.sets(values, min_size=1).map(lambda chosen: sorted(chosen, key=OPTIONS.index))
            answers[f"q{position}"] = draw(several) if kind == "choices" else draw(values)
    return form_of(*questions), answers


@settings(deadline=None, max_examples=400)
@given(forms_and_answers())
def test_the_server_takes_exactly_what_the_published_schema_takes(
    drawn: tuple[dict[str, Any], dict[str, object]],
) -> None:
    definition, answers = drawn
    form = read_form(definition)
    schema = jsonschema_rs.Draft202012Validator(compile_form(form, Language.ENGLISH))
    if schema.is_valid(answers):
        assert check_answers(form, answers, TODAY) == answers
        return
    with pytest.raises(AnswersRefused) as refused:
        check_answers(form, answers, TODAY)
    assert all(form.question(problem.field) for problem in refused.value.problems)
