"""Receipts for tests, promised as a page does it, and the jobs that send them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.journal.models import Job
from hub.journal.running import Outcome, run_job
from hub.journal.settings import JobSettings
from hub.messages.actions import Promised, promise_receipt, send_message
from hub.messages.models import Message
from hub.messages.wording import Receipt
from hub.reactions import SEND_MESSAGE
from tenants.clock import Clock
from tenants.context import CITIZEN, SYSTEM, Context
from tenants.database import Database
from tenants.ids import HUB
from tenants.languages import Language, Text
from tests.world import SUNDAY_TEN, World

EMAIL = "mona@example.com"
NUMBER = "1234567890"
LINK = "https://hub.example/ar/cases/1234567890#secret=AbC_-xyz"


def receipt(**changes: Any) -> Receipt:
    """The receipt of a report of a burst pipe."""
    facts: dict[str, Any] = {
        "email": EMAIL,
        "number": NUMBER,
        "link": LINK,
        "service": Text(ar="كسر ماسورة", en="Burst pipe"),
        "body": Text(ar="شركة المياه", en="Water company"),
        "due_at": SUNDAY_TEN,
        "zone": "Africa/Cairo",
    }
    return Receipt(**{**facts, **changes})


@contextmanager
def as_visitor(world: World, language: Language = Language.ARABIC) -> Iterator[Context]:
    """A unit of work of a citizen in a body."""
    with world.database.unit_of_work(
        actor=CITIZEN, tenants=(world.water.id,), language=language, clock=world.clock
    ) as context:
        yield context


def promised(world: World, language: Language = Language.ARABIC, **changes: Any) -> Promised:
    """Promise a receipt in a unit of work of its own."""
    with as_visitor(world, language) as context:
        return promise_receipt(context, receipt(**changes))


def jobs(world: World) -> list[Job]:
    """The jobs of messages that are not done."""
    return _jobs(world.database, world.clock)


def run(world: World, job_id: UUID, settings: JobSettings | None = None) -> Outcome:
    """Do one attempt at a job."""
    return _run(world.database, job_id, settings or JobSettings(), world.clock)


def run_all(world: World) -> list[Outcome]:
    """Do one attempt at every job of messages."""
    return send_all(world.database, world.clock)


def send_all(database: Database, clock: Clock | None = None) -> list[Outcome]:
    """Do one attempt at every job of messages of a database."""
    return [_run(database, each.id, JobSettings(), clock) for each in _jobs(database, clock)]


def _jobs(database: Database, clock: Clock | None) -> list[Job]:
    with database.unit_of_work(actor=SYSTEM, tenants=(HUB,), clock=clock) as context:
        return list(
            context.session.scalars(
                select(Job)
                .where(Job.tenant_id == HUB, Job.task == SEND_MESSAGE)
                .order_by(Job.id)
                .execution_options(populate_existing=True)
            )
        )


def _run(database: Database, job_id: UUID, settings: JobSettings, clock: Clock | None) -> Outcome:
    def work(context: Context, fact: Any) -> None:
        send_message(context, UUID(fact.data["message_id"]))

    return run_job(database, HUB, job_id, work, settings, clock=clock)


def messages(world: World) -> list[Message]:
    """All messages, as only the hub itself sees them."""
    with world.as_system() as context:
        return list(
            context.session.scalars(
                select(Message)
                .where(Message.tenant_id == HUB)
                .order_by(Message.id)
                .execution_options(populate_existing=True)
            )
        )
