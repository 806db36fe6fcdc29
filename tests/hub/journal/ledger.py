"""Plain facts and promised jobs for tests of the journal, in the world's own tenants or in fresh ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Engine, select

from hub.events import CalendarChanged, TicketImported
from hub.journal.actions import record
from hub.journal.models import Fact, Job
from hub.journal.sealing import Finding, seal_tenant, verify_tenant
from tenants.context import SYSTEM, Context
from tenants.ids import new_id
from tenants.servers import OwnServer
from tests.world import World


@contextmanager
def in_tenant(world: World, tenant_id: UUID) -> Iterator[Context]:
    """A unit of work of the system in any tenant, also one that only the journal knows."""
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context:
        yield context


def write(context: Context, tenant_id: UUID, *words: str) -> None:
    """Record one fact a word, from which nothing follows."""
    for word in words:
        record(context, TicketImported(tenant_id=tenant_id, source="tests", external_id=word))


def write_all(world: World, tenant_id: UUID, *words: str) -> None:
    """Record one fact a word, all in one transaction."""
    with in_tenant(world, tenant_id) as context:
        write(context, tenant_id, *words)


def seal(world: World, tenant_id: UUID) -> int:
    """Seal what is settled; gives the number of facts."""
    with in_tenant(world, tenant_id) as context:
        return seal_tenant(context, tenant_id)


def verify(world: World, tenant_id: UUID) -> list[Finding]:
    """What verifying finds."""
    with in_tenant(world, tenant_id) as context:
        return list(verify_tenant(context, tenant_id))


def facts(world: World, tenant_id: UUID) -> dict[str, UUID]:
    """The facts that `write` wrote, by their words."""
    with in_tenant(world, tenant_id) as context:
        rows = context.session.scalars(
            select(Fact).where(Fact.tenant_id == tenant_id, Fact.kind == TicketImported.kind)
        )
        return {fact.data["external_id"]: fact.id for fact in rows}


@contextmanager
def tampering(server: OwnServer, world: World) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's connection that no trigger stops: somebody who has the whole server in their hands."""
    assert isinstance(world.database.bind, Engine)
    name = world.database.bind.url.database
    assert name is not None
    with psycopg.connect(server.administrator_url(name).get_secret_value(), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def promise(world: World, tenant_id: UUID, number: int = 1) -> list[UUID]:
    """Record facts that promise a job each (the clocks to be moved); gives the ids of the jobs."""
    with in_tenant(world, tenant_id) as context:
        before = set(context.session.scalars(select(Job.id).where(Job.tenant_id == tenant_id)))
        for _ in range(number):
            record(context, CalendarChanged(tenant_id=tenant_id, calendar_id=new_id(), calendar_version=1))
        jobs = context.session.scalars(select(Job.id).where(Job.tenant_id == tenant_id).order_by(Job.id))
        return [job_id for job_id in jobs if job_id not in before]


def job(world: World, tenant_id: UUID, job_id: UUID) -> Job | None:
    """A promised job as it is now; none once it is done."""
    with in_tenant(world, tenant_id) as context:
        return context.session.get(Job, (tenant_id, job_id), populate_existing=True)
