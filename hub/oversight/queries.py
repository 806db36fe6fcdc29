"""Figures from tickets and their clocks, read without anything that names a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, RowMapping, select, text

from hub.oversight.errors import UnknownBody
from hub.oversight.figures import By, Figures, Group
from hub.tickets.lifecycle import ENDED
from tenants.across import Across, Purpose
from tenants.clock import Clock
from tenants.context import SYSTEM, Context
from tenants.database import Database
from tenants.languages import Text
from tenants.models import Tenant

# What programs call the tickets that have no channel or district, and what people read.
NO_LABEL = "(none)"
_NO_NAME = Text(ar="(غير محدد)", en=NO_LABEL)


class _Key(NamedTuple):
    english: str
    arabic: str
    joined: str = ""


_SERVICES = (
    "JOIN services ON services.tenant_id = tickets.tenant_id AND services.id = tickets.service_id"
    " AND services.tenant_id = ANY (:tenants)"
)
_CHANNEL = f"coalesce(tickets.channel_label, nullif(tickets.channel, 'unknown'), '{NO_LABEL}')"
_DISTRICT = f"coalesce(tickets.district, '{NO_LABEL}')"
_KEYS = {
    By.TENANT: _Key("tickets.tenant_id::text", "tickets.tenant_id::text"),
    By.SERVICE: _Key("services.name ->> 'en'", "services.name ->> 'ar'", _SERVICES),
    By.CHANNEL: _Key(_CHANNEL, _CHANNEL),
    By.DISTRICT: _Key(_DISTRICT, _DISTRICT),
}
# Nothing from outside becomes part of the statement: the three texts put in are those above.
_FIGURES = """
    WITH work AS (
        SELECT {key.english} AS english,
            {key.arabic} AS arabic,
            tickets.status = ANY (:ended) AS closed,
            tickets.opened_at,
            coalesce(tickets.resolved_at, tickets.closed_at) AS done_at,
            CASE WHEN clocks.stopped_at IS NULL THEN clocks.due_at END AS due_at,
            clocks.paused_at IS NOT NULL AS paused
        FROM tickets
        LEFT JOIN ticket_clocks AS clocks
            ON clocks.tenant_id = tickets.tenant_id AND clocks.ticket_id = tickets.id
                AND clocks.tenant_id = ANY (:tenants) AND clocks.kind = 'resolution'
        {key.joined}
        WHERE tickets.tenant_id = ANY (:tenants)
            AND tickets.opened_at >= :since AND tickets.opened_at < :until
    ), measured AS (
        SELECT *,
            CASE WHEN closed AND done_at >= opened_at
                THEN extract(epoch FROM done_at - opened_at)::double precision / 3600 END AS hours,
            due_at < coalesce(done_at, CASE WHEN NOT paused THEN CAST(:now AS timestamptz) END) AS late
        FROM work
    )
    SELECT grouping(english) = 1 AS is_overall,
        english,
        min(arabic) AS arabic,
        count(*) AS count,
        count(*) FILTER (WHERE closed) AS closed,
        count(*) FILTER (WHERE NOT closed) AS open,
        count(done_at) AS with_closed_at,
        count(*) FILTER (WHERE closed AND done_at IS NULL) AS closed_without_closed_at,
        count(*) FILTER (WHERE NOT closed AND done_at IS NOT NULL) AS open_with_closed_at,
        count(*) FILTER (WHERE done_at < opened_at) AS negative_durations,
        count(hours) AS durations_used,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) AS hours_to_close_median,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY hours) AS hours_to_close_p90,
        count(due_at) AS with_due,
        count(*) FILTER (WHERE due_at IS NOT NULL AND done_at IS NOT NULL) AS due_and_closed_at,
        count(*) FILTER (WHERE done_at <= due_at) AS due_met,
        count(*) FILTER (WHERE late AND NOT closed AND done_at IS NULL) AS open_overdue,
        count(*) FILTER (WHERE late) AS late_total
    FROM measured
    GROUP BY GROUPING SETS ((), (english))
"""
_COUNTS = (
    "count",
    "closed",
    "open",
    "with_closed_at",
    "closed_without_closed_at",
    "open_with_closed_at",
    "negative_durations",
    "durations_used",
    "with_due",
    "due_and_closed_at",
    "due_met",
)


@contextmanager
def looking_across(kpi: Database, *, clock: Clock | None = None) -> Iterator[Context]:
    """A unit of work for figures, seeing every body's countable columns through the login of figures.

    That login only reads, unless a transaction says otherwise; this one does, to record that somebody looked.
    """
    bind = kpi.bind
    if isinstance(bind, Engine):
        bind = bind.execution_options(postgresql_readonly=False)
    recording = Database(bind, clock=kpi.clock)
    with Across(recording).unit_of_work(Purpose.FIGURES, actor=SYSTEM, clock=clock) as context:
        yield context


def bodies_called(context: Context, names: Sequence[str]) -> list[UUID]:
    """The bodies of the context that codes or short names mean.

    Raises `UnknownBody` for a name that means none of them.
    """
    bodies = _bodies(context)
    found = []
    for name in names:
        of_code = [body.id for body in bodies if body.code == name]
        meant = of_code or [body.id for body in bodies if name in (body.short_name.en, body.short_name.ar)]
        if not meant:
            raise UnknownBody(field="tenant", name=name[:80])
        found += meant
    return found


def figures(
    context: Context,
    *,
    since: datetime,
    until: datetime,
    now: datetime | None = None,
    tenants: Collection[UUID] | None = None,
    by: By = By.TENANT,
) -> Figures:
    """The figures of tickets opened from `since` up to but without `until`, overall and by group, for oversight.

    `tenants` narrows them to some of the context's. With `now`, also what was overdue at that moment. What each
    figure means stands in `hub.oversight.figures.DEFINITIONS`; services of the same name count together, whichever
    body offers them.
    """
    chosen = context.tenants if tenants is None else context.tenants.intersection(tenants)
    rows = context.session.execute(
        text(_FIGURES.format(key=_KEYS[by])),
        {
            "tenants": sorted(chosen),
            "ended": sorted(status.value for status in ENDED),
            "since": since,
            "until": until,
            "now": now,
        },
    ).mappings()
    overall, groups = None, {}
    names: dict[str, Text] = {}
    called = _names_of_bodies(context) if by is By.TENANT else {NO_LABEL: _NO_NAME}
    for row in sorted(rows, key=lambda each: (-each["count"], each["english"] or "")):
        if row["is_overall"]:
            overall = _group(row, now)
            continue
        name = called.get(row["english"]) or Text(ar=row["arabic"], en=row["english"])
        groups[name.en] = _group(row, now)
        names[name.en] = name
    if overall is None:
        raise AssertionError("the empty grouping set gives a row even for no tickets")
    return Figures(by=by, since=since, until=until, now=now, overall=overall, groups=groups, names=names)


def _group(row: RowMapping, now: datetime | None) -> Group:
    counts: Mapping[str, Any] = {name: row[name] for name in _COUNTS}
    return Group(
        **counts,
        hours_to_close_median=_rounded(row["hours_to_close_median"], 4),
        hours_to_close_p90=_rounded(row["hours_to_close_p90"], 4),
        due_met_of_with_due=_share(row["due_met"], row["with_due"]),
        due_met_of_closed_with_due=_share(row["due_met"], row["due_and_closed_at"]),
        open_overdue=None if now is None else row["open_overdue"],
        late_total=None if now is None else row["late_total"],
    )


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _bodies(context: Context) -> Sequence[Tenant]:
    return context.session.scalars(
        select(Tenant).where(Tenant.id.in_(context.tenants)).order_by(Tenant.code)
    ).all()


def _names_of_bodies(context: Context) -> dict[str, Text]:
    """How figures call each body, by its id: the short name, and where two share it the code as well."""
    bodies = _bodies(context)
    called = [body.short_name.en for body in bodies]
    return {
        str(body.id): body.short_name
        if called.count(body.short_name.en) == 1
        else Text(ar=f"{body.short_name.ar} ({body.code})", en=f"{body.short_name.en} ({body.code})")
        for body in bodies
    }
