"""Words that somebody may have meant who mistyped one: neighbours by few slips, found without trying every word."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

# Shorter words have too many neighbours that mean something else.
SHORTEST: Final = 4
# From this length on two slips may be forgiven.
LONG: Final = 8


def slips(one: str, other: str, most: int) -> int | None:
    """How many letters were left out, put in, put for another, or swapped with the next; None for more than `most`.

    No letter is swapped and then changed again (optimal string alignment), so it is the same in both directions.
    """
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [place]
        for across, facing in enumerate(other, start=1):
            least = min(before[across] + 1, row[across - 1] + 1, before[across - 1] + (letter != facing))
            if place > 1 and across > 1 and letter == other[across - 2] and one[place - 2] == facing:
                least = min(least, earlier[across - 2] + 1)
            row.append(least)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def forgiven(word: str) -> int:
    """How many slips may be forgiven in a word of this length."""
    return 0 if len(word) < SHORTEST else 1 if len(word) < LONG else 2


class Vocabulary:
    """The words that can be found, by what they become when a letter is left out, and in their order."""

    def __init__(self, words: Iterable[str]) -> None:
        self._sorted = sorted(set(words))
        self._without_one: dict[str, list[str]] = {}
        for word in self._sorted:
            if len(word) >= SHORTEST - 1 and not word.isdigit():
                for shorter in {word, *_without_one(word)}:
                    self._without_one.setdefault(shorter, []).append(word)

    def near(self, word: str) -> dict[str, int]:
        """The words that `word` may be a slip of, with the number of slips.

        Every word at one slip is among them; of those at two, most: where both lost the same letters. Of a number
        none: another number is no slip of it.
        """
        most = forgiven(word)
        if not most or word.isdigit():
            return {}
        shorter = {word, *_without_one(word)}
        if most > 1:
            shorter.update(*map(_without_one, tuple(shorter)))
        found: dict[str, int] = {}
        for candidate in set(chain.from_iterable(self._without_one.get(each, ()) for each in shorter)):
            count = slips(word, candidate, most)
            if count:
                found[candidate] = count
        return found

    def beginning(self, word: str, most: int) -> Iterator[str]:
        """At most so many words that begin with `word` and go on, in their order."""
        start = bisect_left(self._sorted, word)
        for candidate in self._sorted[start : start + most + 1]:
            if candidate != word and candidate.startswith(word):
                yield candidate


def _without_one(word: str) -> Iterator[str]:
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
