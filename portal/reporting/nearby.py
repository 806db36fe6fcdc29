"""Whether a report is to go together with an earlier one nearby: what is shown, and what its citizen said to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import orjson

from hub.forms.fields import Unreadable, read_answer
from hub.forms.shape import QuestionKind
from hub.nearby.queries import Earlier, earlier_reports, earlier_ticket
from hub.nearby.rough import Spot
from hub.tickets.actions import Place
from hub.web.answers import asked_now
from portal.reporting.report import Report
from tenants.context import Context

_AT: Final = "at"
_MARK: Final = "mark"
_MARK_LETTERS: Final = 24


def spot_of(report: Report) -> Spot | None:
    """Where a report says that it is, as far as others' can be compared with it."""
    place = _place_of(report)
    if place is None:
        return None
    spot = Spot(place.latitude, place.longitude, place.governorate, place.district)
    return spot if spot.point or spot.district else None


def earlier_of(context: Context, report: Report, secret: str) -> Sequence[Earlier]:
    """The open cases nearby that a report could go together with; none where its service does not share."""
    spot = spot_of(report) if report.offer.service.shared else None
    if spot is None:
        return []
    return earlier_reports(context, report.offer.service.code, spot, asker=secret)


def said_of(report: Report, mark: str) -> Mapping[str, str]:
    """What is kept of a citizen's answer: the mark of the earlier case, or '' for one of its own; and for which place."""
    return {_AT: _where(report), _MARK: mark[:_MARK_LETTERS]}


def answer_of(report: Report) -> str | None:
    """The mark that its citizen chose, '' if it is to go its own way; None if they were not asked about this place."""
    said = report.draft.together
    return said[_MARK] if said.get(_AT) == _where(report) else None


def ticket_chosen(context: Context, report: Report, secret: str, mark: str | None) -> UUID | None:
    """The ticket of the earlier case that a citizen chose; None if it cannot be joined any more, or none was chosen."""
    spot = spot_of(report) if report.offer.service.shared and mark else None
    if spot is None or not mark:
        return None
    return earlier_ticket(context, report.offer.service.code, spot, asker=secret, mark=mark)


def _place_of(report: Report) -> Place | None:
    own = report.place()
    if own is not None:
        return own
    for step in report.steps:
        answers = report.answers(step)
        asked = asked_now(step.form, answers, report.offer.today) if step.is_of_the_service else ()
        for question in step.page.questions:
            if (
                question.kind is QuestionKind.PLACE
                and question.name in asked
                and answers.get(question.name) is not None
            ):
                try:
                    read = read_answer(question, answers[question.name], report.offer.today)
                except Unreadable:
                    continue
                return Place(**read) if isinstance(read, dict) else None  # type: ignore[arg-type] # as its parts say
    return None


def _where(report: Report) -> str:
    spot = spot_of(report)
    told = None if spot is None else [spot.latitude, spot.longitude, spot.governorate, spot.district]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()[:12]
