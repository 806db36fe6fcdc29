"""Recording facts: the row, what follows at once, and the jobs promised for later, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update

from hub.events import Event
from hub.journal.models import Fact, Job, JobState
from hub.journal.registry import reaction_to
from tenants.context import Context
from tenants.database import insert_many
from tenants.errors import NotFound
from tenants.ids import new_id
from tenants.permissions import Permission


def record(context: Context, *events: Event) -> None:
    """Write facts to the journal and let follow what `hub.reactions` says, in the order given."""
    rows = [(new_id(), event) for event in events]
    insert_many(
        context.session,
        Fact,
        [
            {
                "tenant_id": event.tenant_id,
                "id": fact_id,
                "at": context.now,
                "kind": event.kind,
                "actor_kind": context.actor.kind.value,
                "actor_id": context.actor.id,
                "case_id": event.case_id,
                "ticket_id": event.ticket_id,
                "version": event.version,
                "data": event.data(),
            }
            for fact_id, event in rows
        ],
    )
    jobs = [
        _job(context, event.tenant_id, fact_id, task)
        for fact_id, event in rows
        for task in reaction_to(type(event)).later
    ]
    if jobs:
        context.session.execute(insert(Job), jobs)
    for _, event in rows:
        for follow in reaction_to(type(event)).now:
            follow(context, event)


def record_history(context: Context, facts: Iterable[tuple[datetime, Event]]) -> None:
    """Write facts of the past at their own times, many at once, for an import of history.

    Nothing follows from them: whatever they once caused has happened elsewhere. They are sealed like all others.
    """
    insert_many(
        context.session,
        Fact,
        [
            {
                "tenant_id": event.tenant_id,
                "id": new_id(),
                "at": at,
                "kind": event.kind,
                "actor_kind": context.actor.kind.value,
                "actor_id": context.actor.id,
                "case_id": event.case_id,
                "ticket_id": event.ticket_id,
                "version": event.version,
                "data": event.data(),
            }
            for at, event in facts
        ],
    )


def _job(context: Context, tenant_id: UUID, fact_id: UUID, task: str) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "id": new_id(),
        "task": task,
        "fact_id": fact_id,
        "state": JobState.WAITING.value,
        "attempts": 0,
        "created_at": context.now,
        "next_attempt_at": context.now,
        "last_error": None,
    }


def retry_jobs(context: Context, ids: Sequence[UUID]) -> int:
    """Try set-aside jobs again from the beginning, for an operator who has mended the cause; gives their number.

    Raises `NotFound` when one of them is not a set-aside job, and then tries none.
    """
    for tenant_id in context.tenants:
        context.demand(Permission.JOBS_RETRY, tenant_id)
    changed = context.session.scalars(
        update(Job)
        .where(Job.tenant_id.in_(context.tenants), Job.id.in_(ids), Job.state == JobState.FAILED)
        .values(state=JobState.WAITING, attempts=0, next_attempt_at=context.now)
        .returning(Job.id)
    ).all()
    if len(changed) != len(set(ids)):
        raise NotFound(field="job")
    return len(changed)
