"""The command that fills a hub with made-up bodies and cases, to measure with."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from infra.cli.speech import say, sentence
from tenants.languages import Text

_GENERATED = Text(
    ar="كُتبت {tickets} تذكرة لعدد {tenants} من الجهات، وكان على المنصة من قبل {known}.",
    en="Tickets written: {tickets}, for {tenants} bodies; on the hub before: {known}.",
)
_WRITING = Text(ar="كتابة الحالات", en="Writing cases")
# One more than there are processors: while the database answers one of them, another makes cases.
_MOST_PROCESSES = 8


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(generate)


def generate(
    tickets: Annotated[int, typer.Option(min=1, max=20_000_000, help="How many tickets there are to be.")],
    tenants: Annotated[int, typer.Option(min=1, max=400, help="Over how many bodies, gen01 and so on.")] = 40,
    open_share: Annotated[float, typer.Option(min=0, max=1, help="Share of tickets still open.")] = 0.1,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="Days up to now that they came in.")] = 365,
    seed: Annotated[int, typer.Option(help="The source of chance: the same hub for the same number.")] = 19,
    force: Annotated[bool, typer.Option("--force", help="Also beside live bodies of somebody else.")] = False,
) -> None:
    """Fill the database with made-up bodies and cases of theirs, for measuring and trying out.

    May be stopped at any moment and started again with the same options: it goes on where it was.
    """
    from infra.generate.run import Wishes  # noqa: PLC0415 - help needs none of this
    from infra.generate.run import generate as fill  # noqa: PLC0415
    from infra.process import running_hub  # noqa: PLC0415

    wishes = Wishes(tickets, tenants, open_share, days, seed, force)
    processes = min((os.cpu_count() or 1) + 1, _MOST_PROCESSES)
    with running_hub() as hub, _progress(tickets) as on_progress:
        done = fill(
            hub.database,
            wishes,
            url=hub.urls.app.get_secret_value(),
            processes=processes,
            on_progress=on_progress,
        )
    say(_GENERATED, tickets=done.tickets, tenants=tenants, known=done.known)


@contextmanager
def _progress(tickets: int) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - help needs none of this
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(sentence(_WRITING), total=tickets)
        yield lambda written: bar.advance(task, written)
