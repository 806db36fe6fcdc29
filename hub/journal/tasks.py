"""Jobs as Celery tasks: the message carries ids only, and whatever happens to it the job's row has the last word."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from celery import shared_task

from hub.journal.running import Outcome, Work, run_job
from hub.journal.settings import JobSettings
from tenants.database import process_database

JOBS: dict[str, Callable[[str, str], None]] = {}


def job(name: str, *, attempts: int | None = None) -> Callable[[Work], Work]:
    """Declare the work of the jobs that `hub.reactions` promises under a name.

    The work gets a context of the fact's tenant, acting as the system, and the fact. It may run again after a
    failure and says with True that it left work over: what it did is kept and it is called again. `attempts` is for
    work that waits for others longer than the settings have patience: failures after which it is set aside.
    """

    def declare(work: Work) -> Work:
        def run(tenant_id: str, job_id: str) -> None:
            settings = JobSettings().at_least(attempts)
            while run_job(process_database(), UUID(tenant_id), UUID(job_id), work, settings) is Outcome.MORE:
                pass

        JOBS[name] = run
        shared_task(name=name, acks_late=True, reject_on_worker_lost=True, ignore_result=True)(run)
        return work

    return declare
