"""Places and numbers as roughly as others are told them: cells, steps of a hundred metres, never fewer than three."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import asin, ceil, cos, floor, radians, sin, sqrt
from typing import Final

from hub.tickets.lifecycle import Status

# Degrees: about 110 metres from north to south, 95 from west to east in Egypt.
CELL: Final = 0.001
STEP: Final = 100
FURTHEST: Final = 300
FEWEST: Final = 3
MOST_DISTRICTS: Final = 8
_EARTH: Final = 6_371_000


class Stage(StrEnum):
    """How far a report has come, as people nearby are told."""

    REPORTED = "reported"
    WORKED_ON = "worked_on"
    SOLVED = "solved"


# What was put aside, taken back or passed on is told to nobody else; how far what a duplicate follows has come is not
# looked up.
STAGES: Final[Mapping[Status, Stage]] = {
    Status.RECEIVED: Stage.REPORTED,
    Status.ASSIGNED: Stage.REPORTED,
    Status.DUPLICATE: Stage.REPORTED,
    Status.IN_PROGRESS: Stage.WORKED_ON,
    Status.WAITING: Stage.WORKED_ON,
    Status.REOPENED: Stage.WORKED_ON,
    Status.RESOLVED: Stage.SOLVED,
    Status.CLOSED: Stage.SOLVED,
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody is or reports from: coordinates in degrees (WGS 84), codes of governorate and district."""

    latitude: float | None = None
    longitude: float | None = None
    governorate: str | None = None
    district: str | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        """The coordinates, if there are both."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


def cell_of(latitude: float, longitude: float) -> tuple[float, float]:
    """The middle of the cell around a point: all that is ever worked with of where another's case is.

    With exact points, somebody who asks from many places could find one to the metre by where its distance steps.
    """
    return ((floor(latitude / CELL) + 0.5) * CELL, (floor(longitude / CELL) + 0.5) * CELL)


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The way between two points along the earth (haversine)."""
    (north, east), (south, west) = ((radians(each[0]), radians(each[1])) for each in (one, other))
    half = sin((north - south) / 2) ** 2 + cos(north) * cos(south) * sin((east - west) / 2) ** 2
    return 2 * _EARTH * asin(sqrt(min(half, 1.0)))


def rough_metres(here: tuple[float, float], latitude: float, longitude: float) -> int:
    """How far the cell of a point is from here, in steps of a hundred metres, at least one."""
    return max(STEP, ceil(metres_between(here, cell_of(latitude, longitude)) / STEP) * STEP)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many reports there are and how far they have come."""

    reported: int
    worked_on: int
    solved: int

    @property
    def all(self) -> int:
        """All of them."""
        return self.reported + self.worked_on + self.solved

    def __add__(self, other: Numbers) -> Numbers:
        return Numbers(
            self.reported + other.reported, self.worked_on + other.worked_on, self.solved + other.solved
        )


@dataclass(frozen=True, slots=True)
class Told:
    """How many reports others are told of; how far they have come only where no step of that has too few."""

    all: int
    stages: Numbers | None

    @classmethod
    def of(cls, numbers: Numbers) -> Told:
        """Numbers as they are told. With one step left out of three its number would be what is missing to the sum."""
        steps = (numbers.reported, numbers.worked_on, numbers.solved)
        return cls(numbers.all, numbers if min(steps) >= FEWEST else None)


def told(by_district: Mapping[str | None, Numbers]) -> dict[str | None, Told | None]:
    """The numbers of one service as they are told: by district, and under None those of all other districts together.

    A district with fewer than three reports is told with the others, and so are those after the first eight. Where the
    others together are still fewer than three, the smallest of the districts told by themselves goes to them: else what
    is missing to a sum known from elsewhere would be their number. Only where all are fewer than three it is said that
    there are a few. `by_district` has under None what names no district that is known.
    """
    enough = [
        (district, numbers)
        for district, numbers in by_district.items()
        if district is not None and numbers.all >= FEWEST
    ]
    enough.sort(key=lambda each: (-each[1].all, each[0]))
    shown: dict[str | None, Numbers] = dict(enough[:MOST_DISTRICTS])
    rest = sum(
        (numbers for district, numbers in by_district.items() if district not in shown), Numbers(0, 0, 0)
    )
    while shown and 0 < rest.all < FEWEST:
        rest += shown.popitem()[1]
    found: dict[str | None, Told | None] = {each: Told.of(numbers) for each, numbers in shown.items()}
    if rest.all:
        found[None] = Told.of(rest) if rest.all >= FEWEST else None
    return found
