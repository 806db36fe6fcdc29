"""What is said of how a body kept its promises, and what each figure means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Self

# Figures that rest on fewer tickets or voices are not shown: they would say little, and perhaps whose they are.
FEWEST: Final = 20
# The period looked at, in days: the short one where enough became due in it.
SHORT, LONG = 30, 90

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
# How long solutions take, by steps that people count in; a solution belongs to the first that it did not exceed.
STEPS: Final[tuple[timedelta, ...]] = (
    *(_HOUR * hours for hours in (1, 2, 3, 4, 6, 8, 12, 18)),
    *(_DAY * days for days in (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60, 90)),
)
# Where those stand that took longer than the last step or are not solved yet.
BEYOND: Final = len(STEPS)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    of: int

    @property
    def value(self) -> float | None:
        """The share of one; None where it rests on too few to say."""
        return self.part / self.of if self.of >= FEWEST else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was counted of some tickets, on one day or many, at one body or many; see `KeptPromises`."""

    answers_due: int = 0
    answers_kept: int = 0
    solutions_due: int = 0
    solutions_kept: int = 0
    within: Mapping[int, int]
    solved: int = 0
    reopened: int = 0
    voices: int = 0
    stars: int = 0

    @classmethod
    def sum_of(cls, counts: Iterable[Self]) -> Self:
        """All of them together."""
        numbers = dict.fromkeys(NUMBERS, 0)
        within: dict[int, int] = {}
        for each in counts:
            for name in NUMBERS:
                numbers[name] += getattr(each, name)
            for step, count in each.within.items():
                within[step] = within.get(step, 0) + count
        return cls(**numbers, within=within)

    @property
    def answered(self) -> Share:
        """First answers that came in time, of those that were due."""
        return Share(self.answers_kept, self.answers_due)

    @property
    def solved_in_time(self) -> Share:
        """Solutions that came in time, of those that were due."""
        return Share(self.solutions_kept, self.solutions_due)

    @property
    def reopened_share(self) -> Share:
        """Tickets that their citizen reopened, of those that were solved at least once."""
        return Share(self.reopened, self.solved)

    @property
    def measured(self) -> int:
        """How many tickets the time to a solution is told of."""
        return sum(self.within.values())

    @property
    def is_measured(self) -> bool:
        """Whether the time to a solution rests on enough to say something of it."""
        return self.measured >= FEWEST

    @property
    def says_something(self) -> bool:
        """Whether any of these figures rests on enough."""
        return max(self.answers_due, self.solutions_due, self.solved, self.voices) >= FEWEST

    @property
    def half_within(self) -> timedelta | None:
        """The first step within which at least half were solved; None if not even the last, or too few to say."""
        if not self.is_measured:
            return None
        solved = 0
        for step, length in enumerate(STEPS):
            solved += self.within.get(step, 0)
            if 2 * solved >= self.measured:
                return length
        return None

    @property
    def rating(self) -> float | None:
        """The mean of the stars that citizens gave, to one place; None where too few did."""
        return round(self.stars / self.voices, 1) if self.voices >= FEWEST else None


NUMBERS: Final = (
    "answers_due",
    "answers_kept",
    "solutions_due",
    "solutions_kept",
    "solved",
    "reopened",
    "voices",
    "stars",
)


@dataclass(frozen=True, slots=True)
class Record:
    """How a body kept its promises in so many days, beside how all bodies did."""

    days: int
    body: Counts
    everybody: Counts

    @classmethod
    def beside(cls, days: int, body: Counts, others: Counts) -> Self:
        """The record of a body and of all others.

        Where the others together rest on too few to say, nothing is told of everybody: whoever takes the body's own
        figure off would know theirs.
        """
        hidden: dict[str, Any] = {}
        for whole, counts in _RESTING_ON.items():
            if getattr(others, whole) < FEWEST:
                hidden |= {name: {} if name == "within" else 0 for name in counts}
        return cls(days, body, replace(Counts.sum_of([body, others]), **hidden))


# Which counts make a figure together, by the one that says how many tickets or voices it rests on.
_RESTING_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "answers_due": ("answers_due", "answers_kept"),
    "solutions_due": ("solutions_due", "solutions_kept"),
    "measured": ("within",),
    "solved": ("solved", "reopened"),
    "voices": ("voices", "stars"),
}
