"""What others reported near a place: nothing of it says who they are, what they wrote, or where exactly it is."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import cos, radians
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from hub.catalogue.models import Service
from hub.codes import can_name
from hub.nearby.marks import mark_of
from hub.nearby.rough import CELL, FURTHEST, STAGES, Numbers, Spot, Stage, Told, rough_metres, told
from hub.reference import cities, countries, governorates
from hub.tickets.lifecycle import AT_WORK, Status
from hub.tickets.models import Ticket
from tenants.context import Context
from tenants.languages import Text
from tenants.models import Tenant

JOINED_FOR: Final = timedelta(days=30)
TOLD_FOR: Final = timedelta(days=14)
MOST: Final = 5
# More than anybody is shown, so that a choice is still found after others came nearer.
_LOOKED_AT: Final = 200
_JOINABLE: Final = sorted(AT_WORK | {Status.WAITING})
_TOLD: Final = sorted(STAGES)
_DEGREE: Final = 111_000


@dataclass(frozen=True, slots=True)
class Earlier:
    """An open case of the same service nearby, as others are told of it.

    `mark` names it to whom it was shown and to nobody else; `metres` are rough, and missing where it or the asker has
    no point; `reports` are it and those that follow it, whoever made them.
    """

    mark: str
    governorate: Text | None
    district: Text | None
    metres: int | None
    reported_on: date
    stage: Stage
    reports: int


@dataclass(frozen=True, slots=True)
class ReportedHere:
    """What was reported of one service in one district, or in all others where `district` is None.

    `numbers` are None where there are too few in the whole governorate to say.
    """

    tenant: str
    tenant_name: Text
    service: str
    service_name: Text
    district: str | None
    numbers: Told | None


def earlier_reports(context: Context, service: str, spot: Spot, *, asker: str) -> Sequence[Earlier]:
    """Open cases of a shared service of the context's body near a spot, the nearest first, at most five.

    Within 300 metres where both have points, else in the same district; at most 30 days old and never a confidential
    one. `asker` is a secret of whoever is shown them: a mark says nothing without it.
    """
    tenant = context.session.get_one(Tenant, context.tenant_id)
    found = [
        Earlier(
            mark=mark_of(asker, row.id),
            governorate=_governorate(tenant.country, row.governorate),
            district=_district(tenant.country, row.governorate, row.district),
            metres=metres,
            reported_on=row.opened_at.astimezone(ZoneInfo(tenant.zone)).date(),
            stage=STAGES[Status(row.status)],
            reports=1 + row.followers,
        )
        for metres, row in _near(context, service, spot)
    ]
    return found[:MOST]


def earlier_ticket(context: Context, service: str, spot: Spot, *, asker: str, mark: str) -> UUID | None:
    """The ticket that a mark named to its asker, for letting a report follow it; None if it cannot be followed now."""
    return next(
        (
            row.id
            for _, row in _near(context, service, spot)
            if hmac.compare_digest(mark_of(asker, row.id).encode(), mark.encode())
        ),
        None,
    )


def reported_near(
    context: Context, governorate: str, *, district: str | None = None
) -> Sequence[ReportedHere]:
    """What was reported of shared services of the context's bodies in a governorate, or in one of its districts.

    In the last 14 days; most reported first. Numbers below three are never told (`hub.nearby.rough.told`); of a district
    what is told by itself in its governorate, so that the two say nothing together that neither says.
    """
    services = _shared_services(context)
    if not services:
        return []
    counted = select(
        Ticket.tenant_id, Ticket.service_id, Ticket.district, Ticket.status, func.count().label("number")
    ).where(
        or_(*(_of_service(tenant_id, ids) for tenant_id, ids in _by_tenant(services).items())),
        Ticket.governorate == governorate,
        Ticket.opened_at >= context.now - TOLD_FOR,
        Ticket.status.in_(_TOLD),
        ~Ticket.confidential,
    )
    rows = context.session.execute(
        counted.group_by(Ticket.tenant_id, Ticket.service_id, Ticket.district, Ticket.status)
    )
    sums: dict[tuple[UUID, UUID], dict[str | None, Numbers]] = {}
    for row in rows:
        offered = services[row.tenant_id, row.service_id]
        # What stands in the place of a district may be anything that somebody wrote.
        named = row.district if _district(offered.country, governorate, row.district) is not None else None
        of_service = sums.setdefault((row.tenant_id, row.service_id), {})
        of_service[named] = of_service.get(named, Numbers(0, 0, 0)) + _numbers(row.status, row.number)
    found = [
        ReportedHere(one.tenant, one.tenant_name, one.service, one.service_name, each, numbers)
        for key, by_district in sums.items()
        for each, numbers in told(by_district).items()
        for one in [services[key]]
        if district is None or each == district
    ]
    order: Counter[tuple[str, str]] = Counter()
    for each in found:
        order[each.tenant, each.service] += each.numbers.all if each.numbers else 0
    return sorted(found, key=lambda row: (-order[row.tenant, row.service], *_most_first(row)))


def _near(context: Context, service: str, spot: Spot) -> Sequence[tuple[int | None, Row[Any]]]:
    """What is open nearby, with how far it is roughly; by point, and by district what cannot be compared by point."""
    if not can_name(service):
        return []
    found: dict[UUID, tuple[int | None, Row[Any]]] = {}
    here = spot.point
    if here is not None:
        for row in _open(context, service, _around(here)):
            metres = rough_metres(here, row.latitude, row.longitude)
            if metres <= FURTHEST:
                found[row.id] = metres, row
    if spot.governorate and spot.district:
        in_district = and_(Ticket.governorate == spot.governorate, Ticket.district == spot.district)
        pointless = in_district if here is None else and_(in_district, Ticket.latitude.is_(None))
        for row in _open(context, service, pointless):
            found.setdefault(row.id, (None, row))
    return sorted(found.values(), key=lambda each: (each[0] or FURTHEST + 1, -each[1].opened_at.timestamp()))


def _open(context: Context, service: str, where: ColumnElement[bool]) -> Iterator[Row[Any]]:
    follower = aliased(Ticket)
    followers = (
        select(func.count())
        .where(
            follower.tenant_id == context.tenant_id,
            follower.main_ticket_id == Ticket.id,
            follower.status == Status.DUPLICATE,
            ~follower.confidential,
        )
        .scalar_subquery()
    )
    offered = (
        select(Service.id)
        .where(
            Service.tenant_id == context.tenant_id,
            Service.code == service,
            Service.shared,
            Service.retired_at.is_(None),
        )
        .scalar_subquery()
    )
    # These columns and no others: whoever asks is anybody.
    yield from context.session.execute(
        select(
            Ticket.id,
            Ticket.status,
            Ticket.opened_at,
            Ticket.latitude,
            Ticket.longitude,
            Ticket.governorate,
            Ticket.district,
            followers.label("followers"),
        )
        .where(
            Ticket.tenant_id == context.tenant_id,
            Ticket.service_id == offered,
            Ticket.status.in_(_JOINABLE),
            Ticket.opened_at >= context.now - JOINED_FOR,
            ~Ticket.confidential,
            where,
        )
        .order_by(Ticket.opened_at.desc())
        .limit(_LOOKED_AT)
    )


def _around(here: tuple[float, float]) -> ColumnElement[bool]:
    north = FURTHEST / _DEGREE + CELL
    east = FURTHEST / (_DEGREE * max(cos(radians(here[0])), 0.01)) + CELL
    return and_(
        Ticket.latitude.between(here[0] - north, here[0] + north),
        Ticket.longitude.between(here[1] - east, here[1] + east),
    )


@dataclass(frozen=True, slots=True)
class _Offered:
    tenant: str
    tenant_name: Text
    country: str | None
    service: str
    service_name: Text


def _shared_services(context: Context) -> Mapping[tuple[UUID, UUID], _Offered]:
    rows = context.session.execute(
        select(
            Service.tenant_id,
            Service.id,
            Tenant.code.label("tenant"),
            Tenant.short_name,
            Tenant.country,
            Service.code,
            Service.name,
        )
        .join(Tenant, Tenant.id == Service.tenant_id)
        .where(Service.tenant_id.in_(context.tenants), Service.shared, Service.retired_at.is_(None))
    )
    return {
        (row.tenant_id, row.id): _Offered(row.tenant, row.short_name, row.country, row.code, row.name)
        for row in rows
    }


def _by_tenant(services: Mapping[tuple[UUID, UUID], _Offered]) -> Mapping[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    for tenant_id, service_id in sorted(services):
        found.setdefault(tenant_id, []).append(service_id)
    return found


def _of_service(tenant_id: UUID, service_ids: Sequence[UUID]) -> ColumnElement[bool]:
    return and_(Ticket.tenant_id == tenant_id, Ticket.service_id.in_(service_ids))


def _numbers(status: str, number: int) -> Numbers:
    stage = STAGES[Status(status)]
    return Numbers(*(number if stage is each else 0 for each in Stage))


def _most_first(row: ReportedHere) -> tuple[object, ...]:
    number = row.numbers.all if row.numbers else 0
    return row.tenant, row.service, row.district is None, -number, row.district or ""


def _governorate(country: str | None, code: str | None) -> Text | None:
    known = governorates(country).get(code) if country in _with_places() and code else None
    return known.name if known else None


def _district(country: str | None, governorate: str | None, code: str | None) -> Text | None:
    """The name of a known district of a governorate; codes of another's districts are told to nobody as this one's."""
    known = cities(country).get(code) if country in _with_places() and code else None
    return known.name if known and known.governorate == governorate else None


@cache
def _with_places() -> frozenset[str | None]:
    return frozenset(countries())
