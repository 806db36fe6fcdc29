"""Reports that were written without a line and kept on the device: taken in whole, once, or made ordinary drafts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from uuid import UUID

from hub.drafts.actions import drop_draft, keep_draft
from hub.drafts.errors import DraftChangedElsewhere, DraftOver, DraftTooLarge, DraftUnreadable
from hub.drafts.queries import draft_of
from hub.drafts.secrets import drawer_for
from hub.web.errors import NotReadable
from hub.web.faces import sentence_of, status_of
from hub.web.visits import Visit
from portal.reporting.desk import (
    SHOWN_FILES,
    TRIES,
    Where,
    mark_of,
    on_desk,
    secret_brought,
    secret_in_cookie,
)
from portal.reporting.receipts import Receipt, receipt_in_keeping, was_sent
from portal.reporting.report import Report
from portal.reporting.sending import NotComplete, NothingToSend, files_told, send
from portal.reporting.steps import REVIEW
from portal.reporting.whole import begun_by, read_back
from tenants.context import Context
from tenants.errors import Refusal
from tenants.languages import Text

_LATER: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_MARK: Final = re.compile("[0-9a-f]{32}")


class Asked(StrEnum):
    """What a device wants with a report: have it known before its files come, send it, or go on with it page by page."""

    KEEP = "no"
    SEND = "yes"
    OPEN = "open"


class Because(StrEnum):
    """Why a report needs its citizen."""

    INCOMPLETE = "incomplete"
    FORM_CHANGED = "changed"
    REFUSED = "refused"
    DISCARDED = "discarded"
    SENT_PAGE_BY_PAGE = "sent-before"
    ANOTHER_UNDER_WAY = "another"


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a report from a device: its receipt, or why it needs its citizen; neither while it is only kept.

    `goes_on` is where it goes on page by page, where it can; `why` are the hub's own sentences. `lacks_files` says
    that the hub has not, or no more, all files that the device believes to have sent: then nothing was done.
    """

    secret: str
    receipt: Receipt | None = None
    because: Because | None = None
    why: Sequence[Text] = ()
    goes_on: str = ""
    lacks_files: bool = False


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The pages that a device's report goes on with: their mark, and their secret while this browser holds it."""

    mark: str
    secret: str | None


def take_from_device(visit: Visit, where: Where, asked: Asked) -> Came:
    """Take a report in as its device sends it, and do what is asked with it.

    Sent again, it is the same receipt. Raises `NotReadable` without a secret, `NotFound` for a service that is not
    offered, and what only waiting helps against; then the device tries again.
    """
    secret = secret_brought(visit)
    if secret is None or drawer_for(secret) is None:
        raise NotReadable()
    earlier = _continued(visit, where, secret)
    before = _sent_before(visit, secret, earlier.mark)
    if before is not None:
        return before
    try:
        report = _kept(visit, where, secret, earlier, asked)
    except DraftOver:
        return _over(visit, secret)
    except (DraftTooLarge, DraftUnreadable) as refusal:
        return Came(secret, because=Because.REFUSED, why=[sentence_of(refusal)])
    if report is not None and asked is Asked.SEND:
        return _sent(visit, where, secret, report, earlier)
    if report is not None and asked is Asked.OPEN:
        return _opened(visit, where, secret, earlier.secret)
    return Came(secret, lacks_files=report is None)


def _sent_before(visit: Visit, secret: str, mark: str) -> Came | None:
    """What is told of a report that has arrived, as it is or by the pages that it goes on with."""
    with visit.work() as context:
        receipt = receipt_in_keeping(visit, context, secret)
        if receipt is not None:
            return Came(secret, receipt)
        if mark and was_sent(visit, context, mark):
            return Came(secret, because=Because.SENT_PAGE_BY_PAGE)
    return None


def _continued(visit: Visit, where: Where, secret: str) -> _Earlier:
    """The pages that the device's report goes on with; by now this browser may have others under way."""
    mark = visit.sent.value("continues")
    if _MARK.fullmatch(mark) is None or mark == mark_of(secret):
        return _Earlier("", None)
    there = secret_in_cookie(visit, where)
    is_it = there is not None and drawer_for(there) is not None and mark_of(there) == mark
    return _Earlier(mark, there if is_it else None)


def _kept(visit: Visit, where: Where, secret: str, earlier: _Earlier, asked: Asked) -> Report | None:
    """Keep what was sent under the device's secret: from here on the hub has it; None where files of it are missing."""
    for attempt in range(TRIES):
        try:
            with visit.work() as context:
                desk = on_desk(visit, context, where, begun=begun_by(where, visit.sent))
                there = desk.report.draft.files
                if asked is not Asked.KEEP and _lacks(visit, there):
                    return None
                files: Mapping[str, Sequence[UUID]] = _named(visit, there)
                before = {} if asked is Asked.KEEP else _files_of(context, where, earlier.secret)
                if asked is Asked.OPEN and earlier.mark and not before:
                    # Opened before, and the answer was lost: the earlier pages' files are here already.
                    files = there
                report = read_back(desk.report, visit.sent, files, before)
                keep_draft(context, secret, report.draft, version=desk.version)
                return report
        except DraftChangedElsewhere:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _named(visit: Visit, mine: Mapping[str, Sequence[UUID]]) -> dict[str, list[UUID]]:
    """Of the report's own files those that the device still names: others were taken out."""
    return {
        name: [one for one in files if str(one) in visit.sent.values(SHOWN_FILES + name)]
        for name, files in mine.items()
    }


def _lacks(visit: Visit, mine: Mapping[str, Sequence[UUID]]) -> bool:
    """Whether the device names a file that is not, or no more, in the report."""
    return any(
        not {*values} <= {str(one) for one in mine.get(name.removeprefix(SHOWN_FILES), ())}
        for name, values in visit.sent.fields.items()
        if name.startswith(SHOWN_FILES)
    )


def _files_of(context: Context, where: Where, secret: str | None) -> Mapping[str, Sequence[UUID]]:
    kept = draft_of(context, secret) if secret else None
    is_of_it = kept is not None and (kept.draft.tenant, kept.draft.service) == (where.tenant, where.service)
    return kept.draft.files if kept is not None and is_of_it else {}


def _sent(visit: Visit, where: Where, secret: str, report: Report, earlier: _Earlier) -> Came:
    if report.offer.form_changed:
        return _needs(secret, Because.FORM_CHANGED)
    try:
        send(visit, where, besides=earlier.secret, continues=earlier.mark)
    except NotComplete:
        return _needs(secret, Because.INCOMPLETE, _missing(visit, report))
    except NothingToSend:
        # Another window was faster, with this one or with the pages before it.
        return _sent_before(visit, secret, earlier.mark) or _over(visit, secret)
    except Refusal as refusal:
        if status_of(refusal) in _LATER:
            raise
        return _needs(secret, Because.REFUSED, [sentence_of(refusal)])
    return _over(visit, secret)


def _opened(visit: Visit, where: Where, secret: str, earlier: str | None) -> Came:
    """Make it the report that this browser has under way, unless there is another, which nobody may lose by it."""
    with visit.work() as context:
        there = secret_in_cookie(visit, where)
        if there not in (None, secret, earlier) and draft_of(context, str(there)) is not None:
            return _needs(secret, Because.ANOTHER_UNDER_WAY)
        if earlier is not None:
            drop_draft(context, earlier)
    # The review names all that is wrong, and leads there.
    return Came(secret, goes_on=REVIEW)


def _needs(secret: str, because: Because, why: Sequence[Text] = ()) -> Came:
    return Came(secret, because=because, why=why, goes_on=REVIEW)


def _missing(visit: Visit, report: Report) -> list[Text]:
    """What hinders it, in the words that its pages would say."""
    with visit.work() as context:
        files = files_told(context, report.answering_files())
    found = [problem.says for _, problems in report.incomplete() for problem in problems]
    return [*found, *(each.refused for each in files if each.refused is not None)]


def _over(visit: Visit, secret: str) -> Came:
    """What became of a report whose secret is used up."""
    with visit.work() as context:
        receipt = receipt_in_keeping(visit, context, secret)
    return Came(secret, receipt, None if receipt else Because.DISCARDED)
