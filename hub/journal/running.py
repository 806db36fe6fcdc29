"""Running one promised job: its work and the disappearance of its row are one transaction, so it is done once."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update

from hub.journal.models import Fact, Job, JobState
from hub.journal.settings import JobSettings
from tenants.clock import Clock
from tenants.context import SYSTEM, Context
from tenants.database import Database

# Gives True when it left work over.
Work = Callable[[Context, Fact], bool | None]


class Outcome(StrEnum):
    """What became of one attempt at a job."""

    DONE = "done"
    MORE = "more"
    NOT_OURS = "not_ours"
    FAILED = "failed"


_log = structlog.get_logger()


def run_job(
    database: Database,
    tenant_id: UUID,
    job_id: UUID,
    work: Work,
    settings: JobSettings,
    *,
    clock: Clock | None = None,
) -> Outcome:
    """Do a job's work unless it is done, set aside or being done elsewhere.

    Work left over keeps the row, with what was done so far. A failure is noted on the row: it is tried again after
    a growing wait and at last set aside, never dropped.
    """
    try:
        with database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=clock) as context:
            fact_id = context.session.scalar(
                select(Job.fact_id)
                .where(Job.tenant_id == tenant_id, Job.id == job_id, Job.state == JobState.WAITING)
                .with_for_update(skip_locked=True)
            )
            if fact_id is None:
                return Outcome.NOT_OURS
            fact = context.session.get_one(Fact, (tenant_id, fact_id))
            if work(context, fact):
                return Outcome.MORE
            # The work may have narrowed or widened the context's fence; the row is the tenant's own either way.
            context.session.execute(delete(Job).where(Job.tenant_id == tenant_id, Job.id == job_id))
    except Exception as problem:
        _note_failure(database, tenant_id, job_id, problem, settings, clock)
        return Outcome.FAILED
    return Outcome.DONE


def _note_failure(
    database: Database,
    tenant_id: UUID,
    job_id: UUID,
    problem: Exception,
    settings: JobSettings,
    clock: Clock | None,
) -> None:
    with database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=clock) as context:
        failures = context.session.scalar(
            select(Job.attempts)
            .where(Job.tenant_id == tenant_id, Job.id == job_id, Job.state == JobState.WAITING)
            .with_for_update()
        )
        if failures is None:
            return
        failures += 1
        given_up = failures >= settings.attempts
        context.session.execute(
            update(Job)
            .where(Job.tenant_id == tenant_id, Job.id == job_id)
            .values(
                attempts=failures,
                state=JobState.FAILED if given_up else JobState.WAITING,
                next_attempt_at=context.now + settings.wait_after(failures),
                last_error=f"{type(problem).__name__}: {problem}"[:2000],
            )
        )
    _log.warning(
        "job_failed",
        tenant=str(tenant_id),
        job=str(job_id),
        failures=failures,
        set_aside=given_up,
        exc_info=problem,
    )
