"""The doors to a tenant's API keys."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from tenants.context import Context
from tenants.errors import NotFound
from tenants.models import ApiKey
from tenants.permissions import Permission


def key_for(context: Context, key_id: UUID) -> ApiKey:
    """A key of the context's tenant, held until the unit of work ends, for somebody who may change it.

    Raises `NotAllowed` and `NotFound`.
    """
    context.demand(Permission.KEYS_WRITE, context.tenant_id)
    key = context.session.scalar(
        select(ApiKey)
        .where(ApiKey.tenant_id == context.tenant_id, ApiKey.id == key_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if key is None:
        raise NotFound(field="key")
    return key


def successor_of(context: Context, key: ApiKey) -> UUID | None:
    """The key that replaced a key of the context, if one did."""
    return context.session.scalar(
        select(ApiKey.id).where(ApiKey.tenant_id == key.tenant_id, ApiKey.replaces == key.id)
    )


def keys_of(context: Context) -> Sequence[ApiKey]:
    """All keys of the context's tenants, also those that are over; the newest of each tenant first.

    Raises `NotAllowed`.
    """
    for tenant_id in context.tenants:
        context.demand(Permission.KEYS_WRITE, tenant_id)
    return context.session.scalars(
        select(ApiKey)
        .where(ApiKey.tenant_id.in_(context.tenants))
        .order_by(ApiKey.tenant_id, ApiKey.created_at.desc(), ApiKey.id)
    ).all()
