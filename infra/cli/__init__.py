"""The command `hub`: what operators do, each command a function of one of the modules here."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Final, Protocol, cast

import typer

from infra.cli.speech import language_of_terminal

if TYPE_CHECKING:
    from tenants.errors import Refusal

_MODULES: Final = (
    "demo",
    "serving",
    "running",
    "settings",
    "database",
    "journal",
    "jobs",
    "keys",
    "importing",
    "kpi",
    "promises",
    "generating",
    "doctor",
)
_REFUSED: Final = 1
_INTERRUPTED: Final = 128 + signal.SIGINT


class _Commands(Protocol):
    def add_to(self, app: typer.Typer) -> None: ...


def command_line() -> typer.Typer:
    """All commands. Their modules load what they work with only when they are called, so that help comes at once."""
    app = typer.Typer(
        name="hub",
        help="Hub19: one citizen-relations hub for many government bodies.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Plain help comes in half the time.
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in _MODULES:
        cast(_Commands, import_module(f"infra.cli.{name}")).add_to(app)
    return app


def main() -> None:
    """Run one command. What the hub refuses is one sentence on standard error and exit status 1, never a trace."""
    interrupted = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        command_line()()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except Exception as problem:
        # In the middle of a statement the database's driver answers an interrupt with errors of its own.
        if interrupted:
            sys.exit(_INTERRUPTED)
        refused = _as_refusal(problem)
        if refused is None:
            raise
        print(refused.sentence(language_of_terminal()), file=sys.stderr)
        sys.exit(_REFUSED)


def _as_refusal(problem: Exception) -> Refusal | None:
    """The sentence for what an operator can do something about; None for a fault of the hub's own."""
    import psycopg  # noqa: PLC0415 - only for the way out
    from pydantic import ValidationError  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from infra.errors import DatabaseWentAway  # noqa: PLC0415
    from tenants.errors import Refusal  # noqa: PLC0415

    if isinstance(problem, Refusal):
        return problem
    if isinstance(problem, ValidationError):
        return _bad_setting(problem)
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    # A server that goes down says so by codes of the classes 08 and 57; one that is gone says nothing.
    if isinstance(cause, psycopg.OperationalError) and (cause.sqlstate or "08")[:2] in ("08", "57"):
        return DatabaseWentAway(field="DATABASE_URL")
    return None


def _bad_setting(problem: object) -> Refusal | None:
    from pydantic import ValidationError  # noqa: PLC0415
    from pydantic_settings import BaseSettings  # noqa: PLC0415

    from infra.errors import BadSetting  # noqa: PLC0415

    if not isinstance(problem, ValidationError):
        return None
    for settings in BaseSettings.__subclasses__():
        if settings.__name__ == problem.title:
            first = problem.errors(include_input=False, include_url=False)[0]
            name = f"{settings.model_config.get('env_prefix', '')}{first['loc'][0]}".upper()
            return BadSetting(field=name, name=name, reason=first["msg"])
    return None
