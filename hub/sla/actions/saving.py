"""Saving a tenant's promises, all at once: each save is a new version of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from hub.calendars.access import calendar_in_force
from hub.calendars.errors import NoWorkingTimeLeft
from hub.calendars.models import Calendar
from hub.calendars.working_time import SEARCH_YEARS
from hub.catalogue.models import Service
from hub.events import CalendarChanged, ServiceLevelsChanged
from hub.journal.actions import record
from hub.sla.access import levels_in_force
from hub.sla.errors import (
    BrokenServiceLevel,
    CaseTargetIsTheHubs,
    NoGeneralLevel,
    TwoOfOneLevel,
    UnknownInLevel,
)
from hub.sla.levels import DEFAULT_LADDER, ClockKind, Rung, ServiceLevel
from hub.sla.models import ServiceLevelRow
from hub.vocabulary import Priority
from tenants.context import Context
from tenants.ids import HUB, new_id
from tenants.languages import Text
from tenants.permissions import Permission
from tenants.set_up import wait_to_change_set_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One service level as a tenant writes it: service and calendar by code, targets in working time."""

    calendar: str
    service: str | None = None
    priority: Priority | None = None
    first_response: timedelta | None = None
    resolution: timedelta | None = None
    case: timedelta | None = None
    ladder: tuple[Rung, ...] = DEFAULT_LADDER


def save_levels(context: Context, promises: Sequence[Promise]) -> int:
    """Put a tenant's promises in force in place of all it had; gives their version.

    Open clocks are recomputed after commit. Saying what is already in force changes nothing. Raises
    `BrokenServiceLevel`, `UnknownInLevel`, `TwoOfOneLevel`, `CaseTargetIsTheHubs`, and `NoGeneralLevel` when some
    tickets would be without any promise.
    """
    tenant_id = context.tenant_id
    context.demand(Permission.SERVICE_LEVELS_WRITE, tenant_id)
    _check_whole(context, promises)
    session = context.session
    wait_to_change_set_up(context, tenant_id)
    present = session.scalars(
        select(ServiceLevelRow).where(
            ServiceLevelRow.tenant_id == tenant_id, ServiceLevelRow.retired_at.is_(None)
        )
    ).all()
    version = 1 + (
        session.scalar(
            select(func.max(ServiceLevelRow.version)).where(ServiceLevelRow.tenant_id == tenant_id)
        )
        or 0
    )
    rows = [_row(context, promise, version) for promise in promises]
    if _said(row.__dict__ for row in present) == _said(rows):
        return version - 1
    session.execute(
        update(ServiceLevelRow)
        .where(ServiceLevelRow.tenant_id == tenant_id, ServiceLevelRow.retired_at.is_(None))
        .values(retired_at=context.now)
        .execution_options(synchronize_session=False)
    )
    session.execute(insert(ServiceLevelRow), rows)
    record(context, ServiceLevelsChanged(tenant_id=tenant_id, levels_version=version))
    return version


def check_levels_hold(context: Context, event: CalendarChanged) -> None:
    """Refuse a change of a calendar on which the levels in force could not be counted any more.

    Raises `BrokenServiceLevel`.
    """
    wait_to_change_set_up(context, event.tenant_id)
    for level in levels_in_force(context, event.tenant_id):
        if level.tenant_id == event.tenant_id and level.calendar_id == event.calendar_id:
            _demand_room(context, level)


def _demand_room(context: Context, level: ServiceLevel) -> None:
    """Go on only if the level's calendar holds enough working time for its longest target and highest rung."""
    longest = max(target for kind in ClockKind if (target := level.target(kind)) is not None)
    wanted = longest * max(rung.at for rung in level.ladder) // 100
    calendar = calendar_in_force(context, level.tenant_id, level.calendar_id)
    try:
        calendar.working.due(context.now, wanted)
    except NoWorkingTimeLeft:
        hours = -(-wanted // timedelta(hours=1))
        raise BrokenServiceLevel(
            field="calendar",
            place=Text(ar="التقويم", en="the calendar"),
            reason=Text(
                ar=f"لا يتسع لوقت عمل قدره {hours} ساعة خلال {SEARCH_YEARS} سنة، وهو ما يحتاجه الهدف وسلّم التصعيد.",
                en=f"it does not hold, within {SEARCH_YEARS} years, the {hours} working hours that the target and "
                "its escalation ladder need.",
            ),
        ) from None


def _check_whole(context: Context, promises: Sequence[Promise]) -> None:
    seen = set()
    for promise in promises:
        key = (promise.service, promise.priority)
        if key in seen:
            raise TwoOfOneLevel(
                field="service_levels", service=promise.service or "*", priority=promise.priority or "*"
            )
        seen.add(key)
        if promise.case is not None and context.tenant_id != HUB:
            raise CaseTargetIsTheHubs(field="service_levels")
    general = next((each for each in promises if each.service is None and each.priority is None), None)
    if general is None or general.first_response is None or general.resolution is None:
        raise NoGeneralLevel(field="service_levels")


def _row(context: Context, promise: Promise, version: int) -> dict[str, Any]:
    tenant_id = context.tenant_id
    calendar_id = context.session.scalar(
        select(Calendar.id).where(Calendar.tenant_id == tenant_id, Calendar.code == promise.calendar)
    )
    if calendar_id is None:
        raise UnknownInLevel(field="calendar", code=promise.calendar)
    service_id = None
    if promise.service is not None:
        service_id = context.session.scalar(
            select(Service.id).where(Service.tenant_id == tenant_id, Service.code == promise.service)
        )
        if service_id is None:
            raise UnknownInLevel(field="service", code=promise.service)
    level = ServiceLevel(
        id=new_id(),
        version=version,
        tenant_id=tenant_id,
        service_id=service_id,
        priority=promise.priority,
        first_response=promise.first_response,
        resolution=promise.resolution,
        calendar_id=calendar_id,
        ladder=promise.ladder,
        case=promise.case,
    )
    _demand_room(context, level)
    return {
        "tenant_id": tenant_id,
        "id": level.id,
        "version": version,
        "service_id": service_id,
        "priority": promise.priority.value if promise.priority else None,
        "first_response": level.first_response,
        "resolution": level.resolution,
        "case_target": level.case,
        "calendar_id": calendar_id,
        "ladder": [{"at": rung.at, "tells": rung.tells} for rung in level.ladder],
        "saved_at": context.now,
        "retired_at": None,
    }


_SAID = ("service_id", "priority", "first_response", "resolution", "case_target", "calendar_id", "ladder")


def _said(rows: Any) -> list[str]:
    return sorted(repr([row[key] for key in _SAID]) for row in rows)
