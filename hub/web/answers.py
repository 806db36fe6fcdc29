"""What a form of questions sent, read back to answers, and looked over one page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from hub.digits import latin_digits
from hub.forms.answers import check_answers
from hub.forms.conditions import Answer, holds
from hub.forms.errors import AnswersRefused, Problem
from hub.forms.fields import Unreadable, is_blank, read_answer
from hub.forms.shape import Form, Page, Question, QuestionKind
from hub.web.fields import DATE_PARTS, PREFIX, parts_of
from hub.web.sent import Sent

SHOWN: Final = "shown"
_MONTH_DIGITS: Final = 2


def answers_sent(questions: Iterable[Question], sent: Sent) -> dict[str, Any]:
    """The raw answers to some questions, as `hub.forms.answers.check_answers` takes them; silence is left out."""
    found = {question.name: _answer(question.kind, PREFIX + question.name, sent) for question in questions}
    return {name: answer for name, answer in found.items() if answer not in (None, "", [], {})}


def _answer(kind: QuestionKind, name: str, sent: Sent) -> Any:
    if kind is QuestionKind.DATE:
        return _date({part: sent.value(f"{name}.{part}") for part in DATE_PARTS})
    if kind is QuestionKind.PLACE:
        given = {part: sent.value(f"{name}.{part}") for part in parts_of(kind)}
        return {part: piece for part, piece in given.items() if piece}
    if kind in (QuestionKind.CHOICES, QuestionKind.FILE):
        return [value for value in sent.values(name) if value]
    if kind is QuestionKind.YES_NO:
        return {"yes": True, "no": False}.get(sent.value(name), sent.value(name))
    return sent.value(name)


def _date(parts: Mapping[str, str]) -> str:
    """Day, month and year as one date, 2026-01-31; what is no date stays wrong, for the check to say so."""
    if not any(parts.values()):
        return ""
    day, month, year = (latin_digits(parts[part]) for part in DATE_PARTS)
    return f"{year}-{month.zfill(_MONTH_DIGITS)}-{day.zfill(_MONTH_DIGITS)}"


def asked_now(form: Form, answers: Mapping[str, Any], today: date) -> list[str]:
    """The names of the questions that are asked after such answers, raw or stored, in the form's order."""
    asked, read = [], dict[str, Answer]()
    for question in form.questions:
        if question.visible_when is not None and not holds(question.visible_when, read):
            continue
        asked.append(question.name)
        value = answers.get(question.name)
        if not is_blank(question.kind, value):
            try:
                read[question.name] = read_answer(question, value, today)
            except Unreadable:
                continue
    return asked


def only_asked(form: Form, answers: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The answers without those to questions that are not asked any more, because an earlier answer changed."""
    asked = set(asked_now(form, answers, today))
    return {name: answer for name, answer in answers.items() if name in asked}


def problems_on(form: Form, page: Page, answers: Mapping[str, Any], today: date) -> tuple[Problem, ...]:
    """What is wrong with the answers to one page's questions, given the answers to all earlier ones."""
    try:
        check_answers(form, only_asked(form, answers, today), today)
    except AnswersRefused as refused:
        names = {question.name for question in page.questions}
        return tuple(each for each in refused.problems if each.field.partition(".")[0] in names)
    return ()


def turned_up(form: Form, page: Page, answers: Mapping[str, Any], sent: Sent, today: date) -> list[str]:
    """The questions of a page that are asked now and were not shown when it was filled in: show the page again.

    Without scripts a question that hangs on another of the same page comes up this way.
    """
    shown = sent.value(SHOWN).split()
    if not shown:
        return []
    asked = set(asked_now(form, answers, today))
    return [each.name for each in page.questions if each.name in asked and each.name not in shown]


def pages_asked(form: Form, answers: Mapping[str, Any], today: date) -> Sequence[int]:
    """The positions of the pages that have something to ask after such answers."""
    asked = set(asked_now(form, answers, today))
    return [at for at, page in enumerate(form.pages) if any(each.name in asked for each in page.questions)]
