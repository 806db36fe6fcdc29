"""The command that serves the hub over HTTP."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.speech import say
from tenants.languages import Text

if TYPE_CHECKING:
    from infra.serving.serve import Addresses

_LISTENING = Text(ar="تعمل المنظومة على {address}", en="The hub listens on {address}")
_FIGURES = Text(ar="وأرقامها لـ Prometheus على {address}", en="Its figures for Prometheus are at {address}")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; else HUB_WEB_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port, 0 for any free one; else HUB_WEB_PORT.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="How many processes; else HUB_WEB_WORKERS.")
    ] = None,
    admin_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65_535, help="Port of the figures, 0 for any free one; else HUB_WEB_ADMIN_PORT."
        ),
    ] = None,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Run a worker with its beat beside it.")
    ] = False,
) -> None:
    """Serve the portal and the API until told to stop (TERM or Ctrl+C); requests that were taken are answered first."""
    from infra.logs import configure_logs  # noqa: PLC0415 - help needs none of this
    from infra.serving.serve import serve as serve_hub  # noqa: PLC0415
    from infra.settings import WebSettings  # noqa: PLC0415

    configure_logs()
    asked = {"host": host, "port": port, "workers": workers, "admin_port": admin_port}
    settings = WebSettings.model_validate({name: value for name, value in asked.items() if value is not None})
    raise typer.Exit(serve_hub(settings, tell_addresses, with_worker=with_worker))


def tell_addresses(addresses: Addresses) -> None:
    """Print where the hub is reached, as soon as it is."""
    say(_LISTENING, address=addresses.public)
    say(_FIGURES, address=addresses.figures)
    sys.stdout.flush()
