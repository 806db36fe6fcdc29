"""The command that lists every setting."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.cli.speech import language_of_terminal, print_table
from tenants.languages import Language, Text

_COLUMNS = (
    Text(ar="المتغير", en="Variable"),
    Text(ar="نوعه", en="Holds"),
    Text(ar="من دونه", en="Without it"),
    Text(ar="قيمته الآن", en="Set to"),
    Text(ar="غرضه", en="What for"),
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(settings)


def settings(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As a page of the documentation, in English.")
    ] = False,
) -> None:
    """List every variable of the environment that the hub reads, and what it is set to; secrets are not shown."""
    from infra.settings_in_arabic import IN_ARABIC  # noqa: PLC0415 - help needs none of this
    from infra.settings_table import all_settings, as_markdown  # noqa: PLC0415

    found = all_settings()
    if markdown:
        print(as_markdown(found), end="")
        return
    arabic = language_of_terminal() is Language.ARABIC
    rows = [
        (
            each.name,
            each.kind,
            each.default,
            each.in_force,
            IN_ARABIC[each.name] if arabic else each.description,
        )
        for each in found
    ]
    print_table(_COLUMNS, rows)
