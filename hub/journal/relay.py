"""The relay: hands promised jobs to the broker; the rows stay until the work is done, so the broker may lose them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, tuple_, update

from hub.journal.models import Job, JobState
from hub.journal.settings import JobSettings
from tenants.across import Across, Purpose
from tenants.clock import Clock
from tenants.context import SYSTEM

Send = Callable[[str, UUID, UUID], None]


def hand_out(
    across: Across, send: Send, settings: JobSettings, *, limit: int = 500, clock: Clock | None = None
) -> int:
    """Give the jobs that are due to `send(task, tenant_id, job_id)`; gives their number.

    The lease is committed before anything is sent: two relays never hand out the same attempt, and a job whose
    message or worker is lost comes again when its lease has run out.
    """
    with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=clock) as context:
        due = (
            select(Job.tenant_id, Job.id)
            .where(
                Job.tenant_id.in_(context.tenants),
                Job.state == JobState.WAITING,
                Job.next_attempt_at <= context.now,
            )
            .order_by(Job.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        jobs = context.session.execute(
            update(Job)
            .where(tuple_(Job.tenant_id, Job.id).in_(due))
            .values(next_attempt_at=context.now + timedelta(seconds=settings.lease_seconds))
            .returning(Job.task, Job.tenant_id, Job.id)
            .execution_options(synchronize_session=False)
        ).all()
    for task, tenant_id, job_id in jobs:
        send(task, tenant_id, job_id)
    return len(jobs)
