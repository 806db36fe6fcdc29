"""Commands for promised jobs: what waits, what was set aside, and trying it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from infra.cli.speech import Format, print_json, print_table, say, sentence
from tenants.languages import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.journal.models import Job
    from infra.process import Hub

_COLUMNS = (
    Text(ar="المعرّف", en="id"),
    Text(ar="الجهة", en="body"),
    Text(ar="المهمة", en="job"),
    Text(ar="المحاولات", en="attempts"),
    Text(ar="منذ", en="since"),
    Text(ar="آخر خطأ", en="last error"),
)
_NONE_FAILED = Text(ar="لا توجد مهام موضوعة جانبًا.", en="No jobs have been set aside.")
_ASK = Text(ar="إعادة تنفيذ المهام الموضوعة جانبًا، وعددها {count}؟", en="Try {count} set-aside jobs again?")
_AGAIN = Text(ar="ستنفّذ من جديد مهام عددها {count}.", en="{count} jobs will be tried again.")
_WAITING = Text(ar="مهام في الانتظار: {count}.", en="Jobs waiting: {count}.")
_LIVELY = Text(ar="لم يتغير شيء.", en="Nothing was changed.")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(help="Work promised for later.", no_args_is_help=True)
    commands.command()(failed)
    commands.command()(retry)
    commands.command()(waiting)
    app.add_typer(commands, name="jobs")


def failed(
    form: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TABLE,
) -> None:
    """List the jobs that failed too often and were set aside, with their last error."""
    from infra.process import running_hub  # noqa: PLC0415 - help needs none of this

    with running_hub() as hub:
        jobs = _failed(hub)
        codes = _codes(hub)
    if form is Format.JSON:
        print_json(
            [
                {
                    "id": job.id,
                    "tenant": codes[job.tenant_id],
                    "task": job.task,
                    "attempts": job.attempts,
                    "created_at": job.created_at.isoformat(),
                    "last_error": job.last_error,
                }
                for job in jobs
            ]
        )
    elif not jobs:
        say(_NONE_FAILED)
    else:
        print_table(
            _COLUMNS,
            [
                (
                    job.id,
                    codes[job.tenant_id],
                    job.task,
                    job.attempts,
                    f"{job.created_at:%Y-%m-%d %H:%M} UTC",
                    (job.last_error or "").partition("\n")[0],
                )
                for job in jobs
            ],
        )


def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids as `hub jobs failed` shows them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All jobs that were set aside.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Try set-aside jobs again from the beginning, once their cause is mended."""
    from hub.journal.actions import retry_jobs  # noqa: PLC0415 - help needs none of this
    from infra.errors import NothingNamed  # noqa: PLC0415
    from infra.process import running_hub  # noqa: PLC0415
    from tenants.across import Purpose  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415

    if bool(ids) == every:
        raise NothingNamed(field="ids")
    wanted = [_job_id(given) for given in ids or []]
    with running_hub() as hub:
        chosen = wanted or [job.id for job in _failed(hub)]
        if not chosen:
            say(_NONE_FAILED)
            return
        if not yes and not typer.confirm(sentence(_ASK, count=len(chosen))):
            say(_LIVELY)
            raise typer.Exit(1)
        with hub.across.unit_of_work(Purpose.JOBS, actor=SYSTEM) as context:
            count = retry_jobs(context, chosen)
    say(_AGAIN, count=count)


def waiting() -> None:
    """Say how many promised jobs are not done yet."""
    from hub.journal.queries import waiting_jobs  # noqa: PLC0415 - help needs none of this
    from infra.process import running_hub  # noqa: PLC0415
    from tenants.across import Purpose  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415

    with running_hub() as hub, hub.across.unit_of_work(Purpose.JOBS, actor=SYSTEM) as context:
        count = waiting_jobs(context)
    say(_WAITING, count=count)


def _failed(hub: Hub) -> Sequence[Job]:
    from hub.journal.queries import failed_jobs  # noqa: PLC0415 - help needs none of this
    from tenants.across import Purpose  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415

    with hub.across.unit_of_work(Purpose.JOBS, actor=SYSTEM) as context:
        return failed_jobs(context)


def _codes(hub: Hub) -> dict[UUID, str]:
    from tenants.across import Purpose, codes_of_tenants  # noqa: PLC0415 - help needs none of this
    from tenants.context import SYSTEM  # noqa: PLC0415

    with hub.across.unit_of_work(Purpose.JOBS, actor=SYSTEM) as context:
        return codes_of_tenants(context)


def _job_id(given: str) -> UUID:
    from infra.errors import BadJobId  # noqa: PLC0415 - help needs none of this

    try:
        return UUID(given)
    except ValueError:
        raise BadJobId(field="ids", given=given[:60]) from None
