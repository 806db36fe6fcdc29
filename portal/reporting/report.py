"""A report under way: what it is about, its steps, what was typed into each, and what is still wrong or missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import orjson

from hub.catalogue.queries import ServiceOnOffer, TenantOnOffer
from hub.drafts.content import Draft
from hub.forms.conditions import comparisons
from hub.forms.errors import Problem
from hub.forms.fields import Unreadable, is_blank, read_answer
from hub.forms.shape import MOST_OPTIONS, Form, Question, QuestionKind
from hub.looks.queries import Face
from hub.people import contacts
from hub.people.actions import Reporter
from hub.people.errors import EmailRefused, PhoneRefused, ShortPhoneRefused
from hub.reference import cities, governorates
from hub.tickets.actions import Place
from hub.web.answers import answers_sent, only_asked, problems_on
from hub.web.fields import PREFIX, parts_of
from hub.web.sent import Sent
from portal.reporting import own_questions as own
from portal.reporting.steps import REVIEW, Asked, Part, Step, steps_of
from tenants.languages import Language, Text

NOTHING: Final = "nothing"
"""The basis of a step that nothing was typed into."""
_FORM_ID: Final = "form"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is reported to: a body's service, the form that this report goes by, and the date there.

    `form_changed` says that the service asks by another form than the report was begun with.
    """

    tenant: TenantOnOffer
    face: Face
    service: ServiceOnOffer
    today: date
    form: Form | None
    form_version: int | None
    form_changed: bool = False


@dataclass(frozen=True)
class Report:
    """What a citizen has typed so far, against what is asked."""

    offer: Offer
    draft: Draft

    @cached_property
    def steps(self) -> Sequence[Step]:
        """The steps asked as things stand."""
        return steps_of(
            Asked(
                kind=self.offer.service.kind,
                form=self.offer.form,
                may_be_confidential=self.offer.service.confidential_allowed,
                country=self.offer.tenant.country,
                governorate=_first(self.draft.place, own.GOVERNORATE),
                answers=self._raw(self.offer.form, Part.ANSWERS) if self.offer.form else {},
                today=self.offer.today,
            )
        )

    def step(self, name: str) -> Step | None:
        """The step of a name, if it is asked."""
        return next((step for step in self.steps if step.name == name), None)

    def after(self, step: Step) -> Step | None:
        """The step that comes next; None before the review."""
        names = [each.name for each in self.steps]
        at = names.index(step.name) + 1 if step.name in names else len(names)
        return self.steps[at] if at < len(self.steps) else None

    def before(self, step: Step) -> Step | None:
        """The step that came before; None for the first."""
        names = [each.name for each in self.steps]
        at = names.index(step.name) if step.name in names else 0
        return self.steps[at - 1] if at else None

    def goes_on_at(self) -> str:
        """Where somebody who comes back goes on: at what hinders it, or after the page that was kept last."""
        names = [step.name for step in self.steps]
        last = names.index(self.draft.page) + 1 if self.draft.page in names else 0
        hindered = (names.index(step.name) for step, _ in self.incomplete())
        at = min([last, *hindered])
        return names[at] if at < len(names) else REVIEW

    def sent(self, step: Step) -> Sent:
        """What was typed into a step, as a form would send it again."""
        return Sent(
            {
                PREFIX + name: values
                for name, values in self._fields(step.part)
                if _question_of(step, name) is not None
            }
            | {
                PREFIX + each.name: [str(one) for one in self.files(each.name)]
                for each in _file_questions(step)
            }
        )

    def answers(self, step: Step) -> dict[str, Any]:
        """The raw answers to the form of a step, without those not asked any more."""
        return only_asked(step.form, self._raw(step.form, step.part), self.offer.today)

    def problems(self, step: Step) -> tuple[Problem, ...]:
        """What is wrong with a step or missing from it."""
        answers = self.answers(step)
        found = problems_on(step.form, step.page, answers, self.offer.today)
        return tuple(self._about_you(answers, found)) if step.part is Part.REPORTER else found

    def incomplete(self) -> Iterator[tuple[Step, tuple[Problem, ...]]]:
        """The steps that hinder the report from being sent, and why."""
        for step in self.steps:
            problems = self.problems(step)
            if problems:
                yield step, problems

    def basis(self, step: Step) -> str:
        """A mark of what is kept of a step; a page made from another is stale. Files are no part of it."""
        kept = {
            name: list(values)
            for name, values in sorted(self._fields(step.part))
            if _question_of(step, name) is not None
        }
        return hashlib.sha256(orjson.dumps(kept)).hexdigest()[:12] if kept else NOTHING

    def took(self, step: Step, sent: Sent, *, files: Mapping[str, Sequence[UUID]] | None = None) -> Report:
        """The report with one step as it was sent, and files of its questions as they are now."""
        # A place is asked on one page, whose questions hang on its governorate: nothing of an earlier one is left.
        kept: dict[str, list[str]] = {
            name: list(values)
            for name, values in (() if step.part is Part.PLACE else self._fields(step.part))
            if _question_of(step, name) is None
        }
        for question in step.page.questions:
            if question.kind is QuestionKind.FILE:
                continue
            for name in _names(question):
                values = [value for value in sent.values(PREFIX + name)[:MOST_OPTIONS] if value.strip()]
                if values:
                    kept[name] = values
        if step.part is Part.PLACE:
            _settle_place(step, kept)
        draft = replace(self.draft, page=step.name, files={**self.draft.files, **(files or {})})
        return Report(self.offer, _with_part(draft, step.part, kept))

    def at(self, latitude: float, longitude: float) -> Report:
        """The report with a point on the map as its place, where it has none: in the form's first question for one."""
        found = self._place_field()
        if found is None:
            return self
        part, prefix = found
        kept = {name: list(values) for name, values in self._fields(part)}
        for name, degrees in zip(own.COORDINATES, (latitude, longitude), strict=True):
            kept[prefix + name] = [f"{degrees:.6f}"]
        return Report(self.offer, _with_part(self.draft, part, kept))

    def begun_in(self, governorate: str, district: str) -> Report:
        """The report as if its governorate and district had been chosen, where it asks for them and has none yet.

        For who comes from what others reported there; what names no place of the body's country is left out.
        """
        found, country = self._place_field(), self.offer.tenant.country
        if found is None or country is None or governorate not in governorates(country):
            return self
        part, prefix = found
        kept = {name: list(values) for name, values in self._fields(part)}
        if prefix + own.GOVERNORATE in kept:
            return self
        kept[prefix + own.GOVERNORATE] = [governorate]
        city = cities(country).get(district)
        # In the service's own form a district is written and not chosen.
        if part is Part.PLACE and city is not None and city.governorate == governorate:
            kept[own.DISTRICT] = [district]
        return Report(self.offer, _with_part(self.draft, part, kept))

    @property
    def wants_a_point(self) -> bool:
        """Whether it asks for a place and has no point on the map yet."""
        found = self._place_field()
        return found is not None and not any(
            name == found[1] + own.COORDINATES[0] for name, _ in self._fields(found[0])
        )

    def files(self, question: str) -> Sequence[UUID]:
        """The files that answer a question."""
        return self.draft.files.get(question, ())

    def asked_elsewhere(self, step: Step) -> dict[str, Any]:
        """The answers of other pages that questions of this one hang on, for scripts."""
        wanted = {
            comparison.question
            for question in step.page.questions
            if question.visible_when is not None
            for _, comparison in comparisons(question.visible_when)
        } - {question.name for question in step.page.questions}
        found: dict[str, Any] = {}
        for name, raw in self.answers(step).items() if wanted else ():
            question = step.form.question(name)
            if name in wanted and question is not None and not is_blank(question.kind, raw):
                try:
                    found[name] = read_answer(question, raw, self.offer.today)
                except Unreadable:
                    continue
        return found

    def description(self) -> str:
        """What it is about, as it was typed."""
        return _first(self.draft.words, own.DESCRIPTION)

    def subject(self) -> str | None:
        """The short title, if one was typed."""
        return _first(self.draft.words, own.SUBJECT) or None

    def form_answers(self) -> dict[str, Any]:
        """The answers to the service's own form, as they are to be checked and kept."""
        form = self.offer.form
        return only_asked(form, self._raw(form, Part.ANSWERS), self.offer.today) if form else {}

    def place(self) -> Place | None:
        """Where it is, if that was asked beside the service's form and told."""
        step = next((each for each in self.steps if each.part is Part.PLACE), None)
        if step is None:
            return None
        told = self.answers(step)
        read = {
            name: read_answer(question, told[name], self.offer.today)
            for question in step.page.questions
            if (name := question.name) in told
        }
        return Place(**read) if read else None  # type: ignore[arg-type] # a number or text as each question says

    def reporter(self, language: Language) -> Reporter | None:
        """Who tells it, if they said anything of themselves."""
        told = {name: _first(self.draft.reporter, name) for name in (own.NAME, own.PHONE, own.EMAIL)}
        if not any(told.values()):
            return None
        return Reporter(
            name=told[own.NAME] or None,
            phone=told[own.PHONE] or None,
            email=told[own.EMAIL] or None,
            language=language,
        )

    @property
    def is_confidential(self) -> bool:
        """Whether the body is not to learn who tells it."""
        allowed = self.offer.service.confidential_allowed
        return allowed and _first(self.draft.reporter, own.CONFIDENTIAL) == "yes"

    def loose_files(self) -> Sequence[UUID]:
        """The files that answer no question of the service's form."""
        asked = any(each.takes_files for each in self.steps if not each.is_of_the_service)
        return self.files(own.FILES) if asked else ()

    def answering_files(self) -> Sequence[UUID]:
        """All files that go with it as things stand."""
        asked = {each.name for step in self.steps for each in _file_questions(step)}
        return [one for name in sorted(asked) for one in self.files(name)]

    def in_governorate(self, governorate: str) -> Report:
        """The report as if a governorate had just been chosen, for asking for its districts."""
        place = {**self.draft.place, own.GOVERNORATE: [governorate]}
        return Report(self.offer, replace(self.draft, place=place))

    def _raw(self, form: Form, part: Part) -> dict[str, Any]:
        fields: dict[str, Sequence[str]] = {PREFIX + name: values for name, values in self._fields(part)}
        for question in form.questions:
            if question.kind is QuestionKind.FILE:
                fields[PREFIX + question.name] = [str(one) for one in self.files(question.name)]
        return answers_sent(form.questions, Sent(fields))

    def _fields(self, part: Part) -> Iterator[tuple[str, Sequence[str]]]:
        kept: Mapping[str, Any] = getattr(self.draft, part.value)
        return ((name, values) for name, values in kept.items() if name != _FORM_ID)

    def _place_field(self) -> tuple[Part, str] | None:
        for step in self.steps:
            if step.part is Part.PLACE:
                return Part.PLACE, ""
            for question in step.page.questions:
                if question.kind is QuestionKind.PLACE:
                    return step.part, f"{question.name}."
        return None

    def _about_you(self, answers: Mapping[str, Any], found: Sequence[Problem]) -> Iterator[Problem]:
        """What people's own records refuse: stricter than questions are, as somebody has to be reached."""
        readers = {own.PHONE: contacts.read_phone, own.EMAIL: contacts.read_email}
        yield from (problem for problem in found if problem.field not in readers)
        for name, read in readers.items():
            if name in answers:
                try:
                    read(str(answers[name]))
                except (EmailRefused, PhoneRefused, ShortPhoneRefused) as refused:
                    yield Problem(
                        name,
                        Text(ar=refused.sentence(Language.ARABIC), en=refused.sentence(Language.ENGLISH)),
                    )


def form_of_draft(draft: Draft) -> tuple[str, int | None]:
    """The id of the form that a draft was begun with, and its version."""
    return _first(draft.words, _FORM_ID), draft.form_version


def begun_with(draft: Draft, form_id: UUID | None, version: int | None) -> Draft:
    """A draft that goes by a version of a form from now on."""
    words = {**draft.words, _FORM_ID: [str(form_id)]} if form_id else {**draft.words}
    return replace(draft, words=words, form_version=version)


def _with_part(draft: Draft, part: Part, fields: Mapping[str, Sequence[str]]) -> Draft:
    match part:
        case Part.WORDS:
            known = {name: draft.words[name] for name in (_FORM_ID,) if name in draft.words}
            return replace(draft, words={**fields, **known})
        case Part.ANSWERS:
            return replace(draft, answers=fields)
        case Part.PLACE:
            return replace(draft, place=fields)
        case Part.REPORTER:
            return replace(draft, reporter=fields)


def _settle_place(step: Step, fields: dict[str, list[str]]) -> None:
    """Leave out a point that only a script can have sent wrong, and a district of another governorate."""
    try:
        pair = [float(fields.pop(name, [""])[0]) for name in own.COORDINATES]
    except ValueError:
        pair = []
    if len(pair) == len(own.COORDINATES) and abs(pair[0]) <= 90 and abs(pair[1]) <= 180:  # noqa: PLR2004 - degrees
        fields.update({name: [f"{each:.6f}"] for name, each in zip(own.COORDINATES, pair, strict=True)})
    district = step.form.question(own.DISTRICT)
    if district is None or fields.get(own.DISTRICT, [""])[0] not in district.option_values:
        fields.pop(own.DISTRICT, None)


def _names(question: Question) -> Sequence[str]:
    parts = parts_of(question.kind)
    return [f"{question.name}.{part}" for part in parts] if parts else [question.name]


def _question_of(step: Step, field: str) -> Question | None:
    name = field.partition(".")[0]
    return next((each for each in step.page.questions if each.name == name), None)


def _file_questions(step: Step) -> Iterator[Question]:
    return (each for each in step.page.questions if each.kind is QuestionKind.FILE)


def _first(fields: Mapping[str, Any], name: str) -> str:
    values = fields.get(name) or [""]
    return str(values[0]).strip()
