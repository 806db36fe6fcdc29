"""The only door to several tenants' rows at once: it demands a purpose and records it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import insert, select

from tenants.clock import Clock
from tenants.context import Actor, ActorKind, Context, set_fence
from tenants.database import Database
from tenants.errors import NotAllowed
from tenants.ids import HUB, new_id
from tenants.languages import Language
from tenants.models import AcrossUse, Tenant, TenantState


class Purpose(StrEnum):
    """What a look across tenants may be for."""

    FIGURES = "figures"
    GENERATING = "generating"
    IMPORT = "import"
    JOBS = "jobs"
    KEYS = "keys"
    METRICS = "metrics"
    ROUNDS = "rounds"
    SEALING = "sealing"
    VERIFYING = "verifying"


# A running hub makes its rounds every second and is measured every few, and a generated one comes in many stretches;
# one record for each start of a process says as much.
_RECORDED_ONCE = {Purpose.GENERATING, Purpose.METRICS, Purpose.ROUNDS, Purpose.SEALING}


class Across:
    """A process's door across tenants."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._recorded: set[Purpose] = set()

    @contextmanager
    def unit_of_work(
        self,
        purpose: Purpose,
        *,
        actor: Actor,
        language: Language = Language.ARABIC,
        clock: Clock | None = None,
    ) -> Iterator[Context]:
        """One transaction that sees every tenant that is not merely preparing.

        Raises `NotAllowed` for anybody but the system: no person works across tenants through this door yet.
        """
        known = purpose in _RECORDED_ONCE and purpose in self._recorded
        with self.database.unit_of_work(
            actor=actor, tenants=(HUB,), language=language, clock=clock
        ) as context:
            yield widened(context, purpose, recorded_already=known)
        self._recorded.add(purpose)


def widened(context: Context, purpose: Purpose, *, recorded_already: bool = False) -> Context:
    """A unit of work of the hub itself, from here on seeing every tenant's rows, for a purpose that is recorded.

    Raises `NotAllowed` for anybody but the system in the hub's own context.
    """
    if context.actor.kind is not ActorKind.SYSTEM or context.tenants != {HUB}:
        raise NotAllowed()
    tenants = frozenset(all_tenants(context))
    if not recorded_already:
        context.session.execute(
            insert(AcrossUse).values(
                id=new_id(),
                at=context.now,
                purpose=purpose.value,
                actor_kind=context.actor.kind.value,
                actor_id=context.actor.id,
                tenants=len(tenants),
            )
        )
    return set_fence(replace(context, tenants=tenants))


def codes_of_tenants(context: Context) -> dict[UUID, str]:
    """The code of every body on the hub by its id, sorted by code; the list of bodies is public."""
    return {
        row.id: row.code
        for row in context.session.execute(select(Tenant.id, Tenant.code).order_by(Tenant.code))
    }


def all_tenants(context: Context) -> list[UUID]:
    """The ids of every tenant that works or has worked, the hub's own first."""
    rows = context.session.scalars(
        select(Tenant.id).where(Tenant.state != TenantState.PREPARING).order_by(Tenant.id)
    )
    return list(rows)
