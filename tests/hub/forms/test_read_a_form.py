"""Reading form definitions: what is taken, and what is refused with its place."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from hub.forms.definition import read_form
from hub.forms.shape import QuestionKind
from tenants.languages import Language
from tests.hub.forms.leak_report import LEAK_REPORT, definition, question


def test_a_form_knows_its_questions_in_order() -> None:
    form = read_form(definition())
    assert [each.name for each in form.questions] == [
        "kind_of_fault",
        "leaks",
        "since",
        "meter_number",
        "photos",
    ]
    asked = form.question("kind_of_fault")
    assert asked is not None
    assert asked.option_values == ("leak", "low_pressure")
    assert asked.label.in_language(Language.ARABIC) == "ما نوع العطل؟"
    assert form.question("nobody_asked") is None


def test_a_form_read_from_yaml_with_line_numbers_is_the_same_form() -> None:
    assert read_form(YAML().load(LEAK_REPORT)) == read_form(definition())


def test_a_form_survives_being_stored() -> None:
    form = read_form(definition())
    again = read_form(form.as_data())
    assert again == form
    assert again.as_data() == form.as_data()
    assert hash(again) == hash(form)


def test_forms_that_differ_in_one_word_are_different() -> None:
    changed = definition()
    question(changed, 1)["label"]["en"] = "How many leaks are there?"
    assert read_form(changed) != read_form(definition())


@pytest.mark.parametrize("kind", [kind for kind in QuestionKind if not kind.startswith("choice")])
def test_every_kind_is_taken_without_limits(kind: QuestionKind) -> None:
    data = definition()
    data["pages"] = data["pages"][:1]
    data["pages"][0]["questions"] = [{"name": "asked", "kind": kind.value, "label": {"ar": "س", "en": "Q"}}]
    assert read_form(data).questions[0].kind is kind
