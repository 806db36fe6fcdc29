"""What one agency offers, promises and how it kept that, and its hours; and one service before its report is begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated, Final

from fastapi import Depends
from starlette.responses import Response

from hub.calendars.working_time import WorkingTime
from hub.catalogue.access import service_offered
from hub.catalogue.errors import UnknownService
from hub.catalogue.queries import ServiceOnOffer, service_on_offer, services_on_offer, tenant_on_offer
from hub.finder.queries import looking_everywhere
from hub.forms.access import form_in_force
from hub.forms.shape import Form
from hub.looks.queries import face
from hub.promises.queries import record_of
from hub.sla.access import Counting, counting_for
from hub.sla.levels import ClockKind
from hub.sla.wording import duration_in_words, hours_in_words
from hub.vocabulary import Priority
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal.wording import KINDS
from tenants.context import Context
from tenants.errors import NotFound
from tenants.languages import Text

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]
_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Day:
    """One day's hours; none where it is closed."""

    day: date
    hours: Text | None
    holiday: bool


@dataclass(frozen=True, slots=True)
class Hours:
    """A week of an agency's working hours from today on, and whether it works now; `until` is the next change."""

    days: Sequence[Day]
    open: bool
    until: datetime | None
    zone: str


@dataclass(frozen=True, slots=True)
class Promised:
    """How long an agency gives itself, in working time, and when that would be over if somebody reported now."""

    within: Text
    by: datetime


@router.get("/agencies/{tenant}")
def read_agency(visit: _Anybody, tenant: str) -> Response:
    """An agency: what it is, what it offers, its hours, its promises and how it kept them lately."""
    with visit.work() as context:
        agency = tenant_on_offer(context)
        services = services_on_offer(context)
        counting = counting_for(context, context.tenant_id, None, Priority.NORMAL)
        hours, promises = hours_of(context, counting), promises_of(context, counting)
        look, tenant_id = face(context), context.tenant_id
    # Beside all agencies together, which this one's unit of work does not see.
    with looking_everywhere(visit.database, language=visit.language) as context:
        record = record_of(context, tenant_id)
    return visit.page(
        "agencies/agency.html",
        agency=agency,
        face=look,
        record=record,
        groups=_by_class(services),
        hours=hours,
        promises=promises,
        kinds=KINDS,
    )


@router.get("/agencies/{tenant}/services/{service}")
def read_service(visit: _Anybody, tenant: str, service: str) -> Response:
    """A service: what it is for, what will be asked, by when there is an answer, and the way into the report."""
    with visit.work() as context:
        agency = tenant_on_offer(context)
        try:
            found = service_on_offer(context, service)
        except UnknownService:
            raise NotFound(field="service") from None
        form = _form(context, found)
        offered = service_offered(context, context.tenant_id, found.code)
        counting = counting_for(context, context.tenant_id, offered.id, found.priority)
        promises = promises_of(context, counting)
        look = face(context)
    return visit.page(
        "agencies/service.html",
        agency=agency,
        face=look,
        service=found,
        pages=[] if form is None else form.pages,
        place={name: told for name in ("governorate", "district") if (told := visit.asked(name)[:80])},
        promises=promises,
        kinds=KINDS,
    )


def promises_of(context: Context, counting: Mapping[ClockKind, Counting]) -> Mapping[str, Promised]:
    """What an agency promises now, by the kind of clock."""
    return {
        kind.value: Promised(
            duration_in_words(each.choice.target), each.calendar.working.due(context.now, each.choice.target)
        )
        for kind, each in counting.items()
        if kind is not ClockKind.CASE
    }


def hours_of(context: Context, counting: Mapping[ClockKind, Counting]) -> Hours | None:
    """The week of the calendar that an agency's promises are counted on; None where it promises nothing."""
    counted = counting.get(ClockKind.RESOLUTION) or counting.get(ClockKind.FIRST_RESPONSE)
    return None if counted is None else week_of(counted.calendar.working, context.now)


def week_of(working: WorkingTime, now: datetime) -> Hours:
    """A calendar's week from a moment on."""
    today = now.astimezone(working.zone).date()
    end = working.midnight(today + timedelta(days=_A_WEEK))
    days = [
        Day(
            each.date,
            hours_in_words(each.spans, working.zone, each.date) if each.spans else None,
            each.holiday,
        )
        for each in working.days(working.midnight(today), end)
    ]
    next_span = next(iter(working.spans(now, end)), None)
    if next_span is None:
        return Hours(days, open=False, until=None, zone=working.zone.key)
    is_open = next_span.opens <= now
    change = next_span.closes if is_open else next_span.opens
    # Who does not close all week never closes.
    return Hours(days, is_open, None if change >= end else change, working.zone.key)


def _form(context: Context, service: ServiceOnOffer) -> Form | None:
    return None if service.form_id is None else form_in_force(context, context.tenant_id, service.form_id)[1]


def _by_class(
    services: Sequence[ServiceOnOffer],
) -> Sequence[tuple[Text | None, Sequence[ServiceOnOffer]]]:
    """Services under the names of their classes; those of no class come last."""
    ordered = sorted(services, key=lambda each: (each.class_code is None, each.class_code or ""))
    return [
        (among[0].class_name, among)
        for _, group in groupby(ordered, key=lambda each: each.class_code)
        if (among := list(group))
    ]
