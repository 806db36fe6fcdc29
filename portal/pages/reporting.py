"""Telling of a problem, a page a step, until it is sent and has its number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends
from starlette.responses import Response

from hub.attachments.settings import file_settings
from hub.drafts.errors import DraftOver, DraftTooLarge
from hub.forms.errors import Problem
from hub.forms.shape import QuestionKind
from hub.messages.queries import mail_is_sent
from hub.stories.queries import case_for_citizen
from hub.tickets.numbers import grouped
from hub.web.answers import asked_now, turned_up
from hub.web.faces import sentence_of, status_of
from hub.web.fields import Field, fields_of
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.sent import Sent
from hub.web.visits import Visit
from portal.reporting import own_questions as own
from portal.reporting.arriving import unfinished_uploads
from portal.reporting.charts import chart_of
from portal.reporting.desk import (
    BEGINS_IN,
    Outcome,
    Taken,
    Where,
    discard,
    mark_of,
    on_desk,
    remember,
    remember_receipt,
    secret_of,
    take,
)
from portal.reporting.nearby import answer_of, earlier_of
from portal.reporting.receipts import SHOWN_FOR, case_link, drawn, receipt_of
from portal.reporting.report import Report
from portal.reporting.sending import NotComplete, NothingToSend, files_told, send
from portal.reporting.showing import Shown, apart, shown_step, shown_steps
from portal.reporting.steps import PLACE, REVIEW, WHAT, YOU, Part, Step
from portal.reporting.uploading import FileRefused, take_files
from tenants.context import CITIZEN
from tenants.errors import NotFound, Refusal
from tenants.languages import Text

# Whole files, several at a time where scripts do not send them one by one.
_MOST_BYTES: Final = 105_000_000
# Longer than any code of a place.
_LONGEST_CODE: Final = 80
_EMERGENCY: Final = "emergency"
_BY_MAIL: Final = Text(
    ar="نرسل إليه إيصالك، وتستطيع به أن ترى كل حالاتك معًا فيما بعد.",
    en="We send your receipt there, and with it you can see all your cases together later on.",
)

router = page_router()
whole = page_router(most_bytes=_MOST_BYTES)
_Anybody = Annotated[Visit, Depends(Anybody())]
_BASE: Final = "/agencies/{tenant}/services/{service}/report"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a page says beside its questions: what is wrong, what was refused, and how things came to stand so."""

    problems: Sequence[Problem] = ()
    refused: Sequence[FileRefused] = ()
    notice: str = ""
    other: Sequence[Shown] = ()
    too_much: Text | None = None
    point: tuple[float, float] | None = None


@router.get(_BASE)
def begin(visit: _Anybody, tenant: str, service: str) -> Response:
    """The first step, or, where a report is under way, whether to go on with it."""
    where = Where(tenant, service)
    with visit.work() as context:
        desk = on_desk(visit, context, where)
    if desk.secret is None:
        return _step(visit, where, desk.report, desk.report.steps[0], _Said(notice=visit.asked("notice")))
    return visit.page(
        "report/unsent.html",
        personal=True,
        where=where,
        offer=desk.report.offer,
        shown=shown_step(desk.report, desk.report.steps[0]),
        apart=apart,
        goes_on=f"{where.path}/{desk.report.goes_on_at()}",
    )


@router.get(_BASE + "/receipt")
def receipt(visit: _Anybody, tenant: str, service: str) -> Response:
    """The number, the PIN and the link, for an hour; what happens next, and by when."""
    where = Where(tenant, service)
    found = receipt_of(visit, secret_of(visit, where))
    if found is None:
        return visit.page("report/no_receipt.html", personal=True, where=where)
    with visit.database.unit_of_work(
        actor=CITIZEN, tenants=visit.caller.tenants, case_id=found.case_id, language=visit.language
    ) as context:
        case = case_for_citizen(context)
        desk = on_desk(visit, context, where)
    link = case_link(visit, found)
    return visit.page(
        "report/receipt.html",
        personal=True,
        where=where,
        offer=desk.report.offer,
        receipt=found,
        number=grouped(found.number),
        until=found.at + SHOWN_FOR,
        case=case,
        link_of_case=link,
        code=drawn(link),
        apart=apart,
    )


@router.get(_BASE + "/review")
def review(visit: _Anybody, tenant: str, service: str) -> Response:
    """Everything that was typed, to be read over; before it, once, what others reported nearby."""
    where = Where(tenant, service)
    with visit.work() as context:
        desk = on_desk(visit, context, where)
        is_new = desk.secret is not None and answer_of(desk.report) is None
        asks = (
            is_new
            and not any(desk.report.incomplete())
            and earlier_of(context, desk.report, desk.secret or "")
        )
    return visit.go_to(f"{where.path}/nearby") if asks else _review(visit, where)


@router.post(_BASE + "/review")
def send_report(visit: _Anybody, tenant: str, service: str) -> Response:
    """Send the report; sent again, it leads to the same receipt."""
    where = Where(tenant, service)
    visit.admitted()
    try:
        secret = send(visit, where)
    except NothingToSend:
        return visit.go_to(where.path, notice="lost")
    except NotComplete:
        return _review(visit, where, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except Refusal as refusal:
        return _review(visit, where, status=status_of(refusal), why=sentence_of(refusal))
    return remember_receipt(visit, visit.go_to(f"{where.path}/receipt"), where, secret)


@router.post(_BASE + "/discard")
def discard_report(visit: _Anybody, tenant: str, service: str) -> Response:
    """Erase the report under way."""
    where = Where(tenant, service)
    discard(visit, where)
    response = visit.go_to(where.path, notice="discarded")
    visit.forget(response, where.cookie)
    return response


@router.post(_BASE + "/forget")
def forget_receipt(visit: _Anybody, tenant: str, service: str) -> Response:
    """Have this browser forget the receipt, where others use it too."""
    where = Where(tenant, service)
    response = visit.go_to(where.path + "/receipt")
    visit.forget(response, where.cookie)
    return response


@router.get(_BASE + "/{step}")
def ask(visit: _Anybody, tenant: str, service: str, step: str) -> Response:
    """One step, with what was typed into it before."""
    where = Where(tenant, service)
    with visit.work() as context:
        desk = on_desk(visit, context, where)
    report = desk.report
    if step == PLACE and visit.asked(own.GOVERNORATE):
        report = report.in_governorate(visit.asked(own.GOVERNORATE))
    found = report.step(step)
    if found is None:
        if desk.secret is None:
            return visit.go_to(where.path, notice="lost")
        raise NotFound(field="step")
    if desk.secret is None and step != WHAT:
        if receipt_of(visit, secret_of(visit, where)) is not None:
            return visit.go_to(f"{where.path}/receipt")
        return visit.go_to(where.path, notice="lost")
    said = _Said(notice="changed" if report.offer.form_changed and found.is_of_the_service else "")
    return _step(visit, where, report, found, said)


@whole.post(_BASE + "/{step}")
def answer(visit: _Anybody, tenant: str, service: str, step: str) -> Response:
    """Keep what a step was answered with, and go on to the next; or show it again with what is wrong."""
    where = Where(tenant, service)
    with visit.work() as context:
        before = on_desk(visit, context, where).report
    found = before.step(step)
    if found is None:
        raise NotFound(field="step")
    brought = take_files(visit, before, found)
    at = _point_chosen(visit.sent)
    try:
        taken = take(visit, where, step, brought.taken, at=at)
    except DraftTooLarge as refusal:
        typed = before.took(found, visit.sent)
        return _step(
            visit, where, typed, found, _Said(too_much=sentence_of(refusal)), basis=visit.sent.value("basis")
        )
    except DraftOver:
        return visit.go_to(f"{where.path}/receipt")
    if taken.outcome is Outcome.SENT_BEFORE:
        return visit.page(
            "report/sent_before.html",
            status=HTTPStatus.CONFLICT,
            personal=True,
            where=where,
            shown=shown_step(taken.report, taken.step),
            apart=apart,
        )
    assert taken.secret is not None  # noqa: S101 - it was kept just now
    response = _after(visit, where, taken, brought.refused, brought.place if at is None else None)
    return remember(visit, response, where, taken.secret)


def _after(
    visit: Visit,
    where: Where,
    taken: Taken,
    refused: Sequence[FileRefused],
    point: tuple[float, float] | None,
) -> Response:
    report, step = taken.report, taken.step
    if taken.outcome is Outcome.CHANGED_ELSEWHERE:
        other = shown_step(taken.kept, step)
        said = _Said(notice="elsewhere", other=other)
        return _step(
            visit,
            where,
            report,
            step,
            said,
            basis=taken.kept.basis(step),
            status=HTTPStatus.CONFLICT,
            secret=taken.secret,
        )
    answers = report.answers(step)
    new = turned_up(step.form, step.page, answers, visit.sent, report.offer.today)
    # A question that has just come up is no mistake yet.
    told = [each for each in report.problems(step) if each.field.partition(".")[0] not in new]
    offered = point if point is not None and report.wants_a_point else None
    if told or refused or new or offered:
        said = _Said(problems=told, refused=refused, point=offered)
        wrong = HTTPStatus.UNPROCESSABLE_ENTITY if told or refused else HTTPStatus.OK
        return _step(visit, where, report, step, said, status=wrong, secret=taken.secret)
    if taken.outcome is Outcome.BEGUN_ANEW:
        return visit.go_to(f"{where.path}/{WHAT}", notice="lost")
    if visit.sent.value("back") == REVIEW:
        return visit.go_to(f"{where.path}/{REVIEW}")
    after = report.after(step)
    return visit.go_to(f"{where.path}/{after.name if after else REVIEW}")


def _step(
    visit: Visit,
    where: Where,
    report: Report,
    step: Step,
    said: _Said,
    *,
    basis: str | None = None,
    status: HTTPStatus | None = None,
    secret: str | None = None,
) -> Response:
    with visit.work() as context:
        files = files_told(context, [one for each in step.page.questions for one in report.files(each.name)])
        unfinished = unfinished_uploads(context, report) if step.takes_files else []
        under_way = secret or on_desk(visit, context, where).secret
    names = {str(each.id): each.name for each in files}
    answers = report.answers(step)
    fields = fields_of(
        step.page.questions,
        {},
        sent=report.sent(step),
        shown=asked_now(step.form, answers, report.offer.today),
        problems=said.problems,
        files=names,
        governorates=own.governorates_on_offer(report.offer.tenant.country),
    )
    gone = [FileRefused(each.name, each.refused, "") for each in files if each.refused is not None]
    before = report.before(step)
    names_of_steps = [each.name for each in report.steps]
    return visit.page(
        "report/step.html",
        status=status or (HTTPStatus.UNPROCESSABLE_ENTITY if said.too_much else HTTPStatus.OK),
        personal=True,
        where=where,
        offer=report.offer,
        step=step,
        fields=[_dressed(step, field) for field in fields if not _is_a_point(step, field)],
        asked=fields,
        point=_point_of(step, fields),
        at=names_of_steps.index(step.name) + 1,
        steps=len(names_of_steps) + 1,
        before=f"{where.path}/{before.name}" if before else "",
        basis=report.basis(step) if basis is None else basis,
        mark=mark_of(under_way) if under_way else "",
        bases=json.dumps({each.name: report.basis(each) for each in report.steps}),
        back=visit.asked("back") or visit.sent.value("back"),
        elsewhere=json.dumps(report.asked_elsewhere(step), ensure_ascii=False),
        shown_files={
            each.name: " ".join(str(one) for one in report.files(each.name))
            for each in step.page.questions
            if each.kind is QuestionKind.FILE
        },
        unfinished=unfinished,
        most_bytes=file_settings().bytes_per_file,
        tells=said,
        notice=said.notice or visit.asked("notice"),
        refused=[*said.refused, *gone],
        emergency=step.name == WHAT and _EMERGENCY in report.offer.service.life_events,
        is_place=step.part is Part.PLACE,
        asks_for_places=step.part is Part.PLACE
        or any(each.kind is QuestionKind.PLACE for each in step.page.questions),
        begins_in=_begins_in(visit) if step.name == WHAT else {},
        chart=chart_of(report.offer.tenant.country),
        apart=apart,
    )


def _begins_in(visit: Visit) -> dict[str, str]:
    """The place that a new report begins in, carried along until its first page is sent."""
    names = (own.GOVERNORATE, own.DISTRICT)
    told = {name: (visit.sent.value(BEGINS_IN + name) or visit.asked(name))[:_LONGEST_CODE] for name in names}
    return {name: value for name, value in told.items() if value}


def _dressed(step: Step, field: Field) -> Field:
    """A field of our own questions with what browsers may fill in, and with what is true of this hub."""
    if step.name != YOU:
        return field
    dressed = replace(field, autocomplete=own.AUTOCOMPLETE.get(field.question))
    return replace(dressed, hint=_BY_MAIL) if field.question == own.EMAIL and mail_is_sent() else dressed


def _is_a_point(step: Step, field: Field) -> bool:
    return step.part is Part.PLACE and field.question in own.COORDINATES


def _point_of(step: Step, fields: Sequence[Field]) -> dict[str, str]:
    return {field.question: field.value for field in fields if _is_a_point(step, field)}


def _point_chosen(sent: Sent) -> tuple[float, float] | None:
    """The place of a photo, where its citizen said that this is where it happened."""
    if sent.value("use_photo_place") != "yes":
        return None
    try:
        latitude, longitude = (float(sent.value(f"photo.{name}")) for name in own.COORDINATES)
    except ValueError:
        return None
    fits = abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004 - degrees
    return (latitude, longitude) if fits else None


def _review(
    visit: Visit, where: Where, *, status: HTTPStatus = HTTPStatus.OK, why: Text | None = None
) -> Response:
    with visit.work() as context:
        desk = on_desk(visit, context, where)
        told = {each.id: each for each in files_told(context, desk.report.answering_files())}
    if desk.secret is None:
        if receipt_of(visit, secret_of(visit, where)) is not None:
            return visit.go_to(f"{where.path}/receipt")
        return visit.go_to(where.path, notice="lost")
    steps = shown_steps(desk.report, told)
    return visit.page(
        "report/review.html",
        status=status,
        personal=True,
        where=where,
        offer=desk.report.offer,
        steps=steps,
        wrong=[each for each in steps if each.problems or _has_bad_files(each.answers)],
        confidential=desk.report.is_confidential,
        together=answer_of(desk.report),
        before=f"{where.path}/{desk.report.steps[-1].name}",
        why=why,
        apart=apart,
    )


def _has_bad_files(answers: Sequence[Shown]) -> bool:
    return any(answer.lost_files or any(file.refused for file in answer.files) for answer in answers)
