"""How far behind the hub is: jobs, deadlines and seals, across all tenants, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from hub.journal.models import Fact, Job, JobState, Seal
from hub.sla.models import CaseClock, TicketClock
from tenants.across import Across, Purpose
from tenants.context import SYSTEM, Context


@dataclass(frozen=True, slots=True)
class WorkState:
    """What waits, and for how many seconds the oldest of it has been due; 0 where nothing is."""

    waiting_jobs: int
    failed_jobs: int
    oldest_job_seconds: float
    jobs_late_seconds: float
    open_clocks: int
    clocks_late_seconds: float
    unsealed_seconds: float


def work_state(across: Across, purpose: Purpose = Purpose.VERIFYING) -> WorkState:
    """The state at this moment, for operators: of what was promised, how old and how late; of clocks, how many run."""
    with across.unit_of_work(purpose, actor=SYSTEM) as context:
        session, tenants = context.session, context.tenants
        jobs: dict[str, int] = dict.fromkeys(JobState, 0)
        for state, count in session.execute(
            select(Job.state, func.count()).where(Job.tenant_id.in_(tenants)).group_by(Job.state)
        ):
            jobs[state] = count
        next_job, oldest_job = session.execute(
            select(func.min(Job.next_attempt_at), func.min(Job.created_at)).where(
                Job.tenant_id.in_(tenants), Job.state == JobState.WAITING
            )
        ).one()
        open_clocks = session.scalar(
            select(func.count()).where(
                TicketClock.tenant_id.in_(tenants),
                TicketClock.met_at.is_(None),
                TicketClock.stopped_at.is_(None),
            )
        )
        open_case_clocks = session.scalar(
            select(func.count()).where(CaseClock.met_at.is_(None), CaseClock.stopped_at.is_(None))
        )
        next_of_tickets = session.scalar(
            select(func.min(TicketClock.next_action_at)).where(TicketClock.tenant_id.in_(tenants))
        )
        next_of_cases = session.scalar(select(func.min(CaseClock.next_action_at)))
        return WorkState(
            waiting_jobs=jobs[JobState.WAITING],
            failed_jobs=jobs[JobState.FAILED],
            oldest_job_seconds=_seconds_since(context, oldest_job),
            jobs_late_seconds=_seconds_since(context, next_job),
            open_clocks=(open_clocks or 0) + (open_case_clocks or 0),
            clocks_late_seconds=max(
                _seconds_since(context, next_of_tickets), _seconds_since(context, next_of_cases)
            ),
            unsealed_seconds=_seconds_since(context, _oldest_unsealed(context)),
        )


def _oldest_unsealed(context: Context) -> datetime | None:
    """When the oldest fact that no seal covers was written, by its id: imported facts are older than that."""
    session = context.session
    sealed: dict[UUID, int] = {}
    for tenant_id, to_writer in session.execute(
        select(Seal.tenant_id, func.max(Seal.to_writer))
        .where(Seal.tenant_id.in_(context.tenants))
        .group_by(Seal.tenant_id)
    ):
        sealed[tenant_id] = to_writer
    # A look per tenant, because each is one step into the index of writers.
    unsealed = [
        session.scalar(
            select(Fact.id)
            .where(Fact.tenant_id == tenant_id, Fact.written_by >= sealed.get(tenant_id, 0))
            .order_by(Fact.written_by)
            .limit(1)
        )
        for tenant_id in context.tenants
    ]
    oldest = min((fact_id for fact_id in unsealed if fact_id is not None), default=None)
    if oldest is None:
        return None
    # The first 48 bits of a version 7 UUID are its milliseconds since 1970 (RFC 9562, 5.7).
    return datetime.fromtimestamp((oldest.int >> 80) / 1000, tz=context.now.tzinfo)


def _seconds_since(context: Context, moment: datetime | None) -> float:
    return 0.0 if moment is None else max((context.now - moment).total_seconds(), 0.0)
