"""The steps of a report: one page of questions each, in the order they are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from hub.forms.shape import Form, Page, QuestionKind
from hub.vocabulary import Kind
from hub.web.answers import pages_asked
from portal.reporting.own_questions import files_form, known_place, place_form, what_form, you_form
from tenants.languages import Text

WHAT: Final = "what"
PLACE: Final = "place"
FILES_STEP: Final = "files"
YOU: Final = "you"
REVIEW: Final = "review"
_OF_THE_FORM: Final = "questions-"


class Part(StrEnum):
    """The parts of a draft that steps are kept in."""

    WORDS = "words"
    ANSWERS = "answers"
    PLACE = "place"
    REPORTER = "reporter"


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a report: its name in the address, whose questions it asks, and where they are kept."""

    name: str
    form: Form
    page: Page
    part: Part

    @property
    def title(self) -> Text:
        """What it is headed by."""
        return self.page.title

    @property
    def is_of_the_service(self) -> bool:
        """Whether the service's own form asks it."""
        return self.part is Part.ANSWERS

    @property
    def takes_files(self) -> bool:
        """Whether a question of it is answered with files."""
        return any(question.kind is QuestionKind.FILE for question in self.page.questions)


@dataclass(frozen=True, slots=True)
class Asked:
    """What steps hang on: the service's kind and form, and what was answered so far."""

    kind: Kind
    form: Form | None
    may_be_confidential: bool
    country: str | None
    governorate: str
    answers: Mapping[str, Any]
    today: date


def steps_of(asked: Asked) -> Sequence[Step]:
    """The steps that are asked as things stand; the review comes after them.

    Where it is and files are asked for by themselves only if the service's own form does not ask for them.
    """
    form = asked.form
    own = [_own(WHAT, what_form(asked.kind), Part.WORDS)]
    kinds = {question.kind for question in form.questions} if form else set()
    if form is not None:
        own += [page_of_form(form, at) for at in pages_asked(form, asked.answers, asked.today)]
    if QuestionKind.PLACE not in kinds:
        own.append(_own(PLACE, place_form(*known_place(asked.country, asked.governorate)), Part.PLACE))
    if QuestionKind.FILE not in kinds:
        own.append(_own(FILES_STEP, files_form(), Part.WORDS))
    own.append(_own(YOU, you_form(may_be_confidential=asked.may_be_confidential), Part.REPORTER))
    return own


def page_of_form(form: Form, at: int) -> Step:
    """The step that asks one page of the service's own form."""
    return Step(f"{_OF_THE_FORM}{at + 1}", form, form.pages[at], Part.ANSWERS)


def _own(name: str, form: Form, part: Part) -> Step:
    return Step(name, form, form.pages[0], part)
