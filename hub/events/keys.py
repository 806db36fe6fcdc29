"""The tenant's API keys. What opens them never comes here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.events.event import Event


@dataclass(frozen=True, kw_only=True)
class ApiKeyCreated(Event):
    """Machines got a key to sign in with."""

    kind = "api_key.created"
    key_id: UUID
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ApiKeyRotated(Event):
    """A key got a successor that may do the same; the old one ends at `old_until`."""

    kind = "api_key.rotated"
    key_id: UUID
    successor_id: UUID
    expires_at: datetime
    old_until: datetime


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(Event):
    """A key opens nothing any more."""

    kind = "api_key.revoked"
    key_id: UUID
