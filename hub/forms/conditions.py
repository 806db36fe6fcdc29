"""Conditions over earlier answers: read from a definition, and asked whether they hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from hub.forms.errors import NotUnderstood
from tenants.languages import Text

Scalar: TypeAlias = str | int | float | bool
Answer: TypeAlias = Scalar | list[str] | dict[str, str | int | float]
"""A normalised answer: list for several choices and files, dict for a place."""

DEEPEST = 5
WIDEST = 50
_MOST_VALUES = 200


class Relation(StrEnum):
    """How an answer is compared; the key in the definition."""

    IS = "is"
    IS_NOT = "is_not"
    ANY_OF = "any_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One earlier question compared with a value (with several for `any_of`)."""

    question: str
    relation: Relation
    value: Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition: TypeAlias = Comparison | AllOf | AnyOf | Not


def holds(condition: Condition, answers: Mapping[str, Answer]) -> bool:
    """Whether the condition is true of the answers given so far (normalised; silence is absence).

    A comparison with an unanswered question is false, `is_not` included; only `answered: false` and `not` are
    true of silence. With several choices, `is` means "is among them"; `at_least` and `at_most` count choices
    and files.
    """
    match condition:
        case Comparison(question, Relation.ANSWERED, value):
            return (question in answers) is value
        case Comparison(question, relation, value):
            answer = answers.get(question)
            return answer is not None and _compares(answer, relation, value)
        case AllOf(parts):
            return all(holds(part, answers) for part in parts)
        case AnyOf(parts):
            return any(holds(part, answers) for part in parts)
        case Not(part):
            return not holds(part, answers)


def _compares(answer: Answer, relation: Relation, value: Scalar | tuple[Scalar, ...]) -> bool:
    given: tuple[object, ...] = tuple(answer) if isinstance(answer, list) else (answer,)
    if relation is Relation.IS:
        return value in given
    if relation is Relation.IS_NOT:
        return value not in given
    if isinstance(value, tuple):
        return any(one in value for one in given)
    amount = len(answer) if isinstance(answer, list) else answer
    if not isinstance(amount, int | float) or not isinstance(value, int | float):
        return False
    return amount >= value if relation is Relation.AT_LEAST else amount <= value


def comparisons(condition: Condition, place: str = "") -> Iterator[tuple[str, Comparison]]:
    """Every comparison in the condition with its place, for checking it against the questions."""
    match condition:
        case Comparison():
            yield place, condition
        case AllOf(parts):
            for position, part in enumerate(parts):
                yield from comparisons(part, f"{place}.all[{position}]")
        case AnyOf(parts):
            for position, part in enumerate(parts):
                yield from comparisons(part, f"{place}.any[{position}]")
        case Not(part):
            yield from comparisons(part, f"{place}.not")


def read_condition(data: object, place: str = "", depth: int = 1) -> Condition:
    """The condition written in a definition (plain lists and dicts).

    Raises `NotUnderstood` with the place inside the condition.
    """
    if depth > DEEPEST:
        raise NotUnderstood(
            Text(
                ar=f"لا يجوز تداخل الشروط أكثر من {DEEPEST} مستويات.",
                en=f"conditions may not be nested more than {DEEPEST} deep.",
            ),
            place,
        )
    if not isinstance(data, dict):
        raise NotUnderstood(_SHAPE, place)
    match data:
        case {"all": parts} if len(data) == 1:
            return AllOf(_read_parts(parts, f"{place}.all", depth))
        case {"any": parts} if len(data) == 1:
            return AnyOf(_read_parts(parts, f"{place}.any", depth))
        case {"not": part} if len(data) == 1:
            return Not(read_condition(part, f"{place}.not", depth + 1))
        case {"question": str(question)}:
            return _read_comparison(question, data, place)
    raise NotUnderstood(_SHAPE, place)


def _read_parts(parts: object, place: str, depth: int) -> tuple[Condition, ...]:
    if not isinstance(parts, list) or not 1 <= len(parts) <= WIDEST:
        raise NotUnderstood(
            Text(
                ar=f"يجب أن تكون هنا قائمة فيها شرط واحد على الأقل و{WIDEST} على الأكثر.",
                en=f"this needs a list of at least one and at most {WIDEST} conditions.",
            ),
            place,
        )
    return tuple(
        read_condition(part, f"{place}[{position}]", depth + 1) for position, part in enumerate(parts)
    )


def _read_comparison(question: str, data: dict[str, object], place: str) -> Comparison:
    keys = [key for key in data if key != "question"]
    if len(keys) != 1 or keys[0] not in set(Relation):
        raise NotUnderstood(_SHAPE, place)
    relation = Relation(keys[0])
    given = data[relation.value]
    place = f"{place}.{relation.value}"
    match relation:
        case Relation.ANSWERED:
            if not isinstance(given, bool):
                raise NotUnderstood(
                    Text(ar="القيمة هنا true أو false فقط.", en="this is either true or false."), place
                )
            return Comparison(question, relation, given)
        case Relation.AT_LEAST | Relation.AT_MOST:
            if isinstance(given, bool) or not isinstance(given, int | float):
                raise NotUnderstood(
                    Text(ar="يجب أن تكون القيمة هنا رقمًا.", en="this must be a number."), place
                )
            return Comparison(question, relation, given)
        case Relation.ANY_OF:
            if not isinstance(given, list) or not 1 <= len(given) <= _MOST_VALUES:
                raise NotUnderstood(
                    Text(
                        ar=f"يجب أن تكون هنا قائمة فيها قيمة واحدة على الأقل و{_MOST_VALUES} على الأكثر.",
                        en=f"this needs a list of at least one and at most {_MOST_VALUES} values.",
                    ),
                    place,
                )
            return Comparison(question, relation, tuple(_read_scalar(value, place) for value in given))
        case Relation.IS | Relation.IS_NOT:
            return Comparison(question, relation, _read_scalar(given, place))


def _read_scalar(value: object, place: str) -> Scalar:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.strip())
    if isinstance(value, bool | int | float):
        return value
    raise NotUnderstood(
        Text(
            ar="لا تُقارَن الإجابة إلا بنص أو رقم أو true أو false.",
            en="an answer can only be compared with a text, a number, true or false.",
        ),
        place,
    )


def write_condition(condition: Condition) -> dict[str, object]:
    """The condition as plain data, the way `read_condition` takes it."""
    match condition:
        case Comparison(question, relation, value):
            return {
                "question": question,
                relation.value: list(value) if isinstance(value, tuple) else value,
            }
        case AllOf(parts):
            return {"all": [write_condition(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [write_condition(part) for part in parts]}
        case Not(part):
            return {"not": write_condition(part)}


_SHAPE = Text(
    ar="الشرط إما {question: سؤال} مع مقارنة واحدة هي is أو is_not أو any_of أو at_least أو at_most"
    " أو answered، وإما واحد فقط من all وany وnot.",
    en="a condition is either {question: name} with one comparison (is, is_not, any_of, at_least, at_most"
    " or answered), or exactly one of all, any and not.",
)
