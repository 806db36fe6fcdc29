"""Checking the answers to a form: normalised, or refused with everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import jsonschema_rs

from hub.forms.compile import compile_form
from hub.forms.conditions import Answer, comparisons, holds
from hub.forms.errors import AnswersRefused, Problem
from hub.forms.fields import Unreadable, counted, is_blank, read_answer
from hub.forms.patterns import LINEAR
from hub.forms.shape import MOST_QUESTIONS, QUESTION_NAME, Form, Question
from tenants.languages import Text

_MOST_ANSWERS: Final = 2 * MOST_QUESTIONS
_ALL: Final = "answers"
"""The field of a problem with the answers as a whole."""
_NAME = re.compile(QUESTION_NAME)


def check_answers(form: Form, answers: object, today: date) -> dict[str, Answer]:
    """The answers as they are stored with a ticket: only those given, normalised, in the form's order.

    `answers` is JSON by question name; null, blank text and empty lists are silence. `today` is the date
    where the answers are given, for limits such as `latest: today`. Questions that are not visible are not
    required, and an answer to one is refused rather than dropped.

    Raises `AnswersRefused` with every problem found. The same schema is enforced that `compile_form`
    publishes.
    """
    if not isinstance(answers, Mapping):
        raise AnswersRefused((Problem(_ALL, _NOT_BY_NAME),))
    if len(answers) > _MOST_ANSWERS:
        raise AnswersRefused((Problem(_ALL, _TOO_MANY),))
    compiled = _compile(form)
    reading = _read(compiled, answers, today)
    problems = reading.problems + _unknown(form, answers)
    if compiled.validator.is_valid(reading.answers):
        if problems:
            raise AnswersRefused(tuple(problems))
        return reading.answers
    problems += _against_schema(form, compiled, reading)
    raise AnswersRefused(_in_order(form, problems) or (Problem(_ALL, _DO_NOT_FIT),))


@dataclass(frozen=True, slots=True)
class _Step:
    """A question and the earlier ones its visibility hangs on."""

    question: Question
    hangs_on: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Compiled:
    steps: tuple[_Step, ...]
    validator: jsonschema_rs.Draft202012Validator


@dataclass(slots=True)
class _Reading:
    """What was read so far; of an `unsure` question it is not known whether, or how, it is answered."""

    answers: dict[str, Answer]
    problems: list[Problem]
    unsure: set[str]


@lru_cache(maxsize=256)
def _compile(form: Form) -> _Compiled:
    steps = tuple(
        _Step(
            question,
            frozenset()
            if question.visible_when is None
            else frozenset(comparison.question for _, comparison in comparisons(question.visible_when)),
        )
        for question in form.questions
    )
    validator = jsonschema_rs.Draft202012Validator(
        compile_form(form),
        validate_formats=True,
        ignore_unknown_formats=False,
        pattern_options=LINEAR,
        offline=True,
    )
    return _Compiled(steps, validator)


def _read(compiled: _Compiled, answers: Mapping[object, object], today: date) -> _Reading:
    reading = _Reading({}, [], set())
    for step in compiled.steps:
        question = step.question
        name = question.name
        value = answers.get(name)
        blank = is_blank(question.kind, value)
        if question.visible_when is not None:
            if not reading.unsure.isdisjoint(step.hangs_on):
                reading.unsure.add(name)
                if blank:
                    continue
            elif not holds(question.visible_when, reading.answers):
                if not blank:
                    reading.problems.append(Problem(name, _not_asked(question)))
                continue
        if blank:
            if question.required:
                reading.problems.append(Problem(name, _missing(question)))
                reading.unsure.add(name)
            continue
        try:
            reading.answers[name] = read_answer(question, value, today)
        except Unreadable as error:
            reading.unsure.add(name)
            reading.problems += [
                Problem(f"{name}.{part}" if part else name, says) for part, says in error.wrong
            ]
    return reading


def _unknown(form: Form, answers: Mapping[object, object]) -> list[Problem]:
    if all(isinstance(name, str) and form.question(name) for name in answers):
        return []
    # Only a name that could be a question's is repeated: any other may hold what no message should carry.
    return [
        Problem(name, _unknown_question(name)) if isinstance(name, str) and _NAME.match(name) else _UNKNOWN
        for name in answers
        if not isinstance(name, str) or form.question(name) is None
    ]


def _against_schema(form: Form, compiled: _Compiled, reading: _Reading) -> list[Problem]:
    """What the schema finds in the answers read; visibility and silence have had their sentences."""
    found: dict[str, Problem] = {}
    for error in compiled.validator.iter_errors(reading.answers):
        keyword = error.kind.name
        question = form.question(str(error.instance_path[0])) if error.instance_path else None
        if question is not None and keyword != "falseSchema" and question.name not in found:
            found[question.name] = Problem(question.name, _breach(question, keyword))
    return list(found.values())


def _in_order(form: Form, problems: list[Problem]) -> tuple[Problem, ...]:
    position = {question.name: index for index, question in enumerate(form.questions)}
    return tuple(
        sorted(problems, key=lambda problem: position.get(problem.field.partition(".")[0], len(position)))
    )


def _breach(question: Question, keyword: str) -> Text:  # noqa: PLR0911 - one sentence for each limit
    label, limits = question.label, question.limits
    match keyword:
        case "minLength":
            return Text(
                ar=f"يجب ألا يقل عدد أحرف إجابة «{label.ar}» عن {limits.min_length}.",
                en=f"The answer to “{label.en}” must have at least"
                f" {counted(limits.min_length or 1, 'character')}.",
            )
        case "maxLength":
            return Text(
                ar=f"يجب ألا يزيد عدد أحرف إجابة «{label.ar}» عن {question.longest}.",
                en=f"The answer to “{label.en}” may have at most {counted(question.longest, 'character')}.",
            )
        case "type":
            return Text(
                ar=f"يجب أن تكون إجابة «{label.ar}» رقمًا صحيحًا بلا كسور.",
                en=f"The answer to “{label.en}” must be a whole number.",
            )
        case "minimum":
            return Text(
                ar=f"يجب ألا تقل إجابة «{label.ar}» عن {limits.minimum}.",
                en=f"The answer to “{label.en}” must be at least {limits.minimum}.",
            )
        case "maximum":
            return Text(
                ar=f"يجب ألا تزيد إجابة «{label.ar}» على {limits.maximum}.",
                en=f"The answer to “{label.en}” must be at most {limits.maximum}.",
            )
        case "minItems":
            return Text(
                ar=f"يجب ألا يقل العدد في إجابة «{label.ar}» عن {limits.at_least}.",
                en=f"“{label.en}” needs at least {limits.at_least}.",
            )
        case "maxItems":
            return Text(
                ar=f"يجب ألا يزيد العدد في إجابة «{label.ar}» على {question.most}.",
                en=f"“{label.en}” takes at most {question.most}.",
            )
        case "uniqueItems":
            return Text(
                ar=f"أُرفق الملف نفسه أكثر من مرة في «{label.ar}».",
                en=f"The same file is attached twice to “{label.en}”.",
            )
    return Text(
        ar=f"إجابة «{label.ar}» ليست بالصيغة المطلوبة.",
        en=f"The answer to “{label.en}” does not have the form required.",
    )


def _missing(question: Question) -> Text:
    label = question.label
    return Text(ar=f"يُرجى الإجابة عن «{label.ar}».", en=f"Please answer “{label.en}”.")


def _not_asked(question: Question) -> Text:
    label = question.label
    return Text(
        ar=f"السؤال «{label.ar}» غير مطروح مع الإجابات السابقة، فلا تُقبل له إجابة.",
        en=f"“{label.en}” is not asked after the earlier answers, so it cannot be answered.",
    )


def _unknown_question(name: str) -> Text:
    return Text(
        ar=f"لا يوجد في هذا النموذج سؤال باسم «{name}».", en=f"This form has no question named “{name}”."
    )


_UNKNOWN: Final = Problem(
    _ALL,
    Text(
        ar="وردت إجابة عن سؤال لا يوجد في هذا النموذج.",
        en="There is an answer to a question this form does not ask.",
    ),
)
_NOT_BY_NAME: Final = Text(
    ar="يجب إرسال الإجابات مرتبة بأسماء الأسئلة.",
    en="The answers must be given by the names of the questions.",
)
_TOO_MANY: Final = Text(
    ar="عدد الإجابات أكبر مما يقبله أي نموذج.", en="There are more answers than any form takes."
)
_DO_NOT_FIT: Final = Text(ar="الإجابات لا توافق هذا النموذج.", en="The answers do not fit this form.")
