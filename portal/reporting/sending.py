"""Sending a report, once: however often its last page is sent, there is one case and one receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.attachments.models import AttachmentState
from hub.attachments.queries import attachment_view
from hub.drafts.actions import drop_draft
from hub.drafts.secrets import drawer_for
from hub.messages.actions import Promised, promise_receipt
from hub.messages.wording import Receipt as ReceiptWritten
from hub.sla.access import promise_to_citizen
from hub.tickets.actions import Opened, open_case
from hub.tickets.moving import reaching
from hub.vocabulary import Channel
from hub.web.visits import Visit
from portal.reporting.desk import Where, mark_of, on_desk, secret_of
from portal.reporting.nearby import answer_of, ticket_chosen
from portal.reporting.receipts import claim_mark, keep_receipt, link_in_letters, promised_to, receipt_kept
from portal.reporting.report import Report
from tenants.context import Context
from tenants.errors import NotFound
from tenants.languages import Text


@dataclass(frozen=True, slots=True)
class FileTold:
    """An uploaded file as pages name it; `refused` is why it is not taken."""

    id: UUID
    name: str
    refused: Text | None


class NothingToSend(Exception):  # noqa: N818 - says how things stand
    """This browser has no such report under way."""


class NotComplete(Exception):  # noqa: N818 - says how things stand
    """Something of the report is missing or wrong, and the review says what."""


def send(visit: Visit, where: Where, *, besides: str | None = None, continues: str = "") -> str:
    """Send the report that this browser has under way; gives the secret that its receipt is kept under.

    Sent again, it is the same receipt. `besides` is the secret of an earlier draft that is used up by it, and
    `continues` the mark of the one that it goes on with: of the two only one is sent. Raises `NothingToSend`,
    `NotComplete`, and the refusals of opening a case; then nothing is sent, and all that was typed stays.
    """
    secret = secret_of(visit, where)
    if secret is None or drawer_for(secret) is None:
        raise NothingToSend()
    promise = promised_to(visit, secret)
    with visit.work() as context:
        if receipt_kept(context, promise) is not None:
            return secret
        desk = on_desk(visit, context, where)
        if desk.secret is None:
            raise NothingToSend()
        report = desk.report
        told = files_told(context, report.answering_files())
        if (
            any(report.incomplete())
            or len(told) < len(report.answering_files())
            or any(one.refused for one in told)
        ):
            raise NotComplete()
        if not all(claim_mark(visit, context, each) for each in (mark_of(secret), continues) if each):
            raise NothingToSend()
        mark = answer_of(report)
        opened = _open(visit, context, report, ticket_chosen(context, report, secret, mark))
        mailed = _write(visit, context, report, opened)
        keep_receipt(context, promise, opened, mailed=mailed, alone=bool(mark) and not opened.follows)
        drop_draft(context, secret)
        if besides is not None:
            drop_draft(context, besides)
    return secret


def files_told(context: Context, files: Sequence[UUID]) -> list[FileTold]:
    """Uploaded files as they stand; those that were kept too long unused are left out."""
    told = []
    for each in files:
        try:
            view = attachment_view(context, each)
        except NotFound:
            continue
        told.append(FileTold(each, view.name, view.reason if view.state is AttachmentState.REFUSED else None))
    return told


def _open(visit: Visit, context: Context, report: Report, earlier: UUID | None) -> Opened:
    return open_case(
        context,
        service=report.offer.service.code,
        description=report.description(),
        subject=report.subject(),
        channel=Channel.WEB,
        answers=report.form_answers() or None,
        form_version=report.offer.form_version,
        place=report.place(),
        reporter=report.reporter(visit.language),
        confidential=report.is_confidential,
        attachments=report.loose_files(),
        earlier=earlier,
    )


def _write(visit: Visit, context: Context, report: Report, opened: Opened) -> bool:
    """Promise the receipt by e-mail, if an address was given; says whether one will come."""
    reporter = report.reporter(visit.language)
    if reporter is None or reporter.email is None:
        return False
    receipt = ReceiptWritten(
        email=reporter.email,
        number=opened.number,
        link=link_in_letters(visit, opened),
        service=report.offer.service.name,
        body=report.offer.tenant.name,
        due_at=_due_at(context, opened),
        zone=report.offer.tenant.zone,
    )
    return promise_receipt(context, receipt) is Promised.PROMISED


def _due_at(context: Context, opened: Opened) -> datetime | None:
    with reaching(context, opened.case_id) as bound:
        clock = promise_to_citizen(bound, opened.case_id, {opened.ticket_id})
    return clock.due_at if clock else None
