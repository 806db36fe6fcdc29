"""The command that takes over the history of another system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.speech import language_of_terminal, say, sentence, warn
from tenants.languages import Text

if TYPE_CHECKING:
    from hub.importing.report import ImportReport
    from hub.importing.rows import RefusedRow

ROWS_REFUSED = 3
_CUT_OFF = 1

_READ = Text(
    ar="قُرئ {read} صفًا: استُورد {taken} منها، وكان على المنصة من قبل {known}، ورُفض {refused}.",
    en="Rows read: {read}. Taken over: {taken}, on the hub before: {known}, refused: {refused}.",
)
_CREATED = Text(ar="أُنشئت جهات عددها {count}: {names}", en="Bodies created: {count}: {names}")
_UNKNOWN = Text(
    ar="لا تعرف المنصة هذه الجهات: {names}. أضف الخيار ‎--create-tenants لإنشائها، أو أنشئها أولًا.",
    en="The hub does not know these bodies: {names}. Have them created by --create-tenants, or create them first.",
)
_REASON = Text(ar="مرفوض للسبب {code}: {count}", en="Refused as {code}: {count}")
_ROW = Text(ar="  السطر {line}: {reason}", en="  line {line}: {reason}")
_ALL_IN = Text(ar="كل الصفوف المرفوضة في الملف {file}.", en="All refused rows are in {file}.")
_READING = Text(ar="قراءة الملف", en="Reading the file")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(help="Take over history from other systems.", no_args_is_help=True)
    # A name of its own group, so that other kinds of history can stand beside it.
    commands.callback()(_group)
    commands.command()(cases)
    app.add_typer(commands, name="import")


def _group() -> None:
    """Take over history from other systems."""


def cases(
    file: Annotated[Path, typer.Argument(help="CSV file of past requests, plain or gzip.")],
    tenant_by: Annotated[str, typer.Option(help="Column that tells which body a request was for.")],
    mapping: Annotated[
        Path, typer.Option(help="What the file's columns and words mean (docs/importing.md).")
    ],
    create_tenants: Annotated[
        bool, typer.Option("--create-tenants", help="Create the bodies that the hub does not know.")
    ] = False,
    refused: Annotated[
        Path | None, typer.Option(help="CSV file to write every refused row and the reason to.")
    ] = None,
) -> None:
    """Take over past requests as cases, tickets, clocks and journal, at their original times.

    May be stopped at any moment and started again: no row is taken over twice. Exit status 0 when every row was
    taken, 3 when rows were refused, 1 when the file was refused or is cut off.
    """
    from hub.importing.actions import import_cases  # noqa: PLC0415 - help needs none of this
    from hub.importing.mapping import read_mapping  # noqa: PLC0415
    from hub.importing.rows import open_rows  # noqa: PLC0415
    from infra.process import running_hub  # noqa: PLC0415

    with (
        open_rows(file, read_mapping(mapping), tenant_by) as stream,
        _refused_rows(refused, file, mapping) as on_refused,
        running_hub() as hub,
        _progress() as on_progress,
    ):
        report = import_cases(
            hub.database,
            stream,
            create_tenants=create_tenants,
            on_refused=on_refused,
            on_progress=on_progress,
        )
    _tell(report, refused)
    if report.cut_off is not None:
        print(report.cut_off.sentence(language_of_terminal()), file=sys.stderr)
        raise typer.Exit(_CUT_OFF)
    if report.refused:
        raise typer.Exit(ROWS_REFUSED)


def _tell(report: ImportReport, refused: Path | None) -> None:
    say(_READ, read=report.read, taken=report.taken_over, known=report.known, refused=report.refused)
    if report.created_tenants:
        say(_CREATED, count=len(report.created_tenants), names=_listed(report.created_tenants))
    if report.unknown_tenants:
        warn(
            _UNKNOWN,
            names=_listed(f"{name} ({count})" for name, count in report.unknown_tenants.most_common()),
        )
    for code, count in report.by_reason.most_common():
        warn(_REASON, code=code, count=count)
        for row in report.examples[code]:
            warn(_ROW, line=row.line, reason=row.reason)
    if report.refused and refused is not None:
        warn(_ALL_IN, file=refused)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


@contextmanager
def _refused_rows(path: Path | None, *inputs: Path) -> Iterator[Callable[[RefusedRow], None] | None]:
    """What is to be done with each refused row: written to the file asked for, or nothing."""
    if path is None:
        yield None
        return
    from infra.errors import CannotWrite  # noqa: PLC0415 - help needs none of this
    from infra.spreadsheets import CsvWriter  # noqa: PLC0415

    if any(path.exists() and path.samefile(given) for given in inputs):
        raise CannotWrite(field="refused", file=path)
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError:
        raise CannotWrite(field="refused", file=path) from None
    with file:
        writer = CsvWriter(file, ["line", "external_id", "column", "code", "reason_en", "reason_ar"])
        yield lambda row: writer.row(
            [row.line, row.external_id, row.field, row.code, row.reason.en, row.reason.ar]
        )


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """A bar over the file's bytes, on a terminal only."""
    from rich.console import Console  # noqa: PLC0415 - help needs no bars
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(sentence(_READING), total=None)
        yield lambda position, size: bar.update(task, completed=position, total=size)
