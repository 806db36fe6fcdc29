"""Reference data of countries: places, holidays, and the events of a life, read from `tenants/reference`."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from tenants.errors import Refusal
from tenants.languages import Text


class UnknownCountry(Refusal):
    """The hub has no reference data of this country."""

    says = Text(
        ar="لا توجد بيانات مرجعية باسم «{name}». المتاح: {known}.",
        en="There is no reference data named “{name}”; there is: {known}.",
    )


class HolidayKind(StrEnum):
    """Whether a day off is the day itself or was given instead of it."""

    ON_ITS_DAY = "on_its_day"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday; `estimated` while a lunar date has not been announced."""

    date: datetime.date
    name: Text
    kind: HolidayKind
    estimated: bool


@dataclass(frozen=True, slots=True)
class Governorate:
    """A governorate; `shape` is the identifier of its shape on maps (HASC)."""

    code: str
    iso_3166_2: str
    shape: str
    name: Text


@dataclass(frozen=True, slots=True)
class City:
    """A city or, in large cities, a district; its code is what a case's place calls the district."""

    code: str
    governorate: str
    name: Text


def countries() -> tuple[str, ...]:
    """The countries that the hub has reference data of."""
    return tuple(sorted(folder.name for folder in _root().iterdir() if (folder / "holidays.csv").is_file()))


@cache
def holidays(country: str) -> tuple[Holiday, ...]:
    """The public holidays of a country by date. Raises `UnknownCountry`."""
    return tuple(
        Holiday(
            datetime.date.fromisoformat(row["date"]),
            _name(row),
            HolidayKind(row["kind"]),
            row["estimated"] == "yes",
        )
        for row in _rows(country, "holidays.csv")
    )


@cache
def governorates(country: str) -> Mapping[str, Governorate]:
    """The governorates of a country by code. Raises `UnknownCountry`."""
    return {
        row["code"]: Governorate(row["code"], row["iso_3166_2"], row["shape"], _name(row))
        for row in _rows(country, "governorates.csv")
    }


@cache
def cities(country: str) -> Mapping[str, City]:
    """The cities and districts of a country by code. Raises `UnknownCountry`."""
    return {
        row["code"]: City(row["code"], row["governorate"], _name(row)) for row in _rows(country, "cities.csv")
    }


@cache
def has_map(country: str) -> bool:
    """Whether the hub has the shapes of a country's governorates."""
    return country in countries() and (_root() / country / "shapes.geojson").is_file()


@cache
def city_points(country: str) -> Mapping[str, tuple[float, float]]:
    """Latitude and longitude of cities by their codes (WGS 84), as far as they are known. Raises `UnknownCountry`."""
    return {
        row["code"]: (float(row["latitude"]), float(row["longitude"]))
        for row in (_rows(country, "city_points.csv") if has_map(country) else ())
    }


@cache
def life_events() -> Mapping[str, Text]:
    """The events in a person's life by which services can be found, the same in every country."""
    return {row["code"]: _name(row) for row in _read(_root() / "life_events.csv")}


def _root() -> Traversable:
    return resources.files("tenants") / "reference"


def _rows(country: str, file: str) -> list[dict[str, str]]:
    if country not in countries():
        raise UnknownCountry(field="country", name=country, known=", ".join(countries()))
    return _read(_root() / country / file)


def _read(file: Traversable) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _name(row: Mapping[str, str]) -> Text:
    return Text(ar=row["name_ar"], en=row["name_en"])
