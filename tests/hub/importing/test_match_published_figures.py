"""The rows of the cities' files give the figures that were computed from those files independently."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.importing.mapping import read_mapping
from hub.importing.rows import NO_LABEL, ImportedRow, open_rows

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"


def figures(rows: list[ImportedRow]) -> dict[str, Any]:
    hours = sorted(
        (row.closed_at - row.opened_at).total_seconds() / 3600
        for row in rows
        if row.closed and row.closed_at is not None and row.closed_at >= row.opened_at
    )
    with_due = [row for row in rows if row.due_at is not None]
    due_and_closed = [row for row in with_due if row.closed_at is not None]
    met = sum(row.closed_at <= row.due_at for row in due_and_closed if row.closed_at and row.due_at)
    return {
        "count": len(rows),
        "closed": sum(row.closed for row in rows),
        "open": sum(not row.closed for row in rows),
        "with_closed_at": sum(row.closed_at is not None for row in rows),
        "closed_without_closed_at": sum(row.closed and row.closed_at is None for row in rows),
        "open_with_closed_at": sum(not row.closed and row.closed_at is not None for row in rows),
        # The published figure counts them whatever the status: one of 2013 is pending.
        "negative_durations": sum(
            row.closed_at is not None and row.closed_at < row.opened_at for row in rows
        ),
        "durations_used": len(hours),
        "hours_to_close_median": round(statistics.median(hours), 4) if hours else None,
        "hours_to_close_p90": round(ninetieth_percentile(hours), 4) if hours else None,
        "with_due": len(with_due),
        "due_and_closed_at": len(due_and_closed),
        "due_met": met,
        "due_met_of_with_due": round(met / len(with_due), 6) if with_due else None,
        "due_met_of_closed_with_due": round(met / len(due_and_closed), 6) if due_and_closed else None,
    }


def ninetieth_percentile(ordered: list[float]) -> float:
    place = 0.9 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def assert_figures(expected: dict[str, Any], rows: list[ImportedRow]) -> None:
    found = figures(rows)
    assert found == {
        key: pytest.approx(value, abs=1.01e-4) if isinstance(value, float) else value
        for key, value in expected.items()
        if key in found
    }


def rows_of_city(mapping: str, file: str, tenant_by: str) -> list[ImportedRow]:
    path = DATA / file
    if not path.exists():
        pytest.skip(f"the public data set {file} is not beside this checkout")
    with open_rows(path, read_mapping(ROOT / "infra" / "mappings" / f"{mapping}.yaml"), tenant_by) as stream:
        rows = list(stream)
        assert stream.position == stream.size
    imported = [row for row in rows if isinstance(row, ImportedRow)]
    assert len(imported) == len(rows)
    return imported


CITIES = {
    "new_york_2013": ("nyc311/nyc311_20131225_nikeiubel.csv.gz", "Agency"),
    "new_york_2018": ("nyc311/nyc311_20181021_hadro.csv.gz", "Agency"),
    "boston_2015": ("boston311_2015/boston311_2015.csv.gz", "SUBJECT"),
}


@pytest.mark.parametrize("city", CITIES)
def test_the_cities_figures_come_out_of_the_rows(city: str) -> None:
    file, tenant_by = CITIES[city]
    rows = rows_of_city(city, file, tenant_by)
    published = json.loads((DATA / file).with_name("expected.json").read_text(encoding="utf-8"))
    expected = published["files"][Path(file).stem] if "files" in published else published
    groups: dict[str, dict[str, list[ImportedRow]]] = {
        key: defaultdict(list) for key in ("by_agency", "by_channel", "by_area", "by_status")
    }
    for row in rows:
        groups["by_agency"][row.tenant_label].append(row)
        groups["by_channel"][row.channel_label].append(row)
        groups["by_area"][row.district or NO_LABEL].append(row)
        groups["by_status"][row.status_label].append(row)
    assert_figures(expected["overall"], rows)
    assert groups["by_agency"].keys() == expected["by_agency"].keys()
    for label, group in expected["by_agency"].items():
        assert_figures(group, groups["by_agency"][label])
    if "by_channel" in expected:
        assert groups["by_channel"].keys() == expected["by_channel"].keys()
        for label, group in expected["by_channel"].items():
            assert_figures(group, groups["by_channel"][label])
    else:
        assert groups["by_channel"].keys() == {NO_LABEL}
    for key in ("by_area", "by_status"):
        assert {label: len(group) for label, group in groups[key].items()} == expected[key]
    assert len({row.external_id for row in rows}) == len(rows)
    assert f"{min(row.opened_at for row in rows):%Y-%m-%d %H:%M:%S}" == expected["created_min"]
    assert f"{max(row.opened_at for row in rows):%Y-%m-%d %H:%M:%S}" == expected["created_max"]
    if "as_of" in expected:
        now = datetime.fromisoformat(expected["as_of"]["now"]).replace(tzinfo=UTC)
        due = [(row.closed_at, row.due_at) for row in rows if row.due_at is not None]
        assert sum((closed or now) > by for closed, by in due) == expected["as_of"]["late_total"]
        assert sum(closed is None and now > by for closed, by in due) == expected["as_of"]["open_overdue"]
