"""Bringing a body onto the hub, and its members: create, go live, suspend."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tenants.context import Context
from tenants.errors import NotFound, Refusal
from tenants.ids import HUB, new_id
from tenants.languages import Text
from tenants.models import Membership, Tenant, TenantState, User
from tenants.permissions import Permission, Role, permissions_of

_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")


class BadTenantCode(Refusal):
    """The code cannot name a body in addresses and files."""

    says = Text(
        ar="رمز الجهة «{code}» غير صالح: حروف لاتينية صغيرة وأرقام وشرطات، من 2 إلى 40 رمزًا.",
        en="“{code}” cannot be a body's code: 2 to 40 small Latin letters, digits and hyphens.",
    )


class UnknownZone(Refusal):
    """There is no such time zone."""

    says = Text(ar="المنطقة الزمنية «{zone}» غير معروفة.", en="The time zone “{zone}” is not known.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantDescription:
    """A body as it is brought onto the hub."""

    code: str
    name: Text
    short_name: Text
    about: Text
    zone: str
    country: str | None = None
    silence_days: int = 14
    reopen_days: int = 30


def save_tenant(context: Context, description: TenantDescription) -> UUID:
    """Create a body under its code, preparing, or change what is said of it; gives its id.

    Needs the hub's own context. Raises `BadTenantCode` and `UnknownZone`.
    """
    context.demand(Permission.TENANTS_WRITE, HUB)
    if not _CODE.fullmatch(description.code):
        raise BadTenantCode(field="code", code=description.code[:80])
    if description.zone not in available_timezones():
        raise UnknownZone(field="zone", zone=description.zone[:80])
    values = {
        "name": description.name,
        "short_name": description.short_name,
        "about": description.about,
        "zone": description.zone,
        "country": description.country,
        "silence_days": description.silence_days,
        "reopen_days": description.reopen_days,
    }
    saved: UUID = context.session.execute(
        upsert(Tenant)
        .values(
            id=new_id(),
            code=description.code,
            state=TenantState.PREPARING.value,
            created_at=context.now,
            **values,
        )
        .on_conflict_do_update(index_elements=["code"], set_=values)
        .returning(Tenant.id)
    ).scalar_one()
    return saved


def set_state(context: Context, tenant_id: UUID, state: TenantState) -> bool:
    """Let a body go live, be suspended or return; gives whether that was a change.

    Needs the hub's own context. Raises `NotFound`.
    """
    context.demand(Permission.TENANTS_WRITE, HUB)
    tenant = context.session.get(Tenant, tenant_id, with_for_update=True, populate_existing=True)
    if tenant is None:
        raise NotFound(field="tenant")
    if tenant.state == state:
        return False
    context.session.execute(update(Tenant).where(Tenant.id == tenant_id).values(state=state.value))
    return True


def save_user(context: Context, *, user_name: str, name: Text) -> UUID:
    """Make somebody known to the hub under a user name, or change how they are called; gives their id.

    The id is the same each time. Needs the hub's own context.
    """
    context.demand(Permission.TENANTS_WRITE, HUB)
    context.session.execute(
        upsert(User)
        .values(id=new_id(), user_name=user_name, name=name, created_at=context.now)
        .on_conflict_do_update(index_elements=["user_name"], set_={"name": name}, where=User.name != name)
    )
    return context.session.scalars(select(User.id).where(User.user_name == user_name)).one()


def save_membership(context: Context, *, tenant_id: UUID, user_id: UUID, roles: Collection[Role]) -> None:
    """Say what a user is in a tenant of the context."""
    context.demand(Permission.MEMBERS_WRITE, tenant_id)
    named = sorted(role.value for role in roles)
    context.session.execute(
        upsert(Membership)
        .values(tenant_id=tenant_id, user_id=user_id, roles=named, created_at=context.now)
        .on_conflict_do_update(index_elements=["tenant_id", "user_id"], set_={"roles": named})
    )


def grants_of(context: Context, user_id: UUID) -> dict[UUID, frozenset[Permission]]:
    """What a user may do in each tenant that the context can see them in; nothing once they are disabled."""
    user = context.session.get(User, user_id)
    if user is None or user.disabled_at is not None:
        return {}
    rows = context.session.scalars(select(Membership).where(Membership.user_id == user_id))
    return {row.tenant_id: permissions_of(frozenset(Role(role) for role in row.roles)) for row in rows}
