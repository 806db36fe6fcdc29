"""`hub import cases` takes over the published cities, whole and once, whatever interrupts it."""

from __future__ import annotations

import gzip
import json
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from hub.importing.lines import RECORD_LIMIT
from tests.hub.importing.city import CLOSED, MAPPING, OPEN, as_csv
from tests.infra.processes import Command, HubProcess, Live
from tests.tenants.own_servers import wait_until

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
MAPPINGS = ROOT / "infra" / "mappings"
NEW_YORK_2013 = ("nyc311/nyc311_20131225_nikeiubel.csv.gz", "new_york_2013", "Agency")
NEW_YORK_2018 = ("nyc311/nyc311_20181021_hadro.csv.gz", "new_york_2018", "Agency")
BOSTON = ("boston311_2015/boston311_2015.csv.gz", "boston_2015", "SUBJECT")
TABLES = ("tenants", "cases", "case_tenants", "tickets", "ticket_clocks", "services", "teams", "journal")


def published(city: tuple[str, str, str]) -> tuple[Path, dict[str, Any]]:
    """A city's file and the figures that were computed from it independently."""
    path = DATA / city[0]
    if not path.exists():
        pytest.skip(f"the public data set {city[0]} is not beside this checkout")
    expected = json.loads(path.with_name("expected.json").read_text(encoding="utf-8"))
    return path, expected["files"][path.stem] if "files" in expected else expected


def arguments(path: Path, city: tuple[str, str, str], *more: str) -> list[str]:
    """What `hub` is told to import a city."""
    mapping = str(MAPPINGS / f"{city[1]}.yaml")
    return ["import", "cases", str(path), "--tenant-by", city[2], "--mapping", mapping, *more]


def sizes(live: Live) -> dict[str, int]:
    """How many rows each table has that an import writes to."""
    with live.administrator() as connection:
        counts = ((table, connection.execute(f"SELECT count(*) FROM {table}").fetchone()) for table in TABLES)
        return {table: int(str(row[0])) for table, row in counts if row is not None}


def assert_published(hub: Command, city: tuple[str, str, str], since: str, until: str, *more: str) -> None:
    """The command's figures are the published ones, every one of them and exactly."""
    _, expected = published(city)
    for by, named in (("tenant", "by_agency"), ("channel", "by_channel")):
        if named not in expected:
            continue
        status, said, _ = hub("kpi", "--from", since, "--to", until, "--by", by, "--format", "json", *more)
        assert status == 0
        found = json.loads(said)
        for figures, wanted in (
            (found["overall"], expected["overall"]),
            *((found[f"by_{by}"][name], group) for name, group in expected[named].items()),
        ):
            assert len(figures.keys() & wanted.keys()) == 15
            assert {key: figures[key] for key in figures.keys() & wanted.keys()} == {
                key: wanted[key] for key in figures.keys() & wanted.keys()
            }
        assert found[f"by_{by}"].keys() == expected[named].keys()


def test_new_yorks_two_days_give_the_published_figures(hub: Command, live: Live) -> None:
    for city, since, until, rows in (
        (NEW_YORK_2013, "2013-12-25", "2013-12-26", 2386),
        (NEW_YORK_2018, "2018-10-21", "2018-10-23", 6765),
    ):
        path, _ = published(city)
        status, said, complaints = hub(*arguments(path, city, "--create-tenants"))
        assert (status, complaints) == (0, "")
        assert f"Rows read: {rows}. Taken over: {rows}, on the hub before: 0, refused: 0." in said
        assert_published(hub, city, since, until)
        before = sizes(live)
        status, said, _ = hub(*arguments(path, city, "--create-tenants"))
        assert status == 0
        assert f"Rows read: {rows}. Taken over: 0, on the hub before: {rows}, refused: 0." in said
        assert sizes(live) == before
    assert_published(hub, NEW_YORK_2013, "2013-12-25", "2013-12-26")
    status, said, _ = hub(
        "kpi", "--from", "2013-12-25", "--to", "2018-10-23", "--tenant", "NYPD", "--format", "json"
    )
    only = json.loads(said)
    assert list(only["by_tenant"]) == ["NYPD"]
    assert only["overall"]["count"] == 298 + 2370


def kill_midway(live: Live, log: Path, *command: str) -> int:
    """Start an import and kill it as soon as it has kept something more; gives how many tickets there are then."""
    before = sizes(live)["tickets"]
    process = HubProcess(log, live.environment, *command)
    wait_until(lambda: sizes(live)["tickets"] > before or process.process.poll() is not None, 60)
    process.kill()
    assert process.process.returncode == -signal.SIGKILL, process.words
    return sizes(live)["tickets"]


def test_an_import_that_is_killed_goes_on_where_it_was(hub: Command, live: Live, tmp_path: Path) -> None:
    path, _ = published(NEW_YORK_2018)
    command = arguments(path, NEW_YORK_2018, "--create-tenants")
    first = kill_midway(live, tmp_path / "first", *command)
    second = kill_midway(live, tmp_path / "second", *command)
    assert 0 < first < second < 6765
    status, said, _ = hub(*command)
    assert status == 0
    read, taken, known, refused = (int(number) for number in re.findall(r"\d+", said.splitlines()[0]))
    assert (read, taken + known, known, refused) == (6765, 6765, second, 0)
    assert_published(hub, NEW_YORK_2018, "2018-10-21", "2018-10-23")
    after = sizes(live)
    assert after["tickets"] == after["cases"] == after["case_tenants"] == 6765


@pytest.mark.slow
def test_bostons_year_gives_the_published_figures(hub: Command, live: Live) -> None:
    path, expected = published(BOSTON)
    began = time.monotonic()
    status, said, _ = hub(*arguments(path, BOSTON, "--create-tenants"))
    took = time.monotonic() - began
    assert status == 0
    assert "Taken over: 121145, on the hub before: 0, refused: 0." in said
    assert took <= 120
    year = ("2015-01-01", "2016-01-01")
    assert_published(hub, BOSTON, *year)
    asked = ["kpi", "--from", year[0], "--to", year[1], "--now", "2016-01-13T00:00", "--format", "json"]
    found = json.loads(hub(*asked)[1])
    as_of = expected["as_of"]
    assert found["overall"]["open_overdue"] == as_of["open_overdue"]
    assert found["overall"]["late_total"] == as_of["late_total"]
    overdue = {name: group["open_overdue"] for name, group in found["by_tenant"].items()}
    assert {name: count for name, count in overdue.items() if count} == as_of["open_overdue_by_agency"]
    districts = json.loads(hub(*asked, "--by", "district")[1])["by_district"]
    assert {name: group["count"] for name, group in districts.items()} == expected["by_area"]
    services = json.loads(hub(*asked, "--by", "service")[1])["by_service"]
    top = [[name, group["count"]] for name, group in list(services.items())[:10]]
    assert top == expected["overall"]["top_types"]
    print(f"Boston's year: {took:.0f} s")  # noqa: T201 - the proof's own figure


@pytest.fixture
def city(tmp_path: Path) -> tuple[Path, Path]:
    """A small city's file and its mapping."""
    file, mapping = tmp_path / "city.csv", tmp_path / "mapping.yaml"
    file.write_bytes(as_csv([CLOSED, OPEN]))
    mapping.write_text(MAPPING, encoding="utf-8")
    return file, mapping


def bring_in(hub: Command, city: tuple[Path, Path], *more: str, by: str = "Body") -> tuple[int, str, str]:
    """Import the small city."""
    return hub("import", "cases", str(city[0]), "--tenant-by", by, "--mapping", str(city[1]), *more)


def test_what_cannot_be_imported_is_one_sentence_and_changes_nothing(
    hub: Command, live: Live, city: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, mapping = city
    good, rules = file.read_bytes(), MAPPING
    before = sizes(live)

    def refused(*more: str, by: str = "Body") -> str:
        said = ""
        for language, letters in (("ar", r"[\u0621-\u064a]"), ("en", r"^[^\u0621-\u064a]*$")):
            monkeypatch.setenv("HUB_LANGUAGE", language)
            status, out, said = bring_in(hub, city, *more, by=by)
            assert (status, out) == (1, "")
            assert len(said.splitlines()) == 1
            assert re.search(letters, said)
        assert sizes(live) == before
        file.write_bytes(good)
        mapping.write_text(rules, encoding="utf-8")
        return said.strip()

    for text, sentence in (
        (
            rules.replace("zone: UTC", "zone: UTC\nzonne: UTC"),
            "Line 5 of the mapping has the unknown key “zonne”",
        ),
        (
            rules.replace("zone: UTC", "zone: Mars"),
            "Line 4 of the mapping: the value of “zone” cannot be used",
        ),
        (rules.replace("source: a-city\n", ""), "The mapping lacks the key “source”"),
        (rules + "source: b\n", "repeats a key"),
        (rules.replace("format: 1", "format: ["), "is not valid YAML"),
        (rules + "#" * 300_000, "larger than"),
        (rules.replace("external_id: Number", "external_id: Nummer"), "This is not a file for the mapping"),
    ):
        mapping.write_text(text, encoding="utf-8")
        assert sentence in refused("--create-tenants")
    mapping.write_bytes(b"\xff\xfe")
    assert "not text in UTF-8" in refused()
    assert "The file has no column “Agency”" in refused(by="Agency")
    file.write_bytes(b"")
    assert "The file is empty" in refused()
    file.write_bytes(good.replace(b"Opened,", b"Number,", 1))
    assert "This is not a file for the mapping" in refused()
    file.write_bytes(good.replace(b"Body", b"Body,Number", 1))
    assert "more than once" in refused()
    file.write_bytes(b"\x00\xff" * 100)
    assert "cannot be read as CSV" in refused()
    file.unlink()
    assert "cannot be read. Check that it exists" in refused()
    assert "cannot be written" in refused("--refused", str(file))
    assert "cannot be written" in refused("--refused", str(file.parent / "absent" / "rows.csv"))
    assert file.read_bytes() == good


def test_rows_that_do_not_map_are_told_and_written_and_the_others_taken(
    hub: Command, live: Live, city: tuple[Path, Path], tmp_path: Path
) -> None:
    file, refused = city[0], tmp_path / "refused.csv"
    bad: list[tuple[dict[str, str], str]] = [
        ({"Number": ""}, "empty_cell"),
        ({"Opened": "2025-02-30 00:00"}, "impossible_date"),
        ({"Opened": "=1+1"}, "impossible_date"),
        ({"State": "Lost"}, "unknown_label"),
        ({"Lat": "north"}, "not_a_coordinate"),
        ({"Long": ""}, "half_a_place"),
        ({"Topic": "a\u202eb"}, "unsound_label"),
        ({"Words": "a\0b"}, "holds_nul"),
        ({"Words": "x" * (RECORD_LIMIT + 1)}, "row_too_long"),
        ({"Words": "x" * 140_000}, "broken_quotes"),
        ({"Body": "=cmd|' /C calc'!A0"}, "unknown_tenant_label"),
    ]
    rows = [CLOSED, *({**OPEN, "Number": f"-{n}", **changes} for n, (changes, _) in enumerate(bad)), OPEN]
    content = as_csv(rows) + b"a,b\r\n" + as_csv([OPEN | {"Number": "9"}]).split(b"\r\n")[1] + b"\r\n"
    file.write_bytes(content.replace(b"The lamp", b"The l\xffamp", 1))
    codes = [code for _, code in bad]
    status, said, complaints = bring_in(hub, city, "--refused", str(refused))
    assert status == 3
    assert f"Taken over: 2, on the hub before: 0, refused: {len(bad) + 2}." in said
    for code in {*codes, "not_in_encoding", "wrong_column_count"}:
        assert f"Refused as {code}: {2 if code == 'impossible_date' else 1}" in complaints
    assert "line 3: “Number” is empty" in complaints
    assert "The hub does not know these bodies: =cmd|' /C calc'!A0 (1)" in complaints
    written = refused.read_text(encoding="utf-8").splitlines()
    assert written[0] == "line,external_id,column,code,reason_en,reason_ar"
    assert len(written) == 1 + len(bad) + 2
    assert not re.search(r"(?m)(^|,)\"?[=+@-]", "\n".join(written))
    assert "'-1" in written[3]
    assert sizes(live)["tickets"] == 2


def test_a_file_cut_off_in_the_middle_is_taken_up_to_there_and_said_so(
    hub: Command, live: Live, city: tuple[Path, Path]
) -> None:
    rows = as_csv([OPEN | {"Number": str(number)} for number in range(2000)])
    for packed in (False, True):
        content = gzip.compress(rows) if packed else rows
        city[0].write_bytes(content[: len(content) // 2])
        status, said, complaints = bring_in(hub, city)
        assert status == 1
        assert "The file is cut off at line" in complaints
        assert 0 < sizes(live)["tickets"] < 2000
        assert "Rows read: " in said
    city[0].write_bytes(rows)
    assert bring_in(hub, city)[0] == 0
    assert sizes(live)["tickets"] == 2000
