"""The doors to the catalogue: services on offer and the bodies that offer them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from hub.catalogue.errors import UnknownService, UnknownTenant
from hub.catalogue.models import Service
from hub.codes import can_name, echoed
from hub.vocabulary import Kind, Priority
from tenants.context import Context
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
            )
            for row in rows
        }

    return remembered(context, (tenant_id,), ("catalogue.offered",), read)


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
