"""Commands for the database itself."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.cli.speech import say
from tenants.languages import Text

_APPLIED = Text(ar="نُفّذ التحديث: {name}", en="Applied: {name}")
_PRESENT = Text(ar="قاعدة البيانات محدّثة.", en="The database is up to date.")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(migrate)


def migrate(
    print_roles: Annotated[
        bool,
        typer.Option(
            "--print-roles", help="Only print the SQL that makes roles and database on an outside server."
        ),
    ] = False,
) -> None:
    """Bring the database to the shape that this release works with."""
    if print_roles:
        from tenants.roles import role_script  # noqa: PLC0415 - help needs none of this

        print(role_script(), end="")
        return
    from infra.migrate import migrate as apply  # noqa: PLC0415 - help needs none of this
    from infra.process import running_hub  # noqa: PLC0415

    with running_hub(check=False) as hub:
        names = apply(hub.urls.owner.get_secret_value())
    for name in names:
        say(_APPLIED, name=name)
    if not names:
        say(_PRESENT)
