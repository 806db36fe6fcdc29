"""Live events: who waits for news of which tenant, and how they are woken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final
from uuid import UUID

from hub.api.errors import TooManyStreams

MOST_OF_A_TENANT: Final = 100


class Streams:
    """The streams of one process: any thread may wake those of a tenant, each in its own event loop."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, dict[asyncio.Event, asyncio.AbstractEventLoop]] = {}
        self._lock = Lock()

    def heard(self, tenant_id: UUID) -> None:
        """Wake whoever waits for news of a tenant; nobody is waited for."""
        with self._lock:
            waiting = list(self._waiting.get(tenant_id, {}).items())
        for awake, loop in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(awake.set)

    def demand_room(self, tenant_id: UUID) -> None:
        """Go on only while a tenant has few streams enough; raises `TooManyStreams`."""
        with self._lock:
            if len(self._waiting.get(tenant_id, {})) >= MOST_OF_A_TENANT:
                raise TooManyStreams(most=MOST_OF_A_TENANT)

    @contextmanager
    def waiting(self, tenant_id: UUID) -> Iterator[asyncio.Event]:
        """Be woken by news of a tenant, for as long as the block lasts."""
        awake = asyncio.Event()
        with self._lock:
            self._waiting.setdefault(tenant_id, {})[awake] = asyncio.get_running_loop()
        try:
            yield awake
        finally:
            with self._lock:
                of_tenant = self._waiting[tenant_id]
                del of_tenant[awake]
                if not of_tenant:
                    del self._waiting[tenant_id]
