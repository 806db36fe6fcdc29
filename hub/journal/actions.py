"""Recording facts: the row, what follows at once, and the jobs promised for later, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from hub.events import Event
from hub.journal.models import Fact, Job, JobState
from hub.journal.registry import reaction_to
from tenants.context import Context
from tenants.database import Rows, insert_many, insert_together
from tenants.errors import NotFound
from tenants.ids import new_id
from tenants.permissions import Permission


def record(context: Context, *events: Event) -> None:
    """Write facts to the journal and let follow what `hub.reactions` says, in the order given."""
    insert_together(context.session, rows_of(context, *events))
    follow(context, *events)


@dataclass(frozen=True, slots=True)
class New:
    """A new row, the other rows that are written with it, and the facts of it all in their order."""

    row: Mapping[str, Any]
    others: Sequence[Rows]
    facts: Sequence[Event]


def new_with_all(context: Context, event: Event, row: Mapping[str, Any]) -> New:
    """A row that a fact says is new, and what `hub.reactions` has written along with it."""
    columns: dict[str, Any] = dict(row)
    others: list[Rows] = []
    facts: list[Event] = [event]
    for reaction in reaction_to(type(event)).along:
        along = reaction(context, event, columns)
        columns |= along.columns
        others += along.rows
        facts += along.facts
    return New(columns, others, facts)


def rows_of(context: Context, *events: Event) -> list[Rows]:
    """Facts and the jobs they promise as rows, for an act that writes them together with its own; `follow` comes next."""
    facts = [(new_id(), event) for event in events]
    return [
        (
            Fact,
            [_row(context, fact_id, context.now, event) for fact_id, event in facts],
        ),
        (
            Job,
            [
                _job(context, event.tenant_id, fact_id, task)
                for fact_id, event in facts
                for task in reaction_to(type(event)).later
            ],
        ),
    ]


def follow(context: Context, *events: Event) -> None:
    """Let follow at once what facts cause that have just been written."""
    context.written.update(event.tenant_id for event in events if event.ticket_id is not None)
    for event in events:
        for reaction in reaction_to(type(event)).now:
            reaction(context, event)


def record_history(context: Context, facts: Iterable[tuple[datetime, Event]]) -> None:
    """Write facts of the past at their own times, many at once, for an import of history.

    Nothing follows from them: whatever they once caused has happened elsewhere. They are sealed like all others.
    """
    insert_many(
        context.session,
        Fact,
        [_row(context, new_id(), at, event) for at, event in facts],
    )


def _row(context: Context, fact_id: UUID, at: datetime, event: Event) -> dict[str, object]:
    return {
        "tenant_id": event.tenant_id,
        "id": fact_id,
        "at": at,
        "kind": event.kind,
        "actor_kind": context.actor.kind.value,
        "actor_id": context.actor.id,
        "case_id": event.case_id,
        "ticket_id": event.ticket_id,
        "version": event.version,
        "data": event.data(),
    }


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
