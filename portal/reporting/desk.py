"""Where a report under way lies between pages: found by the browser's cookie, and kept again with every page sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response

from hub.attachments.actions import delete
from hub.catalogue.errors import UnknownService
from hub.catalogue.queries import service_on_offer, tenant_on_offer
from hub.drafts.actions import KEPT_FOR, drop_draft, keep_draft
from hub.drafts.content import Draft
from hub.drafts.errors import DraftChangedElsewhere
from hub.drafts.queries import draft_of
from hub.drafts.secrets import new_draft_secret
from hub.forms.access import form_in_force, form_version
from hub.forms.shape import QuestionKind
from hub.looks.queries import face
from hub.web.fields import PREFIX
from hub.web.sent import Sent
from hub.web.visits import Visit
from portal.reporting.own_questions import DISTRICT, GOVERNORATE
from portal.reporting.receipts import SHOWN_FOR, receipt_of
from portal.reporting.report import NOTHING, Offer, Report, begun_with, form_of_draft
from portal.reporting.steps import PLACE, WHAT, Step
from tenants.context import Context
from tenants.errors import NotFound

BASIS: Final = "basis"
SHOWN_FILES: Final = "files."
BEGINS_IN: Final = "near."
_COOKIE: Final = "hub_report_"
# Scripts name a report that they kept on the device by its secret. No other site can have a browser send this header.
_BROUGHT: Final = "Hub-Report"
# Two tabs that send at the same moment come one after the other.
TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class Where:
    """Which body's service is reported to, by their codes."""

    tenant: str
    service: str

    @property
    def path(self) -> str:
        """The address of its report, without the language."""
        return f"/agencies/{self.tenant}/services/{self.service}/report"

    @property
    def cookie(self) -> str:
        """The cookie that the report's secret is kept in: one for each service, so that two reports do not meet."""
        return _COOKIE + hashlib.sha256(f"{self.tenant}/{self.service}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class OnDesk:
    """A report as it lies there; `secret` is None, and `version` 0, while nothing of it is kept."""

    report: Report
    secret: str | None
    version: int


class Outcome(Enum):
    """What came of a page that was sent."""

    KEPT = auto()
    # Another window kept something else of this page; what was typed here is not kept yet.
    CHANGED_ELSEWHERE = auto()
    # The report that the page belonged to was forgotten, or is another browser's: a new one begins with the page.
    BEGUN_ANEW = auto()
    # It was sent; nothing can be added in this way.
    SENT_BEFORE = auto()


@dataclass(frozen=True, slots=True)
class Taken:
    """A page that was sent: what came of it, the report with what was typed, and what is kept of it."""

    outcome: Outcome
    report: Report
    step: Step
    secret: str | None
    kept: Report


def secret_of(visit: Visit, where: Where) -> str | None:
    """The secret that this browser holds for a report, or that its device kept one under."""
    return secret_brought(visit) or secret_in_cookie(visit, where)


def secret_brought(visit: Visit) -> str | None:
    """The secret of a report that was kept on the device, where scripts send that one."""
    return visit.request.headers.get(_BROUGHT) or None


def secret_in_cookie(visit: Visit, where: Where) -> str | None:
    """The secret of the report that this browser has under way page by page."""
    return visit.request.cookies.get(where.cookie) or None


def mark_of(secret: str) -> str:
    """What pages may say of a report under way, so that what goes on with it can name it: it opens nothing."""
    return hashlib.sha256(f"mark {secret}".encode()).hexdigest()[:32]


def nothing_on_desk(context: Context, where: Where) -> Report:
    """An empty report, the same for everybody; raises `NotFound` for a service that is not offered."""
    draft = Draft(tenant=where.tenant, service=where.service)
    offer = _offer(context, where, draft)
    return Report(offer, begun_with(draft, offer.service.form_id, offer.form_version))


def on_desk(visit: Visit, context: Context, where: Where, *, begun: Draft | None = None) -> OnDesk:
    """The report that this browser has under way, or an empty one, or one as it was `begun` elsewhere, with its files.

    Raises `NotFound` for a service that is not offered.
    """
    secret = secret_of(visit, where)
    kept = draft_of(context, secret) if secret else None
    if kept is not None and (kept.draft.tenant, kept.draft.service) != (where.tenant, where.service):
        kept = None
    draft = kept.draft if kept else begun or Draft(tenant=where.tenant, service=where.service)
    if kept and begun:
        # All of it is sent each time, and goes by the form that it was written by at last.
        draft = replace(begun, files=draft.files, uploads=draft.uploads, together=draft.together)
    offer = _offer(context, where, draft)
    report = Report(offer, begun_with(draft, offer.service.form_id, offer.form_version))
    return OnDesk(report, secret if kept else None, kept.version if kept else 0)


def take(
    visit: Visit,
    where: Where,
    name: str,
    files: Mapping[str, Sequence[UUID]],
    *,
    at: tuple[float, float] | None = None,
) -> Taken:
    """Keep one page of a report as it was sent, slips and all, with files that were uploaded just now.

    `at` is a point that the citizen chose for the place. Raises `NotFound` for a step that is not asked, and
    `DraftTooLarge`.
    """
    sent_before = receipt_of(visit, secret_of(visit, where)) is not None
    for attempt in range(TRIES):
        try:
            with visit.work() as context:
                return _take(visit, context, where, name, files, at, sent_before=sent_before)
        except DraftChangedElsewhere:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def discard(visit: Visit, where: Where) -> None:
    """Erase the report under way, because its citizen asked."""
    with visit.work() as context:
        desk = on_desk(visit, context, where)
        for file in {*desk.report.answering_files(), *desk.report.draft.uploads.values()}:
            with suppress(NotFound):
                delete(context, file)
        if desk.secret is not None:
            drop_draft(context, desk.secret)


def remember(
    visit: Visit, response: Response, where: Where, secret: str, seconds: timedelta = KEPT_FOR
) -> Response:
    """Have the browser hold a report's secret for as long as the report is kept; what a device keeps it holds itself."""
    if secret_brought(visit) == secret:
        return response
    visit.keep(response, where.cookie, secret, int(seconds.total_seconds()))
    return response


def hand_over(visit: Visit, response: Response, where: Where, secret: str) -> None:
    """Make a report that a device kept the one that this browser has under way page by page."""
    visit.keep(response, where.cookie, secret, int(KEPT_FOR.total_seconds()))


def remember_receipt(visit: Visit, response: Response, where: Where, secret: str) -> Response:
    """Have the browser hold the secret for as long as it may show the receipt again."""
    return remember(visit, response, where, secret, SHOWN_FOR)


def _take(
    visit: Visit,
    context: Context,
    where: Where,
    name: str,
    files: Mapping[str, Sequence[UUID]],
    at: tuple[float, float] | None,
    *,
    sent_before: bool,
) -> Taken:
    sent, desk = visit.sent, on_desk(visit, context, where)
    report = _where_it_is(desk.report, name, sent)
    step = report.step(name)
    if step is None:
        raise NotFound(field="step")
    is_fresh = sent.value(BASIS) in ("", NOTHING)
    if desk.secret is None and sent_before and not (is_fresh and name == WHAT):
        return Taken(Outcome.SENT_BEFORE, report.took(step, sent), step, None, report)
    left, removed = _files_left(report, step, sent, files)
    took = report.took(step, sent, files=left)
    step = took.step(name) or step
    if at is not None:
        took = took.at(*at)
    if desk.secret is None:
        took = took.begun_in(sent.value(BEGINS_IN + GOVERNORATE), sent.value(BEGINS_IN + DISTRICT))
    basis = desk.report.basis(step)
    is_stale = desk.secret is not None and sent.value(BASIS) != basis and took.basis(step) != basis
    kept = desk.report.took(step, desk.report.sent(step), files=left) if is_stale else took
    # A secret that was used up stays so: what comes after it is another report.
    secret = desk.secret or new_draft_secret()
    keep_draft(context, secret, kept.draft, version=desk.version)
    for file in removed:
        with suppress(NotFound):
            delete(context, file)
    if is_stale:
        outcome = Outcome.CHANGED_ELSEWHERE
    elif desk.secret is None and not (is_fresh and name == WHAT):
        outcome = Outcome.BEGUN_ANEW
    else:
        outcome = Outcome.KEPT
    return Taken(outcome, took, step, secret, kept)


def _where_it_is(report: Report, name: str, sent: Sent) -> Report:
    """The report as it asks for the districts of the governorate that was just chosen."""
    return report.in_governorate(sent.value(PREFIX + GOVERNORATE)) if name == PLACE else report


def _files_left(
    report: Report, step: Step, sent: Sent, added: Mapping[str, Sequence[UUID]]
) -> tuple[dict[str, list[UUID]], list[UUID]]:
    """The files of a step's questions after some were taken out and others added, and those taken out.

    Only what the page showed can be taken out by it: another window may have added more.
    """
    left: dict[str, list[UUID]] = {}
    removed: list[UUID] = []
    for question in step.page.questions:
        if question.kind is not QuestionKind.FILE:
            continue
        shown = set(sent.value(SHOWN_FILES + question.name).split())
        out = shown - set(sent.values(PREFIX + question.name))
        before = report.files(question.name)
        left[question.name] = [*(one for one in before if str(one) not in out), *added.get(question.name, ())]
        removed += [one for one in before if str(one) in out]
    return left, removed


def _offer(context: Context, where: Where, draft: Draft) -> Offer:
    tenant, look = tenant_on_offer(context), face(context)
    try:
        service = service_on_offer(context, where.service)
    except UnknownService:
        raise NotFound(field="service") from None
    today = context.now.astimezone(ZoneInfo(tenant.zone)).date()
    if service.form_id is None:
        return Offer(tenant, look, service, today, None, None, form_changed=bool(form_of_draft(draft)[0]))
    begun, version = form_of_draft(draft)
    if begun == str(service.form_id) and version is not None:
        with suppress(NotFound):
            # A report goes on under the version that it was begun with.
            return Offer(
                tenant,
                look,
                service,
                today,
                form_version(context, context.tenant_id, service.form_id, version),
                version,
            )
    now, form = form_in_force(context, context.tenant_id, service.form_id)
    return Offer(tenant, look, service, today, form, now, form_changed=bool(begun))
