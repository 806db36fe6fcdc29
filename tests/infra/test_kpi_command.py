"""`hub kpi` gives true figures to people, spreadsheets and programs, each body its own."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from hub.oversight.figures import DEFINITIONS
from tests.hub.importing.city import CLOSED, MAPPING, OPEN, TAX, WATER, as_csv
from tests.hub.oversight.reference import Row, figures_of
from tests.infra.processes import Command
from tests.infra.test_import_command import BOSTON, arguments, published

DAY = ("--from", "2025-01-02", "--to", "2025-01-03")
BOSTON_ROWS = 5000


def import_rows(hub: Command, folder: Path, *rows: dict[str, str]) -> None:
    """Import a small city's rows."""
    (folder / "city.csv").write_bytes(as_csv(rows))
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    status, _, complaints = hub(
        "import", "cases", str(folder / "city.csv"), "--tenant-by", "Body",
        "--mapping", str(folder / "mapping.yaml"), "--create-tenants",
    )  # fmt: skip
    assert (status, complaints) == (0, "")


def as_json(hub: Command, *asked: str) -> dict[str, Any]:
    """The figures as programs get them."""
    status, said, complaints = hub("kpi", *asked, "--format", "json")
    assert (status, complaints) == (0, "")
    found: dict[str, Any] = json.loads(said)
    return found


def test_programs_get_definitions_overall_and_groups(hub: Command, tmp_path: Path) -> None:
    import_rows(hub, tmp_path, CLOSED, OPEN, OPEN | {"Body": TAX, "Number": "3"})
    found = as_json(hub, *DAY)
    assert list(found) == ["definitions", "overall", "by_tenant"]
    assert list(found["by_tenant"]) == [WATER, TAX]
    assert found["by_tenant"][WATER]["hours_to_close_median"] == 26.0333
    assert "open_overdue" not in found["overall"]
    assert "late_total" not in found["definitions"]
    found = as_json(hub, *DAY, "--now", "2025-02-01", "--by", "channel")
    assert list(found) == ["definitions", "overall", "by_channel"]
    assert (found["overall"]["open_overdue"], found["overall"]["late_total"]) == (2, 2)
    assert found["definitions"] == {
        name: {"ar": each.ar, "en": each.en} for name, each in DEFINITIONS.items()
    }


def test_a_body_is_shown_its_own_figures_only(hub: Command, tmp_path: Path) -> None:
    import_rows(hub, tmp_path, CLOSED, OPEN | {"Body": TAX, "Topic": "Tax refund", "Area": "South"})
    for name in ("tax", TAX, "مصلحة الضرائب"):
        for by in ("tenant", "service", "channel", "district"):
            status, said, _ = hub("kpi", *DAY, "--tenant", name, "--by", by, "--format", "json")
            assert status == 0
            assert json.loads(said)["overall"]["count"] == 1
            for other in (WATER, "Street lamp", "North"):
                assert other not in said
    assert as_json(hub, *DAY, "--tenant", "tax", "--tenant", "water")["overall"]["count"] == 2


def test_moments_are_taken_in_the_zone_asked_for(hub: Command, tmp_path: Path) -> None:
    import_rows(hub, tmp_path, OPEN | {"Opened": "2025-01-01 23:30"})
    assert as_json(hub, *DAY)["overall"]["count"] == 0
    assert as_json(hub, *DAY, "--zone", "Africa/Cairo")["overall"]["count"] == 1
    assert as_json(hub, "--from", "2025-01-02T00:30+01:00", "--to", "2025-01-02")["overall"]["count"] == 1


def test_spreadsheets_get_text_that_is_no_formula(hub: Command, tmp_path: Path) -> None:
    import_rows(
        hub,
        tmp_path,
        CLOSED | {"Way": "=HYPERLINK(1)"},
        OPEN | {"Way": "@a"},
        OPEN | {"Number": "3", "Way": 'a,"b"'},
    )
    status, said, _ = hub("kpi", *DAY, "--by", "channel", "--format", "csv")
    assert status == 0
    rows = list(csv.DictReader(io.StringIO(said)))
    assert [row["channel"] for row in rows] == ["overall", "'=HYPERLINK(1)", "'@a", 'a,"b"']
    assert rows[0]["count"] == "3"
    assert rows[2]["hours_to_close_median"] == ""


def test_people_get_a_table_in_their_language(
    hub: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_rows(hub, tmp_path, CLOSED | {"Area": ""}, OPEN | {"Area": "[bold]North"})
    status, said, _ = hub("kpi", *DAY, "--now", "2025-02-01")
    assert status == 0
    assert re.search(r"Water company +2 +1 +1 +26\.0 +26\.0 +2 +1 +50\.0% +1 +1", said)
    assert "[bold]North" in hub("kpi", *DAY, "--by", "district")[1]
    monkeypatch.setenv("HUB_LANGUAGE", "ar")
    said = hub("kpi", *DAY, "--by", "district")[1]
    assert re.search(r"\(غير محدد\) +1", said)
    assert "شركة المياه" in hub("kpi", *DAY)[1]
    assert "الإجمالي" in hub("kpi", "--from", "2030-01-01", "--to", "2031-01-01")[1]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("--from", "2025-02-30", "--to", "2025-03-01"), "“2025-02-30” in “from” is not a date"),
        (("--from", "2025-01-01", "--to", "soon"), "“soon” in “to” is not a date"),
        ((*DAY, "--now", "2025-13-01"), "“2025-13-01” in “now” is not a date"),
        (("--from", "2025-01-02", "--to", "2025-01-02"), "is not after its beginning"),
        ((*DAY, "--zone", "Mars/Olympus"), "The time zone “Mars/Olympus” is not known"),
        ((*DAY, "--tenant", "nobody"), "No body at work on the hub has the code or name “nobody”"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_one_sentence(
    hub: Command, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...], sentence: str
) -> None:
    status, said, complaint = hub("kpi", *asked)
    assert (status, said) == (1, "")
    assert sentence in complaint
    assert len(complaint.splitlines()) == 1
    monkeypatch.setenv("HUB_LANGUAGE", "ar")
    assert re.search(r"[\u0621-\u064a]", hub("kpi", *asked)[2])


def test_bostons_first_rows_give_the_figures_of_pythons_statistics(hub: Command, tmp_path: Path) -> None:
    path, _ = published(BOSTON)
    sample = tmp_path / "boston.csv"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as whole:
        sample.write_text("".join(islice(whole, BOSTON_ROWS + 1)), encoding="utf-8", newline="")
    assert hub(*arguments(sample, BOSTON, "--create-tenants"))[0] == 0
    with sample.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == BOSTON_ROWS
    now = datetime(2016, 1, 13, tzinfo=UTC)
    asked = ("--from", "2015-01-01", "--to", "2016-01-01", "--now", "2016-01-13T00:00")
    for by, column in (
        ("tenant", "SUBJECT"),
        ("channel", "Source"),
        ("district", "neighborhood"),
        ("service", "TYPE"),
    ):
        found = as_json(hub, *asked, "--by", by)
        assert found["overall"] == figures_of(_read(rows), now)
        groups = defaultdict(list)
        for row in rows:
            groups[row[column].strip()].append(row)
        assert found[f"by_{by}"] == {
            name or "(none)": figures_of(_read(group), now) for name, group in groups.items()
        }


def _read(rows: Iterable[dict[str, str]]) -> list[Row]:
    def moment(text: str) -> datetime:
        return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC)

    return [
        Row(
            opened_at=moment(row["OPEN_DT"]),
            closed_at=moment(row["CLOSED_DT"]) if row["CLOSED_DT"] else None,
            due_at=moment(row["TARGET_DT"]) if row["TARGET_DT"] else None,
            closed=row["CASE_STATUS"] == "Closed",
        )
        for row in rows
    ]
