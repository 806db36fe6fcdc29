"""The command for figures: how quickly bodies answer, for people, spreadsheets and programs."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.speech import print_json, say, sentence
from tenants.languages import Text

if TYPE_CHECKING:
    from hub.oversight.figures import Figures, Group


class FigureFormat(StrEnum):
    """How figures are given."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Grouping(StrEnum):
    """What figures are grouped by; the values are those of `hub.oversight.figures.By`."""

    TENANT = "tenant"
    SERVICE = "service"
    CHANNEL = "channel"
    DISTRICT = "district"


_OVERALL = Text(ar="الإجمالي", en="overall")
_NAME = Text(ar="{name}", en="{name}")
_WIDEST_NAME = 60
_NARROWEST_NAME = 12
_PERIOD = Text(
    ar="التذاكر المفتوحة من {since} وحتى ما قبل {until}.", en="Tickets opened from {since} up to {until}."
)
_GROUP_NAMES = {
    Grouping.TENANT: Text(ar="الجهة", en="body"),
    Grouping.SERVICE: Text(ar="الخدمة", en="service"),
    Grouping.CHANNEL: Text(ar="القناة", en="channel"),
    Grouping.DISTRICT: Text(ar="الحي", en="district"),
}
_COLUMNS = {
    "count": Text(ar="التذاكر", en="tickets"),
    "closed": Text(ar="المنتهية", en="closed"),
    "open": Text(ar="غير المنتهية", en="open"),
    "hours_to_close_median": Text(ar="وسيط الساعات", en="median hours"),
    "hours_to_close_p90": Text(ar="المئين 90 للساعات", en="p90 hours"),
    "with_due": Text(ar="لها موعد", en="with deadline"),
    "due_met": Text(ar="في الموعد", en="met"),
    "due_met_of_with_due": Text(ar="نسبة الالتزام", en="share met"),
    "open_overdue": Text(ar="متأخرة لم تنته", en="open overdue"),
    "late_total": Text(ar="كل المتأخر", en="late in all"),
}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(kpi)


def kpi(
    since: Annotated[str, typer.Option("--from", help="Beginning: 2016-01-13 or 2016-01-13T08:30.")],
    until: Annotated[str, typer.Option("--to", help="End, itself not part of the period.")],
    tenant: Annotated[
        list[str] | None, typer.Option(help="Code or short name of a body; may be given several times.")
    ] = None,
    now: Annotated[str | None, typer.Option(help="Also count what was overdue at this moment.")] = None,
    by: Annotated[Grouping, typer.Option(help="What to group by.")] = Grouping.TENANT,
    form: Annotated[
        FigureFormat, typer.Option("--format", help="For people, spreadsheets or programs.")
    ] = FigureFormat.TABLE,
    zone: Annotated[str, typer.Option(help="Zone of moments given without an offset.")] = "UTC",
) -> None:
    """Show the figures of the tickets opened in a period, overall and by group."""
    from hub.oversight.figures import By  # noqa: PLC0415 - help needs none of this
    from hub.oversight.periods import read_moment, read_period, read_zone  # noqa: PLC0415
    from hub.oversight.queries import bodies_called, figures, looking_across  # noqa: PLC0415
    from infra.process import running_hub  # noqa: PLC0415

    local = read_zone(zone)
    period = read_period(since, until, local)
    as_of = read_moment("now", now, local) if now is not None else None
    with running_hub() as hub, looking_across(hub.kpi) as context:
        found = figures(
            context,
            since=period.since,
            until=period.until,
            now=as_of,
            tenants=bodies_called(context, tenant) if tenant else None,
            by=By(by.value),
        )
    if form is FigureFormat.JSON:
        print_json(found.as_dict())
    elif form is FigureFormat.CSV:
        _print_csv(found, by)
    else:
        say(_PERIOD, since=since, until=until)
        print_figures(found)


def print_figures(found: Figures) -> None:
    """Print figures as a table in the terminal's language, the groups first and all of them together last."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - help needs no tables
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text as Plain  # noqa: PLC0415

    columns = [name for name in _COLUMNS if name in found.overall.as_dict()]
    names = {key: sentence(_NAME, name=name) for key, name in found.names.items()}
    rows = {key: _cells(group, columns) for key, group in found.groups.items()}
    overall = _cells(found.overall, columns)
    # Headings are broken between words, names anywhere, numbers never.
    widths = [
        max(
            len(part)
            for part in [
                *sentence(_COLUMNS[name]).split(),
                *(row[place] for row in [*rows.values(), overall]),
            ]
        )
        for place, name in enumerate(columns)
    ]
    console = Console()
    left = console.width - sum(widths) - len(widths) if console.is_terminal else _WIDEST_NAME
    longest = max(len(name) for name in [*names.values(), sentence(_OVERALL)])
    name_width = max(_NARROWEST_NAME, min(longest, left))
    table = Table(box=SIMPLE_HEAD, show_footer=True, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    heading = sentence(_GROUP_NAMES[Grouping(found.by.value)])
    table.add_column(heading, sentence(_OVERALL), width=name_width, overflow="fold")
    for name, total, width in zip(columns, overall, widths, strict=True):
        table.add_column(sentence(_COLUMNS[name]), total, justify="right", width=width)
    for key, row in rows.items():
        # Plain: what cities call things is no markup.
        table.add_row(Plain(names[key]), *row)
    # On a terminal that is too narrow, lines run over rather than lose a digit.
    Console(width=name_width + sum(widths) + 2 * len(widths) + 2).print(table)


def _cells(group: Group, columns: list[str]) -> list[str]:
    values = group.as_dict()
    return [_shown(column, values[column]) for column in columns]


def _shown(column: str, value: float | None) -> str:
    if value is None:
        return "–"
    if column == "due_met_of_with_due":
        return f"{value:.1%}"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _print_csv(found: Figures, by: Grouping) -> None:
    from infra.spreadsheets import CsvWriter  # noqa: PLC0415 - help needs none of this

    names = list(found.overall.as_dict())
    writer = CsvWriter(sys.stdout, [by.value, *names])
    writer.row([_OVERALL.en, *found.overall.as_dict().values()])
    for key, group in found.groups.items():
        writer.row([key, *group.as_dict().values()])
