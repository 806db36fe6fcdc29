"""The published definitions of the cities' figures, computed from rows by Python's own statistics."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Row:
    """What the figures need of a row."""

    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    closed: bool


def figures_of(rows: Iterable[Row], now: datetime | None = None) -> dict[str, Any]:
    """The figures of some rows, with those as of a moment if one is given."""
    rows = list(rows)
    hours = sorted(
        (row.closed_at - row.opened_at).total_seconds() / 3600
        for row in rows
        if row.closed and row.closed_at is not None and row.closed_at >= row.opened_at
    )
    due = [(row.closed_at, row.due_at) for row in rows if row.due_at is not None]
    done = [(closed, by) for closed, by in due if closed is not None]
    met = sum(closed <= by for closed, by in done)
    found = {
        "count": len(rows),
        "closed": sum(row.closed for row in rows),
        "open": sum(not row.closed for row in rows),
        "with_closed_at": sum(row.closed_at is not None for row in rows),
        "closed_without_closed_at": sum(row.closed and row.closed_at is None for row in rows),
        "open_with_closed_at": sum(not row.closed and row.closed_at is not None for row in rows),
        "negative_durations": sum(
            row.closed_at is not None and row.closed_at < row.opened_at for row in rows
        ),
        "durations_used": len(hours),
        "hours_to_close_median": round(statistics.median(hours), 4) if hours else None,
        "hours_to_close_p90": round(_ninetieth(hours), 4) if hours else None,
        "with_due": len(due),
        "due_and_closed_at": len(done),
        "due_met": met,
        "due_met_of_with_due": round(met / len(due), 6) if due else None,
        "due_met_of_closed_with_due": round(met / len(done), 6) if done else None,
    }
    if now is not None:
        found["open_overdue"] = sum(
            not row.closed and row.closed_at is None and row.due_at is not None and row.due_at < now
            for row in rows
        )
        found["late_total"] = sum((closed or now) > by for closed, by in due)
    return found


def _ninetieth(ordered: Sequence[float]) -> float:
    place = 0.9 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
