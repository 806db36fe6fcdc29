"""Steps that many tests of files take: the settings changed, files taken in, promised jobs done."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.attachments import actions, tasks
from hub.attachments.actions import Finished
from hub.attachments.models import Attachment, AttachmentState
from hub.attachments.settings import file_settings
from hub.journal.models import Fact, Job
from hub.journal.running import Outcome, run_job
from hub.journal.settings import JobSettings
from hub.tickets.actions import Opened
from tenants.across import Across
from tenants.context import CITIZEN, Context
from tests.world import Agency, World

_WORK = {
    "attachments.bring": tasks.bring,
    "attachments.examine": tasks.examine,
    "attachments.clear": tasks.clear,
}


def set_to(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    """Run the rest of the test by other settings."""
    for name, value in values.items():
        monkeypatch.setenv(f"HUB_FILES_{name.upper()}", str(value))
    file_settings.cache_clear()


@contextmanager
def as_anybody(world: World, agency: Agency | None = None) -> Iterator[Context]:
    """A citizen who has no case yet."""
    with world.database.unit_of_work(
        actor=CITIZEN, tenants=((agency or world.water).id,), clock=world.clock
    ) as context:
        yield context


def taken_in(context: Context, content: bytes, name: str = "file") -> Finished:
    """A whole file, uploaded at once."""
    return actions.upload(
        context, name=name, content=BytesIO(content), size=len(content), sha256=sha(content)
    )


def claim(context: Context, ids: Sequence[UUID], opened: Opened, **more: Any) -> None:
    """Give files to the first ticket of a case."""
    actions.claim(
        context,
        ids,
        tenant_id=context.tenant_id,
        case_id=opened.case_id,
        ticket_id=opened.ticket_id,
        **more,
    )


def sha(content: bytes) -> str:
    """The checksum that a client sends."""
    return hashlib.sha256(content).hexdigest()


def do_jobs(world: World, agency: Agency | None = None) -> list[Outcome]:
    """Do the promised jobs of files, oldest first, until no more of them are promised; each is tried once."""
    where = agency or world.water
    outcomes: list[Outcome] = []
    tried: set[UUID] = set()
    while True:
        with world.as_system(where) as context:
            job = context.session.scalars(
                select(Job)
                .where(Job.tenant_id == where.id, Job.task.in_(_WORK), Job.id.not_in(tried))
                .order_by(Job.id)
                .limit(1)
            ).one_or_none()
        if job is None:
            return outcomes
        tried.add(job.id)
        outcomes.append(
            run_job(world.database, where.id, job.id, _WORK[job.task], JobSettings(), clock=world.clock)
        )


def row_of(world: World, attachment_id: UUID, agency: Agency | None = None) -> Attachment:
    """A file's row as it is now."""
    where = agency or world.water
    with world.as_system(where) as context:
        return context.session.get_one(Attachment, (where.id, attachment_id), populate_existing=True)


def state_of(world: World, attachment_id: UUID, agency: Agency | None = None) -> tuple[str, str | None]:
    """A file's state, and why it was refused if it was."""
    row = row_of(world, attachment_id, agency)
    return row.state, row.refused_because


def examined(world: World, content: bytes, name: str = "file") -> UUID:
    """A citizen's file that has been through all that happens to it."""
    with as_anybody(world) as context:
        finished = taken_in(context, content, name)
    assert finished.state is AttachmentState.SCANNING, finished.because
    do_jobs(world)
    return finished.id


def kinds_of_facts(world: World, attachment_id: UUID, agency: Agency | None = None) -> list[str]:
    """What the journal says of a file."""
    where = agency or world.water
    with world.as_system(where) as context:
        return list(
            context.session.scalars(
                select(Fact.kind)
                .where(Fact.tenant_id == where.id, Fact.data["attachment_id"].astext == str(attachment_id))
                .order_by(Fact.id)
            )
        )


def stored(folder: Path) -> list[str]:
    """What lies in the folder of files, by the last part of each key."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def swept(world: World) -> tuple[int, int]:
    """Sweep once; gives how many files were given up, and how many stored things belonged to none."""
    result = actions.sweep_orphans(Across(world.database), clock=world.clock)
    return result.given_up, result.orphans


def age(folder: Path, world: World, hours: float) -> None:
    """Make everything in the store as old as so many hours of the world's clock."""
    moment = (world.clock.moment - timedelta(hours=hours)).timestamp()
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (moment, moment))


class Stopped(BaseException):
    """What ends a unit of work as a killed process does: nothing after it happens."""


@contextmanager
def cut_short(entered: AbstractContextManager[Context]) -> Iterator[Context]:
    """A unit of work that ends before its commit."""
    with suppress(Stopped), entered as context:
        yield context
        raise Stopped
