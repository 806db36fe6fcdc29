"""Answers that a citizen could give to a form, drawn from a source of chance, always such that the form takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from hub.forms.conditions import holds
from hub.forms.fields import GOVERNORATE_CODES
from hub.forms.shape import TODAY, DateLimit, Form, Question, QuestionKind

# The share of yes among answers to yes-or-no questions, most of which ask about danger.
_YES = 0.2
_AS_DESCRIBED = "كما في الوصف"
_LATIN = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the answers are about: the day they are given, the place, and texts for open questions, best first."""

    today: date
    place: dict[str, Any]
    words: Sequence[str] = ()


def answers_to(form: Form, chance: Random, situation: Situation, *, optional: float = 0.4) -> dict[str, Any]:
    """Answers to every required question that is visible, and to a share `optional` of the others."""
    answers: dict[str, Any] = {}
    for question in form.questions:
        # Drawn before asking whether it is visible, so that one answer more or less leaves later ones as they were.
        wanted = question.required or chance.random() < optional
        own = Random(chance.random())  # noqa: S311 - nothing secret is drawn
        if wanted and (question.visible_when is None or holds(question.visible_when, answers)):
            answers[question.name] = _ANSWERS[question.kind](question, own, situation)
    return answers


def phone_number(chance: Random) -> str:
    """A number of an Egyptian mobile network."""
    return chance.choice(("010", "011", "012", "015")) + f"{chance.randrange(10**8):08}"


def _choices(question: Question, chance: Random) -> list[str]:
    fewest = question.limits.at_least or 1
    count = chance.randint(fewest, min(question.most, len(question.option_values), fewest + 1))
    chosen = set(chance.sample(question.option_values, count))
    return [value for value in question.option_values if value in chosen]


def _number(question: Question, chance: Random) -> int | float:
    limits = question.limits
    least = limits.minimum if limits.minimum is not None else 0
    # Small numbers are the usual ones, however large a form allows them to be.
    most = min(limits.maximum if limits.maximum is not None else least + 100, least + 400)
    if limits.whole:
        return chance.randint(int(least), int(most))
    return round(chance.uniform(least, most), 1)


def _date(question: Question, chance: Random, today: date) -> date:
    earliest, latest = _limit(question.limits.earliest, today), _limit(question.limits.latest, today)
    if latest is None:
        latest = max(earliest or today, today) + timedelta(days=20) if earliest else today
    earliest = max(earliest or latest - timedelta(days=10), latest - timedelta(days=10))
    return earliest + timedelta(days=chance.randint(0, (latest - earliest).days))


def _limit(limit: DateLimit | None, today: date) -> date | None:
    return today if limit == TODAY else limit


def _national_id(chance: Random) -> str:
    born = date(1955, 1, 1) + timedelta(days=chance.randrange(18_000))
    century = "2" if born.year < 2000 else "3"  # noqa: PLR2004 - the year the digit changes
    governorate = chance.choice(sorted(GOVERNORATE_CODES))
    return f"{century}{born:%y%m%d}{governorate}{chance.randrange(10**5):05}"


def _text(question: Question, chance: Random, words: Sequence[str]) -> str:
    limits = question.limits
    least, most = limits.min_length or 1, question.longest
    if limits.pattern is not None:
        length = chance.randint(max(least, min(6, most)), min(most, max(least, 10)))
        letters = _LATIN if "A-Z" in limits.pattern else "0123456789"
        return "".join(chance.choice(letters) for _ in range(length))
    for text in (*words, _AS_DESCRIBED):
        if least <= len(text) <= most:
            return text
    return (_AS_DESCRIBED + " ") * (least // len(_AS_DESCRIBED)) + _AS_DESCRIBED


_ANSWERS: Mapping[QuestionKind, Callable[[Question, Random, Situation], Any]] = {
    QuestionKind.TEXT: lambda question, chance, about: _text(question, chance, about.words),
    QuestionKind.LONG_TEXT: lambda question, chance, about: _text(question, chance, about.words),
    QuestionKind.CHOICE: lambda question, chance, _: chance.choice(question.option_values),
    QuestionKind.CHOICES: lambda question, chance, _: _choices(question, chance),
    QuestionKind.YES_NO: lambda _, chance, about: chance.random() < _YES,
    QuestionKind.NUMBER: lambda question, chance, _: _number(question, chance),
    QuestionKind.DATE: lambda question, chance, about: _date(question, chance, about.today).isoformat(),
    QuestionKind.NATIONAL_ID: lambda _, chance, about: _national_id(chance),
    QuestionKind.PHONE: lambda _, chance, about: phone_number(chance),
    QuestionKind.EMAIL: lambda _, chance, about: f"citizen{chance.randrange(10_000)}@example.com",
    QuestionKind.PLACE: lambda _, chance, about: dict(about.place),
    QuestionKind.FILE: lambda question, chance, _: [
        str(UUID(int=chance.getrandbits(128))) for _ in range(question.limits.at_least or 1)
    ],
}
