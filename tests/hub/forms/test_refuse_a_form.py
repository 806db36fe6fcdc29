"""A definition that is broken is refused with place and reason, whatever stands in it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.forms.conditions import DEEPEST
from hub.forms.definition import read_form
from hub.forms.errors import BrokenForm
from hub.forms.shape import MOST_QUESTIONS, Form
from tenants.languages import Language
from tests.hub.forms.leak_report import definition, in_first_page, put, question, take

LEAK = {"question": "kind_of_fault", "is": "leak"}


def nested(depth: int) -> object:
    condition: object = LEAK
    for _ in range(depth - 1):
        condition = {"not": condition}
    return condition


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (take("title"), "title", "missing"),
        (take("title", "ar"), "title.ar", "Arabic"),
        (put("title", "en", value="  "), "title.en", "English"),
        (put("title", "fr", value="Fuite"), "title.fr", "not known"),
        (put("title", value="Leak"), "title", "in ar and in en"),
        (put("title", "en", value="x" * 301), "title.en", "300"),
        (put("format", value=2), "format", "format"),
        (put("format", value="1"), "format", "format"),
        (put("pages", value=[]), "pages", "at least one"),
        (put("pages", value={"title": 1}), "pages", "kind needed"),
        (put("colour", value="red"), "colour", "not known"),
        (put("pages", 0, "questions", value=[]), "pages[0].questions", "at least one"),
        (in_first_page(0, "kind", value="colour"), "pages[0].questions[0].kind", "long_text"),
        (in_first_page(0, "labels", value={}), "pages[0].questions[0].labels", "not known"),
        (in_first_page(0, "required", value="yes"), "pages[0].questions[0].required", "kind needed"),
        (in_first_page(0, "name", value="Meter No"), "pages[0].questions[0].name", "form required"),
        (in_first_page(1, "name", value="kind_of_fault"), "pages[0].questions[1].name", "already taken"),
        (
            put("pages", 1, "questions", 0, "name", value="since"),
            "pages[1].questions[0].name",
            "already taken",
        ),
        (in_first_page(1, "label", "en", value="a\x00b"), "pages[0].questions[1].label.en", "control"),
        (in_first_page(1, "label", "en", value="a\ud800b"), "pages[0].questions[1].label.en", "control"),
        (in_first_page(0, "options", value=[]), "pages[0].questions[0].options", "at least 2"),
        (
            in_first_page(0, "options", 1, "value", value="leak"),
            "pages[0].questions[0].options[1].value",
            "twice",
        ),
        (
            in_first_page(0, "options", 1, "value", value=7),
            "pages[0].questions[0].options[1].value",
            "kind needed",
        ),
        (
            in_first_page(1, "options", value=[{"value": "a", "label": {"ar": "ا", "en": "a"}}]),
            "pages[0].questions[1].options",
            "only questions",
        ),
        (
            in_first_page(0, "limits", value={"min_length": 2}),
            "pages[0].questions[0].limits.min_length",
            "choice",
        ),
        (in_first_page(1, "limits", "minimum", value=21), "pages[0].questions[1].limits", "contradict"),
        (
            in_first_page(1, "limits", value={"minimum": 0.2, "maximum": 0.8, "whole": True}),
            "pages[0].questions[1].limits",
            "contradict",
        ),
        (
            in_first_page(1, "limits", "minimum", value=10**16),
            "pages[0].questions[1].limits.minimum",
            "bounds",
        ),
        (
            in_first_page(1, "limits", "minimum", value=float("nan")),
            "pages[0].questions[1].limits.minimum",
            "bounds",
        ),
        (in_first_page(2, "limits", "earliest", value="today"), None, None),
        (
            in_first_page(2, "limits", "earliest", value="2026-02-30"),
            "pages[0].questions[2].limits.earliest",
            "date",
        ),
        (
            in_first_page(2, "limits", value={"earliest": "2026-02-01", "latest": "2026-01-01"}),
            "pages[0].questions[2].limits",
            "contradict",
        ),
        (in_first_page(3, "limits", "min_length", value=13), "pages[0].questions[3].limits", "contradict"),
        (
            in_first_page(3, "limits", "min_length", value=0),
            "pages[0].questions[3].limits.min_length",
            "at least 1",
        ),
        (
            in_first_page(3, "limits", "max_length", value=1001),
            "pages[0].questions[3].limits.max_length",
            "1000",
        ),
        (in_first_page(3, "limits", value={"min_length": 201}), "pages[0].questions[3].limits", "contradict"),
        (
            in_first_page(3, "limits", "pattern", value="(?=a)"),
            "pages[0].questions[3].limits.pattern",
            "look-around",
        ),
        (
            in_first_page(3, "limits", "pattern", value=r"(a)\1"),
            "pages[0].questions[3].limits.pattern",
            "pattern",
        ),
        (
            in_first_page(3, "limits", "pattern", value="(?i)a"),
            "pages[0].questions[3].limits.pattern",
            "pattern",
        ),
        (in_first_page(3, "limits", "pattern", value="("), "pages[0].questions[3].limits.pattern", "pattern"),
        (
            in_first_page(3, "limits", "pattern", value="(a{1000}){1000}"),
            "pages[0].questions[3].limits.pattern",
            "pattern",
        ),
        (in_first_page(3, "limits", "pattern", value=r"^(?:[(?=]|\(?)+$"), None, None),
        (
            put("pages", 1, "questions", 0, "limits", "at_most", value=11),
            "pages[1].questions[0].limits.at_most",
            "10",
        ),
        (
            in_first_page(1, "visible_when", value={"question": "since", "answered": True}),
            "pages[0].questions[1].visible_when.question",
            "no earlier question",
        ),
        (
            in_first_page(1, "visible_when", value={"question": "leaks", "answered": True}),
            "pages[0].questions[1].visible_when.question",
            "no earlier question",
        ),
        (
            in_first_page(1, "visible_when", "is", value="flood"),
            "pages[0].questions[1].visible_when.is",
            "not among the options",
        ),
        (
            put(
                "pages", 1, "questions", 0, "visible_when", "all", 1, "not", "any_of", value=["leak", "flood"]
            ),
            "pages[1].questions[0].visible_when.all[1].not.any_of",
            "not among the options",
        ),
        (
            in_first_page(1, "visible_when", "is", value=True),
            "pages[0].questions[1].visible_when.is",
            "cannot be",
        ),
        (
            in_first_page(1, "visible_when", value={"question": "kind_of_fault", "at_least": 1}),
            "pages[0].questions[1].visible_when.at_least",
            "cannot be compared",
        ),
        (
            in_first_page(2, "visible_when", value={"question": "leaks", "is": True}),
            "pages[0].questions[2].visible_when.is",
            "cannot be compared",
        ),
        (in_first_page(2, "visible_when", value=nested(DEEPEST)), None, None),
        (
            in_first_page(2, "visible_when", value=nested(DEEPEST + 1)),
            "pages[0].questions[2].visible_when" + ".not" * DEEPEST,
            "nested",
        ),
        (in_first_page(2, "visible_when", value=nested(100)), None, "too large"),
        (
            in_first_page(2, "visible_when", value={"all": []}),
            "pages[0].questions[2].visible_when.all",
            "at least one",
        ),
        (
            in_first_page(2, "visible_when", value={"all": [LEAK], "any": [LEAK]}),
            "pages[0].questions[2].visible_when",
            "exactly",
        ),
        (in_first_page(2, "visible_when", value="leaks"), "pages[0].questions[2].visible_when", "exactly"),
        (
            in_first_page(2, "visible_when", value=LEAK | {"is_not": "leak"}),
            "pages[0].questions[2].visible_when",
            "one comparison",
        ),
        (
            in_first_page(2, "visible_when", value={"question": "leaks", "answered": 1}),
            "pages[0].questions[2].visible_when.answered",
            "true or false",
        ),
        (
            in_first_page(2, "visible_when", value={"question": "leaks", "at_most": "3"}),
            "pages[0].questions[2].visible_when.at_most",
            "number",
        ),
        (
            in_first_page(2, "visible_when", value={"question": "leaks", "is": None}),
            "pages[0].questions[2].visible_when.is",
            "compared",
        ),
        (in_first_page(2, "help", value=b"bytes"), "pages[0].questions[2].help", "this kind of value"),
        (put(7, value=1), "form", "key must be a text"),
    ],
)
def test_a_broken_definition_is_refused_with_place_and_reason(
    change: Callable[[dict[str, Any]], None], place: str | None, reason: str | None
) -> None:
    data = definition()
    change(data)
    if reason is None:
        assert isinstance(read_form(data), Form)
        return
    with pytest.raises(BrokenForm) as refused:
        read_form(data)
    if place is not None:
        assert refused.value.place == refused.value.field == place
    assert reason in refused.value.reason.en
    arabic = refused.value.sentence(Language.ARABIC)
    assert arabic.startswith("تعريف النموذج غير صحيح عند")
    assert any("ء" <= letter <= "ي" for letter in refused.value.reason.ar)


def test_a_count_of_choices_is_compared_with_a_whole_number_only() -> None:
    data = definition()
    question(data, 0)["kind"] = "choices"
    question(data, 1)["visible_when"] = {"question": "kind_of_fault", "at_least": 1.5}
    with pytest.raises(BrokenForm, match="whole number from 0 to 200"):
        read_form(data)


def test_a_form_of_more_than_200_questions_is_refused() -> None:
    data = definition()
    asked = question(data, 2)
    data["pages"] = [
        {"title": data["title"], "questions": [asked | {"name": f"q{n}"} for n in range(MOST_QUESTIONS)]}
    ]
    assert len(read_form(deepcopy(data)).questions) == MOST_QUESTIONS
    data["pages"].append({"title": data["title"], "questions": [asked]})
    with pytest.raises(BrokenForm, match="at most 200 questions"):
        read_form(data)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(data=anything, where=st.integers(0, 6))
def test_whatever_stands_in_a_definition_it_is_read_or_refused(data: object, where: int) -> None:
    places = (
        ("pages",),
        ("pages", 0, "questions"),
        ("pages", 0, "questions", 1),
        ("pages", 0, "questions", 1, "limits"),
        ("pages", 0, "questions", 1, "visible_when"),
        ("pages", 0, "questions", 0, "options"),
        ("title",),
    )
    changed = definition()
    put(*places[where], value=data)(changed)
    try:
        form = read_form(changed)
    except BrokenForm as error:
        refused = error
    else:
        assert read_form(form.as_data()) == form
        return
    assert refused.sentence(Language.ENGLISH).encode()
    assert refused.sentence(Language.ARABIC).encode()
