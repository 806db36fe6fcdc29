"""The command for what agencies' pages show of how promises were kept."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.cli.speech import say
from tenants.languages import Text

_RECKONED = Text(ar="عدد الأيام التي حُسبت من جديد: {days}.", en="Days reckoned anew: {days}.")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        help="How bodies kept their promises, as their pages show it.", no_args_is_help=True
    )
    # Typer takes the commands of a group with one command for the group itself.
    commands.callback()(lambda: None)
    commands.command()(reckon)
    app.add_typer(commands, name="promises")


def reckon(
    tenant: Annotated[str | None, typer.Option(help="Only this body, by its code.")] = None,
) -> None:
    """Reckon every day anew, from the tickets themselves; the beat does it for days that something happened to."""
    from infra.beat import reckon_all  # noqa: PLC0415 - help needs none of this
    from infra.errors import UnknownTenant  # noqa: PLC0415
    from infra.process import running_hub  # noqa: PLC0415
    from tenants.across import Purpose, codes_of_tenants  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415

    with running_hub() as hub:
        only = None
        if tenant is not None:
            with hub.across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM) as context:
                only = next(
                    (each for each, code in codes_of_tenants(context).items() if code == tenant), None
                )
            if only is None:
                raise UnknownTenant(field="tenant", code=tenant)
        say(_RECKONED, days=reckon_all(hub, anew=True, only=only))
