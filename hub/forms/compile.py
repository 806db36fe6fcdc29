"""A form as JSON Schema 2020-12: what programs that answer it are told, and what the server enforces."""

from __future__ import annotations

from typing import Any, Final

from hub.forms.conditions import AllOf, AnyOf, Comparison, Condition, Not, Relation
from hub.forms.plain import LARGEST_NUMBER
from hub.forms.shape import COORDINATES, PLACE_NAMES, Form, Question, QuestionKind
from tenants.languages import Language, Text

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_LONGEST_EMAIL: Final = 254
_LISTS: Final = frozenset({QuestionKind.CHOICES, QuestionKind.FILE})


def compile_form(form: Form, language: Language | None = None) -> dict[str, Any]:
    """The JSON Schema of the form's answers in their normalised form, self-contained (no references).

    In a `language`, labels are titles and help texts descriptions; without one, both languages stand in
    `x-labels` and `x-help`. What a schema cannot say is left to `answers.check_answers`: dates that depend on
    today, the dates inside national ids.
    """
    many = frozenset(question.name for question in form.questions if question.kind in _LISTS)
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        **_named(form.title, language),
        "type": "object",
        "properties": {
            question.name: _named(question.label, language)
            | _helped(question, language)
            | _kind_schema(question)
            | _option_labels(question, language)
            for question in form.questions
        },
        "additionalProperties": False,
    }
    always = [
        question.name for question in form.questions if question.required and question.visible_when is None
    ]
    if always:
        schema["required"] = always
    rules = [
        _visibility(question, question.visible_when, many)
        for question in form.questions
        if question.visible_when is not None
    ]
    if rules:
        schema["allOf"] = rules
    return schema


def _named(text: Text, language: Language | None) -> dict[str, Any]:
    return {"x-labels": _both(text)} if language is None else {"title": text.in_language(language)}


def _helped(question: Question, language: Language | None) -> dict[str, Any]:
    if question.help is None:
        return {}
    return (
        {"x-help": _both(question.help)}
        if language is None
        else {"description": question.help.in_language(language)}
    )


def _option_labels(question: Question, language: Language | None) -> dict[str, Any]:
    if not question.options:
        return {}
    return {
        "x-option-labels": {
            option.value: _both(option.label) if language is None else option.label.in_language(language)
            for option in question.options
        }
    }


def _both(text: Text) -> dict[str, str]:
    return {"ar": text.ar, "en": text.en}


def _kind_schema(question: Question) -> dict[str, Any]:  # noqa: PLR0911 - one answer for each kind
    limits = question.limits
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.LONG_TEXT:
            pattern = {} if limits.pattern is None else {"pattern": limits.pattern}
            return {
                "type": "string",
                "minLength": limits.min_length or 1,
                "maxLength": question.longest,
                **pattern,
            }
        case QuestionKind.CHOICE:
            return {"type": "string", "enum": list(question.option_values)}
        case QuestionKind.CHOICES:
            return _list(question, {"type": "string", "enum": list(question.option_values)})
        case QuestionKind.YES_NO:
            return {"type": "boolean"}
        case QuestionKind.NUMBER:
            return {
                "type": "integer" if limits.whole else "number",
                "minimum": -LARGEST_NUMBER if limits.minimum is None else limits.minimum,
                "maximum": LARGEST_NUMBER if limits.maximum is None else limits.maximum,
            }
        case QuestionKind.DATE:
            return {"type": "string", "format": "date"}
        case QuestionKind.NATIONAL_ID:
            return {"type": "string", "pattern": "^[23][0-9]{13}$"}
        case QuestionKind.PHONE:
            return {"type": "string", "pattern": r"^(?:\+[1-9][0-9]{4,14}|[0-9]{3,5})$"}
        case QuestionKind.EMAIL:
            return {"type": "string", "format": "email", "maxLength": _LONGEST_EMAIL}
        case QuestionKind.PLACE:
            return _place()
        case QuestionKind.FILE:
            return _list(question, {"type": "string", "format": "uuid"})


def _list(question: Question, items: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "array",
        "items": items,
        "uniqueItems": True,
        "minItems": question.limits.at_least or 1,
        "maxItems": question.most,
    }


def _place() -> dict[str, Any]:
    coordinates = {
        name: {"type": "number", "minimum": -furthest, "maximum": furthest}
        for name, furthest in COORDINATES.items()
    }
    names = {
        name: {"type": "string", "minLength": 1, "maxLength": most} for name, most in PLACE_NAMES.items()
    }
    return {
        "type": "object",
        "properties": coordinates | names,
        "additionalProperties": False,
        "dependentRequired": {"latitude": ["longitude"], "longitude": ["latitude"]},
        "anyOf": [{"required": ["latitude"]}, {"required": ["district"]}, {"required": ["address"]}],
    }


def _visibility(question: Question, condition: Condition, many: frozenset[str]) -> dict[str, Any]:
    rule: dict[str, Any] = {"if": _condition_schema(condition, many)}
    if question.required:
        rule["then"] = {"required": [question.name]}
    return {**rule, "else": {"properties": {question.name: False}}}


def _condition_schema(condition: Condition, many: frozenset[str]) -> dict[str, Any]:
    match condition:
        case AllOf(parts):
            return {"allOf": [_condition_schema(part, many) for part in parts]}
        case AnyOf(parts):
            return {"anyOf": [_condition_schema(part, many) for part in parts]}
        case Not(part):
            return {"not": _condition_schema(part, many)}
        case Comparison(question, Relation.ANSWERED, value):
            answered = {"required": [question]}
            return answered if value else {"not": answered}
        case Comparison(question, _, _):
            return {
                "required": [question],
                "properties": {question: _comparison_schema(condition, several=question in many)},
            }


def _comparison_schema(comparison: Comparison, *, several: bool) -> dict[str, Any]:
    value = list(comparison.value) if isinstance(comparison.value, tuple) else comparison.value
    if comparison.relation is Relation.AT_LEAST:
        return {"minItems" if several else "minimum": value}
    if comparison.relation is Relation.AT_MOST:
        return {"maxItems" if several else "maximum": value}
    wanted: dict[str, Any] = {"enum": value} if isinstance(value, list) else {"const": value}
    if several:
        wanted = {"contains": wanted}
    return {"not": wanted} if comparison.relation is Relation.IS_NOT else wanted
