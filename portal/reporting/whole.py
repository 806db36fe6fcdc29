"""A report as one page: all its questions at once, to be written without a line, and read back when there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from hub.drafts.content import Draft
from hub.forms.shape import QuestionKind
from hub.reference import cities, governorates
from hub.web.answers import asked_now
from hub.web.fields import PREFIX, Field, fields_of
from hub.web.sent import Sent
from portal.reporting import own_questions as own
from portal.reporting.desk import Where
from portal.reporting.report import Report, begun_with
from portal.reporting.steps import WHAT, Part, Step, page_of_form
from tenants.languages import Text

_FORM: Final = "form"


@dataclass(frozen=True, slots=True)
class Section:
    """One step's questions as they stand on the whole page; `is_asked` unless they hang on answers to earlier ones."""

    step: Step
    fields: Sequence[Field]
    is_asked: bool

    @property
    def asks_for_a_place(self) -> bool:
        """Whether a point on the map may answer it."""
        of_form = any(question.kind is QuestionKind.PLACE for question in self.step.page.questions)
        return of_form or self.step.part is Part.PLACE


@dataclass(frozen=True, slots=True)
class Districts:
    """The districts of one governorate, by their codes."""

    code: str
    name: Text
    districts: Mapping[str, Text]


def sections_of(report: Report) -> list[list[Section]]:
    """All that a report may ask, each step once; those that hang on each other's answers stand together."""
    together: list[list[Section]] = []
    for step in _whole(report):
        section = _section(report, step)
        if together and step.is_of_the_service and together[-1][0].step.is_of_the_service:
            together[-1].append(section)
        else:
            together.append([section])
    return together


def districts_of(country: str | None) -> list[Districts]:
    """The districts of all governorates: without a line nobody can ask for those of one."""
    known, _ = own.known_place(country, "")
    if known is None:
        return []
    found = [
        Districts(
            code,
            each.name,
            {of: city.name for of, city in cities(known).items() if city.governorate == code},
        )
        for code, each in governorates(known).items()
    ]
    return [each for each in found if len(each.districts) > 1]


def form_told(report: Report) -> str:
    """The form and the version that a page was made by, for the page to say when it is sent."""
    form_id, version = report.offer.service.form_id, report.offer.form_version
    return f"{form_id}/{version}" if form_id is not None else ""


def begun_by(where: Where, sent: Sent) -> Draft:
    """An empty report under the form that the page says it was made by."""
    form_id, _, version = sent.value(_FORM).partition("/")
    draft = Draft(tenant=where.tenant, service=where.service)
    try:
        return begun_with(draft, UUID(form_id), int(version[:9]))
    except ValueError:
        return draft


def read_back(
    report: Report,
    sent: Sent,
    files: Mapping[str, Sequence[UUID]],
    earlier: Mapping[str, Sequence[UUID]] | None = None,
) -> Report:
    """The report with all that a whole page sent, and with these files for the questions that ask for some.

    Files of `earlier` pages stay beside them as far as there is room.
    """
    before = earlier or {}
    chosen = sent.value(f"{Part.PLACE.value}.{PREFIX}{own.GOVERNORATE}")
    read = report.in_governorate(chosen)
    for step in _whole(read):
        of_step = {}
        for each in step.page.questions:
            if each.kind is QuestionKind.FILE:
                mine = files.get(each.name, ())
                room = max(each.most - len(mine), 0)
                of_step[each.name] = [*before.get(each.name, ())[:room], *mine]
        read = read.took(step, _part_of(sent, step.part), files=of_step)
    return read


def _whole(report: Report) -> list[Step]:
    """All steps that a report may have: its own, and every page of the service's form, asked as things stand or not."""
    beside = [step for step in report.steps if not step.is_of_the_service]
    form = report.offer.form
    pages = [page_of_form(form, at) for at in range(len(form.pages))] if form else []
    first = [step for step in beside if step.name == WHAT]
    return [*first, *pages, *(step for step in beside if step.name != WHAT)]


def _section(report: Report, step: Step) -> Section:
    asked = asked_now(step.form, {}, report.offer.today)
    fields = [
        replace(
            each,
            name=f"{step.part.value}.{each.name}",
            autocomplete=own.AUTOCOMPLETE.get(each.question)
            if step.part is Part.REPORTER
            else each.autocomplete,
        )
        for each in fields_of(
            step.page.questions,
            {},
            shown=asked,
            governorates=own.governorates_on_offer(report.offer.tenant.country),
        )
        if not (step.part is Part.PLACE and each.question in own.COORDINATES)
    ]
    return Section(step, fields, any(not each.hidden for each in fields))


def _part_of(sent: Sent, part: Part) -> Sent:
    start = f"{part.value}."
    return Sent(
        {name.removeprefix(start): values for name, values in sent.fields.items() if name.startswith(start)}
    )
