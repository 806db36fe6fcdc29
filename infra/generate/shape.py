"""The shape of a large hub: who gets how much, when cases come, how old open ones are, and what identifies them."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from hub.tickets.numbers import is_number
from infra.demo.bodies import HOURS, WEEKDAYS

_Choice = TypeVar("_Choice")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_CASE_NUMBERS: Final = 9 * 10**8
_FIRST_NUMBER: Final = 10**8
# Numbers from here on stand in for those that somebody else's case has already.
SPARE_NUMBERS: Final = 450_000_000
_NETWORKS: Final = ("10", "11", "12", "15")
_PHONES: Final = len(_NETWORKS) * 10**8
_BUSIEST: Final = max(HOURS) * max(WEEKDAYS)
_STEEPEST: Final = 1e6


class Ranked(Generic[_Choice]):
    """Things that are drawn by their rank as Zipf found words to be: the second half as often as the first."""

    def __init__(self, things: Sequence[_Choice]) -> None:
        self.things = tuple(things)
        self._sums = list(accumulate(1 / rank for rank in range(1, len(things) + 1)))

    def draw(self, chance: Random) -> _Choice:
        """One of them."""
        return self.things[bisect(self._sums, chance.random() * self._sums[-1], 0, len(self.things) - 1)]


@dataclass(frozen=True, slots=True)
class Window:
    """The time that cases come in, cut into equal slices; people report by the hour and the weekday."""

    since: datetime
    until: datetime
    zone: ZoneInfo

    def moments(self, chance: Random, count: int, part: int, parts: int) -> list[datetime]:
        """So many moments of one slice, in order."""
        length = (self.until - self.since) / parts
        begins = self.since + length * part
        return sorted(self._moment(chance, begins, length) for _ in range(count))

    def _moment(self, chance: Random, begins: datetime, length: timedelta) -> datetime:
        while True:
            at = begins + length * chance.random()
            local = at.astimezone(self.zone)
            if chance.random() * _BUSIEST < HOURS[local.hour] * WEEKDAYS[local.weekday()]:
                return at


class OpenShare:
    """How likely a ticket of some age is still open, so that a given share of all of them is: the young ones rather."""

    def __init__(self, share: float, length: timedelta) -> None:
        self._share = share
        self._steepness = _steepness(share) / length.total_seconds() if 0 < share < 1 else 0.0

    def of_age(self, age: timedelta) -> float:
        """The probability at one age."""
        if self._share in (0, 1):
            return float(self._share)
        return math.exp(-age.total_seconds() * self._steepness)


def _steepness(share: float) -> float:
    """The x at which exp(-x t) has the mean `share` for t from 0 to 1."""
    low, high = 1e-9, _STEEPEST
    for _ in range(200):
        middle = (low + high) / 2
        if -math.expm1(-middle) / middle > share:
            low = middle
        else:
            high = middle
    return low


class Numbers:
    """Case numbers and phone numbers by index: scattered, the same for the same seed, and none of them twice."""

    def __init__(self, seed: int) -> None:
        chance = Random(f"numbers {seed}")  # noqa: S311 - nothing secret is drawn
        self._cases = _scattering(chance, _CASE_NUMBERS)
        self._phones = _scattering(chance, _PHONES)

    def case_number(self, index: int) -> str:
        """The number of the case with an index below `SPARE_NUMBERS`, or standing in for that of `index` less these."""
        start, step = self._cases
        digits = str(_FIRST_NUMBER + (start + index * step) % _CASE_NUMBERS)
        return next(number for last in "0123456789" if is_number(number := digits + last))

    def phone(self, index: int) -> str:
        """A mobile number in E.164."""
        start, step = self._phones
        network, subscriber = divmod((start + index * step) % _PHONES, 10**8)
        return f"+20{_NETWORKS[network]}{subscriber:08}"


def _scattering(chance: Random, size: int) -> tuple[int, int]:
    while True:
        step = chance.randrange(size // 3, size)
        if math.gcd(step, size) == 1:
            return chance.randrange(size), step


def id_at(moment: datetime, chance: Random, order: int | None = None) -> UUID:
    """An identifier as if it had been made at a moment (UUID version 7); `order` sorts those of one millisecond."""
    milliseconds = (moment - _EPOCH) // _MILLISECOND
    sequence = chance.getrandbits(12) if order is None else order
    return UUID(int=milliseconds << 80 | 7 << 76 | sequence << 64 | 2 << 62 | chance.getrandbits(62))
