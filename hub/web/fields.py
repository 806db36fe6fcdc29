"""Fields of a form as a page shows them: made from a form's questions, or by hand for a page's own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hub.forms.conditions import write_condition
from hub.forms.errors import Problem
from hub.forms.shape import Option, Question, QuestionKind
from hub.web.sent import Sent
from tenants.languages import Text

PREFIX: Final = "answers."
DATE_PARTS: Final = ("day", "month", "year")
PLACE_PARTS: Final = ("governorate", "district", "address", "latitude", "longitude")
_ISO_PARTS: Final = 3

# What browsers may fill in by themselves (WCAG 2.2, 1.3.5), and which keys a phone shows.
_AUTOCOMPLETE: Final[Mapping[QuestionKind, str]] = {QuestionKind.PHONE: "tel", QuestionKind.EMAIL: "email"}
_KEYS: Final[Mapping[QuestionKind, str]] = {
    QuestionKind.NUMBER: "decimal",
    QuestionKind.NATIONAL_ID: "numeric",
    QuestionKind.PHONE: "tel",
    QuestionKind.EMAIL: "email",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One question on a page, with what was typed and what is wrong with it.

    `name` is what the form sends; `values` are as they were typed (several for choices and files), `parts` of a date or
    place by the part's name; `options` are what is chosen from, of a place its governorates; `problems` are whole
    sentences with the part each is about ('' for the whole). `files` are names of files already sent, by their ids.
    """

    name: str
    kind: QuestionKind
    label: Text
    hint: Text | None = None
    required: bool = True
    options: tuple[Option, ...] = ()
    values: tuple[str, ...] = ()
    parts: Mapping[str, str] | None = None
    files: Mapping[str, str] | None = None
    problems: tuple[tuple[str, Text], ...] = ()
    autocomplete: str | None = None
    keys: str | None = None
    longest: int | None = None
    most: int | None = None
    question: str = ""
    when: str | None = None
    hidden: bool = False

    @property
    def id(self) -> str:
        """The id of its input, or of the first of them."""
        return self.name.replace(".", "-").replace("_", "-")

    @property
    def value(self) -> str:
        """What was typed, of a field with one value."""
        return self.values[0] if self.values else ""

    def part(self, name: str) -> str:
        """What was typed into a part."""
        return (self.parts or {}).get(name, "")

    def is_wrong(self, part: str = "") -> bool:
        """Whether something is wrong with it, or with one part of it."""
        if part:
            return any(about in ("", part) for about, _ in self.problems)
        return bool(self.problems)

    @property
    def focus(self) -> str:
        """The id that the error summary leads to: the first wrong input."""
        if not self.problems:
            return self.id
        about = self.problems[0][0]
        if about in ("latitude", "longitude"):
            about = "address"
        first = {QuestionKind.DATE: "day", QuestionKind.PLACE: "address"}.get(self.kind, "")
        part = about or first
        return f"{self.id}-{part}" if part else self.id

    def wrong(self, *problems: Text) -> Field:
        """The same field with something wrong with it."""
        return replace(self, problems=(*self.problems, *(("", each) for each in problems)))


def fields_of(
    questions: Iterable[Question],
    answers: Mapping[str, Any],
    *,
    sent: Sent | None = None,
    shown: Sequence[str] | None = None,
    problems: Iterable[Problem] = (),
    files: Mapping[str, str] | None = None,
    governorates: tuple[Option, ...] = (),
) -> list[Field]:
    """The fields of a form's questions, with their stored answers, or with what was just typed.

    `shown` names the questions that are asked as things stand; the others are there, hidden, for scripts to show.
    `files` are the names of files by their ids; `governorates` are offered for places, where they are known.
    """
    found = list(problems)
    return [
        _field(
            question,
            answers.get(question.name),
            sent,
            tuple(
                (each.field.partition(".")[2], each.says)
                for each in found
                if each.field.partition(".")[0] == question.name
            ),
            files or {},
            governorates,
            hidden=shown is not None and question.name not in shown,
        )
        for question in questions
    ]


def _field(
    question: Question,
    answer: Any,
    sent: Sent | None,
    problems: tuple[tuple[str, Text], ...],
    files: Mapping[str, str],
    governorates: tuple[Option, ...],
    *,
    hidden: bool,
) -> Field:
    name = PREFIX + question.name
    values, parts = typed(question.kind, name, sent) if sent is not None else stored(question.kind, answer)
    condition = question.visible_when
    return Field(
        name=name,
        kind=question.kind,
        label=question.label,
        hint=question.help,
        required=question.required,
        options=governorates if question.kind is QuestionKind.PLACE else question.options,
        values=values,
        parts=parts,
        files={each: files[each] for each in values if each in files},
        problems=problems,
        autocomplete=_AUTOCOMPLETE.get(question.kind),
        keys=_KEYS.get(question.kind),
        longest=question.longest if question.kind in (QuestionKind.TEXT, QuestionKind.LONG_TEXT) else None,
        most=question.most,
        question=question.name,
        when=None if condition is None else json.dumps(write_condition(condition), ensure_ascii=False),
        hidden=hidden,
    )


def typed(kind: QuestionKind, name: str, sent: Sent) -> tuple[tuple[str, ...], dict[str, str] | None]:
    """What was typed into a field, and into its parts."""
    parts = parts_of(kind)
    if parts:
        return (), {part: sent.value(f"{name}.{part}") for part in parts}
    return tuple(sent.values(name)), None


def stored(kind: QuestionKind, answer: Any) -> tuple[tuple[str, ...], dict[str, str] | None]:
    """A stored answer as somebody would have typed it."""
    if kind is QuestionKind.DATE:
        split = str(answer or "").split("-")
        iso = (
            [str(int(each)) for each in split]
            if len(split) == _ISO_PARTS and "".join(split).isdigit()
            else None
        )
        return (), dict(zip(DATE_PARTS, reversed(iso), strict=True)) if iso else {}
    if kind is QuestionKind.PLACE:
        place = answer if isinstance(answer, Mapping) else {}
        return (), {part: str(place[part]) for part in PLACE_PARTS if part in place}
    if answer is None:
        return (), None
    if isinstance(answer, bool):
        return ("yes" if answer else "no",), None
    if isinstance(answer, list):
        return tuple(str(each) for each in answer), None
    return (str(answer),), None


def parts_of(kind: QuestionKind) -> tuple[str, ...]:
    """The parts that a kind of question is typed in; none for most."""
    return {QuestionKind.DATE: DATE_PARTS, QuestionKind.PLACE: PLACE_PARTS}.get(kind, ())
