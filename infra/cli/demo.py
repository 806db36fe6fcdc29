"""The command that shows the hub at work."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from infra.cli.speech import language_of_terminal


class SpokenLanguage(StrEnum):
    """The languages that the demonstration speaks."""

    ARABIC = "ar"
    ENGLISH = "en"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    language: Annotated[
        SpokenLanguage | None, typer.Option(help="What it speaks; left out: HUB_LANGUAGE, else LANG.")
    ] = None,
    cases: Annotated[int, typer.Option(min=10, max=20_000, help="How many cases the month has.")] = 500,
    seed: Annotated[int, typer.Option(help="The source of chance: the same month for the same number.")] = 19,
    again: Annotated[bool, typer.Option("--again", help="Add a month although there is one.")] = False,
    once: Annotated[bool, typer.Option("--once", help="End after the figures, serving nothing.")] = False,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Port of the API; left out: HUB_WEB_PORT, or any free one."),
    ] = None,
) -> None:
    """Show the hub at work: one case through its whole life, a month of six agencies, their figures; then serve the API.

    Uses a database of its own, in the folder `demo` of the hub's data.
    """
    from infra.demo.show import Wishes, show  # noqa: PLC0415 - help needs none of this
    from infra.logs import configure_logs  # noqa: PLC0415
    from tenants.languages import Language  # noqa: PLC0415

    configure_logs()
    spoken = Language(language.value) if language else language_of_terminal()
    show(Wishes(language=spoken, cases=cases, seed=seed, again=again, once=once, port=port))
