"""Who calls, and what the calls of one process share."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID

from cachetools import TTLCache

from hub.catalogue.access import live_tenant
from tenants.context import CITIZEN, Actor
from tenants.database import Database
from tenants.ids import HUB
from tenants.settings import RateLimitSettings

# How long a body that was suspended or came onto the hub may still be taken for what it was.
_TENANTS_KNOWN_SECONDS: Final = 2


class Shared:
    """What the calls of one process share: the database, the quotas, and the bodies by their codes."""

    def __init__(self, database: Database, rates: RateLimitSettings) -> None:
        self.database = database
        self.rates = rates
        self._tenants: TTLCache[str, UUID] = TTLCache(maxsize=10_000, ttl=_TENANTS_KNOWN_SECONDS)
        self._lock = Lock()

    def tenant_of(self, code: str) -> UUID:
        """The id of the body that works under a code; raises `UnknownTenant`."""
        with self._lock:
            known = self._tenants.get(code)
        if known is None:
            with self.database.unit_of_work(actor=CITIZEN, tenants=(HUB,)) as context:
                known = live_tenant(context, code)
            with self._lock:
                self._tenants[code] = known
        return known


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls and what their unit of work sees; `name` tells callers apart where their requests are remembered."""

    actor: Actor
    tenants: frozenset[UUID]
    case_id: UUID | None = None
    name: str = ""
