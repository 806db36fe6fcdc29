"""How a body comes onto the hub, goes live, is suspended and returns."""

from __future__ import annotations

from dataclasses import dataclass

from hub.events.event import Event


@dataclass(frozen=True, kw_only=True)
class TenantProvisioned(Event):
    """A body came onto the hub."""

    kind = "tenant.provisioned"
    code: str


@dataclass(frozen=True, kw_only=True)
class TenantStateChanged(Event):
    """A body went live, was suspended or returned."""

    kind = "tenant.state_changed"
    state: str
