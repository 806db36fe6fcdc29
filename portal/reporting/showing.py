"""A report as its citizen reads it over before sending: every answer in words, with what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup, escape

from hub.forms.fields import Unreadable, read_answer
from hub.forms.shape import Question, QuestionKind
from hub.web.answers import asked_now
from portal.reporting import own_questions as own
from portal.reporting.report import Report
from portal.reporting.sending import FileTold
from portal.reporting.steps import Part, Step
from tenants.languages import Text

_LATIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9@:/._-]*(?: [A-Za-z0-9][A-Za-z0-9@:/._-]*)*")


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer: `said` as the citizen typed it (`is_number` if in digits), `told` in our own words, or what it is."""

    label: Text
    said: str = ""
    told: Sequence[Text] = ()
    is_yes: bool | None = None
    day: date | None = None
    files: Sequence[FileTold] = ()
    point: tuple[float, float] | None = None
    lost_files: int = 0
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class ShownStep:
    """The answers of one step, and whether something is wrong or missing."""

    step: Step
    answers: Sequence[Shown]
    problems: Sequence[Text]


def shown_steps(report: Report, files: Mapping[UUID, FileTold]) -> list[ShownStep]:
    """All steps of a report as they are read over."""
    return [_shown(report, step, files) for step in report.steps]


def shown_step(report: Report, step: Step) -> list[Shown]:
    """The answers of one step, without its files."""
    return list(_shown(report, step, {}).answers)


def apart(text: str) -> Markup:
    """A sentence of ours in which foreign words and examples stand in their own direction."""
    parts, at = [], 0
    for found in _LATIN.finditer(text):
        if any(letter.isalpha() for letter in found[0]):
            parts += [
                escape(text[at : found.start()]),
                Markup('<bdi lang="en" dir="ltr">{}</bdi>').format(found[0]),
            ]
            at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def _shown(report: Report, step: Step, files: Mapping[UUID, FileTold]) -> ShownStep:
    answers = report.answers(step)
    asked = set(asked_now(step.form, answers, report.offer.today))
    shown = []
    for question in step.page.questions:
        if question.name not in asked:
            continue
        if question.kind is QuestionKind.FILE:
            ids = report.files(question.name)
            known = [files[each] for each in ids if each in files]
            shown.append(
                Shown(question.label, files=known, lost_files=len(ids) - len(known) if files or ids else 0)
            )
        elif question.name in answers and question.name not in own.COORDINATES:
            shown.append(_answer(report, question, answers[question.name]))
        elif question.name not in own.COORDINATES:
            shown.append(Shown(question.label))
    if step.part is Part.PLACE:
        shown += _point_of(step, answers)
    wrong = [problem.says for problem in report.problems(step)]
    return ShownStep(step, shown, wrong)


def _answer(report: Report, question: Question, raw: Any) -> Shown:  # noqa: PLR0911 - one for each kind
    try:
        answer = read_answer(question, raw, report.offer.today)
    except Unreadable:
        return Shown(question.label, said=raw if isinstance(raw, str) else "")
    labels = {option.value: option.label for option in question.options}
    match question.kind:
        case QuestionKind.CHOICE:
            return Shown(question.label, told=[labels[str(answer)]])
        case QuestionKind.CHOICES:
            return Shown(question.label, told=[labels[each] for each in answer])  # type: ignore[union-attr] # a list
        case QuestionKind.YES_NO:
            return Shown(question.label, is_yes=bool(answer))
        case QuestionKind.DATE:
            return Shown(question.label, day=date.fromisoformat(str(answer)))
        case QuestionKind.PHONE | QuestionKind.NATIONAL_ID | QuestionKind.NUMBER:
            return Shown(question.label, said=str(raw), is_number=True)
        case QuestionKind.PLACE if isinstance(answer, dict):
            return _place(question, answer, report.offer.tenant.country)
    return Shown(question.label, said=str(answer))


def _place(question: Question, place: Mapping[str, Any], country: str | None) -> Shown:
    known = {each.value: each.label for each in own.governorates_on_offer(country)}
    chosen = known.get(str(place.get("governorate", "")))
    parts = ("district", "address") if chosen else ("governorate", "district", "address")
    words = [str(place[part]) for part in parts if part in place]
    point = (float(place["latitude"]), float(place["longitude"])) if "latitude" in place else None
    return Shown(question.label, told=[chosen] if chosen else (), said=" – ".join(words), point=point)


def _point_of(step: Step, answers: Mapping[str, Any]) -> list[Shown]:
    if not all(name in answers for name in own.COORDINATES):
        return []
    question = step.form.question(own.COORDINATES[0])
    assert question is not None  # noqa: S101 - the place's form always has it
    latitude, longitude = (float(answers[name]) for name in own.COORDINATES)
    return [Shown(question.label, point=(latitude, longitude))]
