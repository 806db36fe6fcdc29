"""The doors to the catalogue: services on offer and the bodies that offer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from hub.catalogue.errors import UnknownService, UnknownTenant
from hub.catalogue.models import Service, Stage, Team
from hub.codes import can_name, echoed
from hub.vocabulary import Kind, Priority
from tenants.context import Context
from tenants.errors import NotFound
from tenants.languages import Text
from tenants.models import Tenant, TenantState
from tenants.set_up import remembered


@dataclass(frozen=True, slots=True)
class OfferedService:
    """A service as a case is opened for it."""

    id: UUID
    code: str
    name: Text
    kind: Kind
    priority: Priority
    form_id: UUID | None
    screened: bool
    confidential_allowed: bool
    shared: bool


def service_offered(context: Context, tenant_id: UUID, code: str) -> OfferedService:
    """The service that a tenant of the context offers under a code.

    Raises `UnknownService`, also for one it no longer offers.
    """
    if not can_name(code) or tenant_id not in context.tenants:
        raise UnknownService(field="service", code=echoed(code))
    offered = _offered(context, tenant_id).get(code)
    if offered is None:
        raise UnknownService(field="service", code=echoed(code))
    return offered


def _offered(context: Context, tenant_id: UUID) -> dict[str, OfferedService]:
    def read() -> dict[str, OfferedService]:
        rows = context.session.execute(
            select(
                Service.id,
                Service.code,
                Service.name,
                Service.kind,
                Service.priority,
                Service.form_id,
                Service.screened,
                Service.confidential_allowed,
                Service.shared,
            ).where(Service.tenant_id == tenant_id, Service.retired_at.is_(None))
        )
        return {
            row.code: OfferedService(
                id=row.id,
                code=row.code,
                name=row.name,
                kind=Kind(row.kind),
                priority=Priority(row.priority),
                form_id=row.form_id,
                screened=row.screened,
                confidential_allowed=row.confidential_allowed,
                shared=row.shared,
            )
            for row in rows
        }

    return remembered(context, (tenant_id,), ("catalogue.offered",), read)


@dataclass(frozen=True, slots=True)
class Named:
    """Something of a tenant's own, by its code and its name."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Names:
    """How a tenant and what tickets refer to are called: services and teams by id, stages by code."""

    tenant: Named
    services: Mapping[UUID, Named]
    teams: Mapping[UUID, Named]
    stages: Mapping[str, Named]


def names_of(context: Context, tenant_id: UUID) -> Names:
    """How a tenant of the context is called, and its services, teams and stages, those no longer in use too.

    Raises `NotFound`.
    """
    if tenant_id not in context.tenants:
        raise NotFound(field="tenant")

    def read() -> Names:
        tenant = context.session.execute(select(Tenant.code, Tenant.name).where(Tenant.id == tenant_id)).one()
        services, teams = (
            {
                row.id: Named(row.code, row.name)
                for row in context.session.execute(
                    select(table.id, table.code, table.name).where(table.tenant_id == tenant_id)
                )
            }
            for table in (Service, Team)
        )
        stages = context.session.execute(select(Stage.code, Stage.name).where(Stage.tenant_id == tenant_id))
        return Names(
            Named(tenant.code, tenant.name),
            services,
            teams,
            {row.code: Named(row.code, row.name) for row in stages},
        )

    return remembered(context, (tenant_id,), ("catalogue.names",), read)


def live_tenant(context: Context, code: str) -> UUID:
    """The id of a body that works on the hub under a code.

    Raises `UnknownTenant`, also for one that is preparing or suspended.
    """
    if not can_name(code):
        raise UnknownTenant(field="tenant", code=echoed(code))
    tenant_id = context.session.scalar(
        select(Tenant.id).where(Tenant.code == code, Tenant.state == TenantState.LIVE)
    )
    if tenant_id is None:
        raise UnknownTenant(field="tenant", code=echoed(code))
    return tenant_id
