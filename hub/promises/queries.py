"""How bodies kept their promises lately, for whoever thinks of asking something of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, timedelta
from threading import Lock
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from cachetools import TTLCache
from sqlalchemy import text

from hub.promises.figures import BEYOND, FEWEST, LONG, NUMBERS, SHORT, Counts, Record
from tenants.context import Context

_STEPS: Final = range(BEYOND + 1)
# Added up by the database: many bodies have many days.
_SUMS: Final = text(
    f"""
    SELECT tenant_id, {", ".join(f"sum({name}) AS {name}" for name in NUMBERS)},
        {", ".join(f"sum((within -> '{step}')::int) AS step_{step}" for step in _STEPS)}
    FROM kept_promises
    WHERE tenant_id = ANY (:tenants) AND day > :since
    GROUP BY tenant_id
    """  # noqa: S608 - names and numbers of our own
)
_NOTHING: Final = Counts(within={})

# To add up every body's days for each view of a page would cost more than all the rest of the page. Kept by database,
# and of each no more than two periods, today's and, at midnight, yesterday's.
_KEPT_SECONDS: Final = 60.0
_KEPT_SUMS: Final = 8
_Kept = TTLCache[tuple[frozenset[UUID], date], Mapping[UUID, Counts]]
_kept: Final[WeakKeyDictionary[Any, _Kept]] = WeakKeyDictionary()
_lock: Final = Lock()


def record_of(context: Context, tenant_id: UUID) -> Record:
    """How a body kept its promises, beside all bodies of the context together.

    Of the last 30 days, or of 90 where fewer than 20 solutions became due in them. The others' figures are those of
    any moment of the last minute.
    """
    today = context.now.astimezone(UTC).date()
    for days in (SHORT, LONG):
        since = today - timedelta(days=days)
        body = _sums(context, {tenant_id}, since).get(tenant_id, _NOTHING)
        if body.solutions_due >= FEWEST:
            break
    sums = _sums_of_everybody(context, since)
    others = Counts.sum_of(counts for each, counts in sums.items() if each != tenant_id)
    return Record.beside(days, body, others)


def _sums_of_everybody(context: Context, since: date) -> Mapping[UUID, Counts]:
    database, key = context.session.get_bind(), (frozenset(context.tenants), since)
    with _lock:
        kept = _kept.setdefault(database, TTLCache(_KEPT_SUMS, _KEPT_SECONDS))
        sums = kept.get(key)
    if sums is None:
        sums = _sums(context, context.tenants, since)
        with _lock:
            kept[key] = sums
    return sums


def _sums(context: Context, tenants: Collection[UUID], since: date) -> Mapping[UUID, Counts]:
    """What is kept of some bodies for the days after `since`, added up for each."""
    rows = context.session.execute(_SUMS, {"tenants": sorted(tenants), "since": since}).mappings()
    return {
        row["tenant_id"]: Counts(
            **{name: int(row[name]) for name in NUMBERS},
            within={step: int(number) for step in _STEPS if (number := row[f"step_{step}"])},
        )
        for row in rows
    }
