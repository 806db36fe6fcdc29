"""Reading the journal: the history of a ticket or case, and the jobs that are waiting or set aside."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from hub.journal.models import Fact, Job, JobState
from tenants.context import Context


def facts_of_ticket(
    context: Context, tenant_id: UUID, ticket_id: UUID, *, after_version: int = 0
) -> Sequence[Fact]:
    """What happened to a ticket, oldest first; with `after_version` only what came after that version of it."""
    wanted = (
        select(Fact)
        .where(Fact.tenant_id == tenant_id, Fact.tenant_id.in_(context.tenants), Fact.ticket_id == ticket_id)
        .order_by(Fact.id)
    )
    if after_version:
        wanted = wanted.where(Fact.version > after_version)
    return context.session.scalars(wanted).all()


def newest_of_tickets(
    context: Context, tenant_id: UUID, ticket_ids: Collection[UUID], kind: str
) -> Sequence[Fact]:
    """The newest fact of a kind about each of some tickets, where there is one."""
    return context.session.scalars(
        select(Fact)
        .ext(distinct_on(Fact.ticket_id))
        .where(
            Fact.tenant_id == tenant_id,
            Fact.tenant_id.in_(context.tenants),
            Fact.ticket_id.in_(ticket_ids),
            Fact.kind == kind,
        )
        .order_by(Fact.ticket_id, Fact.id.desc())
    ).all()


def facts_of_case(context: Context, case_id: UUID) -> Sequence[Fact]:
    """What happened to a case in all tenants of the context, oldest first."""
    return context.session.scalars(
        select(Fact)
        .where(Fact.tenant_id.in_(context.tenants), Fact.case_id == case_id)
        .order_by(Fact.at, Fact.id)
    ).all()


def failed_jobs(context: Context) -> Sequence[Job]:
    """The jobs set aside after too many failures, oldest first."""
    return context.session.scalars(
        select(Job)
        .where(Job.tenant_id.in_(context.tenants), Job.state == JobState.FAILED)
        .order_by(Job.created_at)
    ).all()


def waiting_jobs(context: Context) -> int:
    """How many promised jobs are not done yet."""
    return (
        context.session.scalar(
            select(func.count())
            .select_from(Job)
            .where(Job.tenant_id.in_(context.tenants), Job.state == JobState.WAITING)
        )
        or 0
    )
