"""What bodies offer, for whoever looks for a service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select

from hub.catalogue.errors import UnknownService
from hub.catalogue.models import Service, ServiceClass
from hub.codes import can_name, echoed
from hub.vocabulary import Kind, Priority
from tenants.context import Context
from tenants.ids import HUB
from tenants.languages import Text
from tenants.models import Tenant, TenantState


@dataclass(frozen=True, slots=True)
class TenantOnOffer:
    """A body that works on the hub."""

    code: str
    name: Text
    short_name: Text
    about: Text
    zone: str
    country: str | None


@dataclass(frozen=True, slots=True)
class ServiceOnOffer:
    """A service as somebody looking for it sees it; `class_code` and `class_name` are empty together."""

    code: str
    name: Text
    description: Text
    kind: Kind
    priority: Priority
    class_code: str | None
    class_name: Text | None
    life_events: tuple[str, ...]
    confidential_allowed: bool
    shared: bool
    form_id: UUID | None


def tenants_on_offer(context: Context) -> Sequence[TenantOnOffer]:
    """The bodies that work on the hub, by their codes; the hub itself is among them once it offers services."""
    rows = context.session.scalars(
        select(Tenant).where(Tenant.state == TenantState.LIVE, Tenant.id != HUB).order_by(Tenant.code)
    )
    return [_tenant(row) for row in rows]


def tenant_on_offer(context: Context) -> TenantOnOffer:
    """The body of the context."""
    return _tenant(context.session.get_one(Tenant, context.tenant_id))


def services_on_offer(context: Context) -> Sequence[ServiceOnOffer]:
    """What the body of the context offers, by code."""
    rows = context.session.execute(_services(context).order_by(Service.code))
    return [_service(service, code, name) for service, code, name in rows]


def service_on_offer(context: Context, code: str) -> ServiceOnOffer:
    """One service of the body of the context.

    Raises `UnknownService`, also for one it no longer offers.
    """
    found = (
        can_name(code)
        and context.session.execute(_services(context).where(Service.code == code)).one_or_none()
    )
    if not found:
        raise UnknownService(field="service", code=echoed(code))
    return _service(*found)


def _services(context: Context) -> Select[Service, str | None, Text | None]:
    return (
        select(Service, ServiceClass.code, ServiceClass.name)
        .outerjoin(
            ServiceClass,
            (ServiceClass.tenant_id == Service.tenant_id) & (ServiceClass.id == Service.class_id),
        )
        .where(Service.tenant_id == context.tenant_id, Service.retired_at.is_(None))
    )


def _tenant(row: Tenant) -> TenantOnOffer:
    return TenantOnOffer(row.code, row.name, row.short_name, row.about, row.zone, row.country)


def _service(row: Service, class_code: str | None, class_name: Text | None) -> ServiceOnOffer:
    return ServiceOnOffer(
        code=row.code,
        name=row.name,
        description=row.description,
        kind=Kind(row.kind),
        priority=Priority(row.priority),
        class_code=class_code,
        class_name=class_name,
        life_events=tuple(row.life_events),
        confidential_allowed=row.confidential_allowed,
        shared=row.shared,
        form_id=row.form_id,
    )
