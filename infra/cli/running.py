"""Commands that keep running: the worker and the beat."""

from __future__ import annotations

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(worker)
    app.command()(beat)


def worker(
    with_beat: Annotated[
        bool, typer.Option("--with-beat", help="Make the rounds of the beat as well.")
    ] = False,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="How many jobs at a time.")] = 4,
) -> None:
    """Do promised jobs until told to stop (TERM or Ctrl+C); what was begun is finished."""
    from infra.logs import configure_logs  # noqa: PLC0415 - help needs none of this
    from infra.process import running_hub  # noqa: PLC0415
    from infra.worker import run_worker  # noqa: PLC0415

    configure_logs()
    with running_hub(connections=max(5, concurrency)) as hub:
        status = run_worker(hub, concurrency=concurrency, with_beat=with_beat)
    raise typer.Exit(status)


def beat() -> None:
    """Make the rounds until told to stop: hand out jobs, fire deadlines, close silent tickets, seal the journal."""
    from infra.beat import run_beat  # noqa: PLC0415 - help needs none of this
    from infra.logs import configure_logs  # noqa: PLC0415
    from infra.process import running_hub  # noqa: PLC0415

    configure_logs()
    with running_hub() as hub:
        run_beat(hub)
