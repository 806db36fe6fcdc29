"""Signing in with an API key: from the presented text to an actor, or to one refusal that tells nothing."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, or_, update

from tenants.addresses import Address, is_within
from tenants.clock import Clock
from tenants.context import Actor, ActorKind
from tenants.database import Database
from tenants.errors import Refusal
from tenants.key_format import digest_of, read_key
from tenants.languages import Text
from tenants.models import ApiKey, TenantState
from tenants.permissions import Permission

# Written down at most this often: a busy key is not to rewrite its row with every call.
_USE_NOTED_EVERY: Final = timedelta(minutes=1)
# What an unknown key is compared with: no secret has this digest.
_NO_DIGEST: Final = bytes(32)

_PRESENTED: Final = (
    "SELECT tenant_id, tenant_state, digest, scopes, addresses, expires_at, revoked_at, last_used_at, moment"
    " FROM key_presented(%(id)s::uuid)"
)


class KeyRefused(Refusal):
    """The key opens nothing: unknown, wrong, expired, revoked, from elsewhere or of a suspended body, which is not
    told apart.
    """

    says = Text(ar="مفتاح الواجهة البرمجية غير مقبول.", en="This API key is not accepted.")


def authenticate(
    database: Database, presented: str, address: Address | None, *, clock: Clock | None = None
) -> Actor:
    """The actor that a presented key stands for, calling from a network address; its grants are of one tenant.

    One round trip, and a transaction of its own. Slips are refused without asking the database; every other key is
    looked up, compared in constant time and judged alike, whether it exists or not.
    Raises `KeyRefused`.
    """
    key = read_key(presented)
    if key is None:
        raise KeyRefused(field="api_key")
    row = _look_up(database, key.id)
    now = (clock or database.clock).read(row.moment)
    right = (
        hmac.compare_digest(row.digest or _NO_DIGEST, digest_of(key.secret)),
        row.revoked_at is None,
        row.tenant_state != TenantState.SUSPENDED,
        row.expires_at is not None and now < row.expires_at,
        not row.addresses or is_within(address, row.addresses),
    )
    if not all(right):
        raise KeyRefused(field="api_key")
    actor = Actor(ActorKind.API_KEY, key.id, {row.tenant_id: _permissions(row.scopes)})
    if row.last_used_at is None or now - row.last_used_at >= _USE_NOTED_EVERY:
        _note_use(database, actor, row.tenant_id, clock)
    return actor


def tenant_of_key(database: Database, key_id: UUID) -> UUID | None:
    """The tenant that a key belongs to, for an operator who has no more than the key's id; None for an unknown one."""
    tenant_id: UUID | None = _look_up(database, key_id).tenant_id
    return tenant_id


def _look_up(database: Database, key_id: UUID) -> Row[Any]:
    return database.call(_PRESENTED, {"id": key_id})[0]


def _permissions(scopes: Sequence[str]) -> frozenset[Permission]:
    # A permission that a later release no longer knows is none.
    return frozenset(permission for permission in Permission if permission in scopes)


def _note_use(database: Database, actor: Actor, tenant_id: UUID, clock: Clock | None) -> None:
    with database.unit_of_work(actor=actor, tenants=(tenant_id,), clock=clock) as context:
        before: datetime = context.now - _USE_NOTED_EVERY
        context.session.execute(
            update(ApiKey)
            .where(
                ApiKey.tenant_id == tenant_id,
                ApiKey.id == actor.id,
                or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= before),
            )
            .values(last_used_at=context.now)
            .execution_options(synchronize_session=False)
        )
