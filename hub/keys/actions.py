"""Making, replacing and revoking a tenant's API keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import insert

from hub.codes import echoed
from hub.events import ApiKeyCreated, ApiKeyRevoked, ApiKeyRotated
from hub.journal.actions import record
from hub.keys.access import key_for, successor_of
from hub.keys.errors import (
    ExpiryRefused,
    KeyNameRefused,
    KeyOver,
    NoScopes,
    OverlapRefused,
    ReplacedAlready,
    ScopeNotHeld,
    UnknownScope,
)
from tenants.addresses import read_range
from tenants.context import Context
from tenants.key_format import digest_of, new_key, write_key
from tenants.models import ApiKey
from tenants.permissions import Permission

USUAL_LIFE: Final = timedelta(days=365)
LONGEST_LIFE: Final = timedelta(days=2 * 365)
USUAL_OVERLAP: Final = timedelta(days=7)
_LONGEST_NAME: Final = 100
# A stolen key that could make keys would outlive its being revoked.
SCOPES: Final = frozenset(Permission) - {Permission.KEYS_WRITE}


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A fresh key: `key` is what its holder presents, shown this once and kept nowhere."""

    id: UUID
    key: str = field(repr=False)
    expires_at: datetime


def create_key(
    context: Context,
    *,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    addresses: Sequence[str] = (),
) -> IssuedKey:
    """Make a key for machines of the context's tenant, which may do what `scopes` say and no more.

    It lives until `expires_at`, a year if nothing is said, and works from `addresses` (CIDR ranges), from everywhere
    if there are none. Raises `NotAllowed`, `KeyNameRefused`, `NoScopes`, `UnknownScope`, `ScopeNotHeld`,
    `ExpiryRefused`, `BadAddressRange`, `RangeBeginsElsewhere`.
    """
    context.demand(Permission.KEYS_WRITE, context.tenant_id)
    called = _read_name(name)
    granted = _read_scopes(context, scopes)
    issued = _issue(
        context,
        name=called,
        scopes=granted,
        expires_at=_read_expiry(context, expires_at),
        addresses=list(dict.fromkeys(read_range(each) for each in addresses)),
        replaces=None,
    )
    record(
        context,
        ApiKeyCreated(
            tenant_id=context.tenant_id,
            key_id=issued.id,
            name=called,
            scopes=tuple(granted),
            expires_at=issued.expires_at,
        ),
    )
    return issued


def rotate_key(
    context: Context,
    key_id: UUID,
    *,
    old_until: datetime | None = None,
    expires_at: datetime | None = None,
) -> tuple[IssuedKey, datetime]:
    """Replace a key by a successor that may do the same; both work until `old_until`, a week if nothing is said.

    Gives the successor and when the old key ends, which is never later than it would have ended anyway.
    Raises `NotAllowed`, `NotFound`, `KeyOver`, `ReplacedAlready`, `OverlapRefused`, `ScopeNotHeld`, `UnknownScope`,
    `ExpiryRefused`.
    """
    old = key_for(context, key_id)
    if old.revoked_at is not None or old.expires_at <= context.now:
        raise KeyOver(field="key")
    successor = successor_of(context, old)
    if successor is not None:
        raise ReplacedAlready(field="key", successor=successor)
    if old_until is not None and old_until <= context.now:
        raise OverlapRefused(field="old_until")
    issued = _issue(
        context,
        name=old.name,
        scopes=_read_scopes(context, old.scopes),
        expires_at=_read_expiry(context, expires_at),
        addresses=old.addresses,
        replaces=old.id,
    )
    old.expires_at = min(old.expires_at, old_until or context.now + USUAL_OVERLAP)
    context.session.flush()
    record(
        context,
        ApiKeyRotated(
            tenant_id=context.tenant_id,
            key_id=old.id,
            successor_id=issued.id,
            expires_at=issued.expires_at,
            old_until=old.expires_at,
        ),
    )
    return issued, old.expires_at


def revoke_key(context: Context, key_id: UUID) -> bool:
    """End a key at once and for good; gives whether that was a change. Its successor, if it has one, lives on.

    Raises `NotAllowed` and `NotFound`.
    """
    key = key_for(context, key_id)
    if key.revoked_at is not None:
        return False
    key.revoked_at = context.now
    context.session.flush()
    record(context, ApiKeyRevoked(tenant_id=context.tenant_id, key_id=key.id))
    return True


def _issue(
    context: Context,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime,
    addresses: Sequence[str],
    replaces: UUID | None,
) -> IssuedKey:
    parts = new_key()
    context.session.execute(
        insert(ApiKey).values(
            tenant_id=context.tenant_id,
            id=parts.id,
            name=name,
            digest=digest_of(parts.secret),
            scopes=list(scopes),
            addresses=list(addresses),
            created_by=context.actor.id,
            created_at=context.now,
            expires_at=expires_at,
            replaces=replaces,
        )
    )
    return IssuedKey(parts.id, write_key(parts), expires_at)


def _read_name(name: str) -> str:
    kept = " ".join(name.split())
    if not kept or len(kept) > _LONGEST_NAME or not kept.isprintable():
        raise KeyNameRefused(field="name", longest=_LONGEST_NAME)
    return kept


def _read_scopes(context: Context, scopes: Collection[str]) -> list[str]:
    if not scopes:
        raise NoScopes(field="scopes")
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownScope(field="scopes", scope=echoed(scope), known=", ".join(sorted(SCOPES)))
        if not context.actor.may(Permission(scope), context.tenant_id):
            raise ScopeNotHeld(field="scopes", scope=scope)
    return sorted(set(scopes))


def _read_expiry(context: Context, expires_at: datetime | None) -> datetime:
    if expires_at is None:
        return context.now + USUAL_LIFE
    if not context.now < expires_at <= context.now + LONGEST_LIFE:
        raise ExpiryRefused(field="expires_at", days=LONGEST_LIFE.days)
    return expires_at
