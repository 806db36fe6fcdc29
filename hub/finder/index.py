"""Which services answer what somebody typed, best first, with the reasons: the words that matched and their points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from itertools import pairwise
from math import log
from operator import itemgetter
from typing import Final

from hub.finder.documents import ROOT_MARK, Document, Field
from hub.finder.everyday import empty_words, meaning_the_same
from hub.finder.spelling import Word, words_of
from hub.finder.stems import other_stems, root, stem
from hub.finder.typos import Vocabulary

# Of a longer text the beginning is read, and of many words the first: people begin with what is wrong.
LONGEST: Final = 400
MOST_WORDS: Final = 16


class How(StrEnum):
    """In what way a typed word and one of a service are the same."""

    SAME = "same"
    OTHER_READING = "other_reading"
    MEANS_THE_SAME = "means_the_same"
    JOINED = "joined"
    KIN = "kin"
    BEGUN = "begun"
    MISTYPED = "mistyped"


_QUALITY: Final = {
    How.SAME: 1.0,
    How.JOINED: 0.9,
    How.OTHER_READING: 0.8,
    How.MEANS_THE_SAME: 0.75,
    How.KIN: 0.6,
    How.BEGUN: 0.7,
    How.MISTYPED: 0.7,
}
_SECOND_SLIP: Final = 0.7
_SHORTEST_BEGUN: Final = 3
_MOST_BEGUN: Final = 40
# Points for words that stand together as in the service's name, for each after the first; for a search word of
# several that was typed whole; and for a service that has all words.
_NEXT_TO_EACH_OTHER: Final = 0.8
_WHOLE_PHRASE: Final = 1.0
_ALL_WORDS: Final = 3.0
# Among thousands of services, so many that a word says most about are looked at first; of these, so many of the best
# are reckoned in full, however many are asked for.
_LOOKED_AT: Final = 400
_RECKONED: Final = 60


@dataclass(frozen=True, slots=True)
class MatchedWord:
    """A typed word that a service has: what was typed, the term it was found as, how, in which part, for what points."""

    typed: str
    term: str
    how: How
    field: Field
    points: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A service that answers; `score` is the sum of the points of its words, its phrase and its completeness."""

    document: Document
    words: tuple[MatchedWord, ...]
    phrase_points: float
    all_words_points: float

    @property
    def score(self) -> float:
        """What the order goes by."""
        return sum(word.points for word in self.words) + self.phrase_points + self.all_words_points


@dataclass(frozen=True, slots=True)
class _Term:
    """What a typed word may be found as: how surely, and what that is worth, the more the rarer the term is."""

    term: str
    how: How
    quality: float
    worth: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """A typed word with the terms it may be found as, and what it counts for among all that were typed."""

    typed: str
    terms: tuple[_Term, ...]
    weight: float


class Index:
    """The services of some bodies, ready to be searched; never changed once it is made."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents: Sequence[Document] = sorted(documents, key=lambda each: (each.body, each.code))
        self._postings: dict[str, list[int]] = {}
        self._leading: dict[str, Sequence[int]] = {}
        for place, document in enumerate(self.documents):
            for term in document.impacts:
                self._postings.setdefault(term, []).append(place)
        self._vocabulary = Vocabulary(term for term in self._postings if not term.startswith(ROOT_MARK))

    def search(self, typed: str, *, limit: int) -> list[Hit]:
        """At most `limit` services that have any of the words, best first; the same order for the same words.

        Nothing for a text without words of its own, whatever it holds.
        """
        asked = self._asked(typed)
        if not asked:
            return []
        rough: dict[int, float] = {}
        for each in asked:
            for place, worth in self._rough(each).items():
                rough[place] = rough.get(place, 0.0) + worth
        first = nsmallest(_RECKONED, rough, key=lambda place: (-rough[place], place))
        hits = {place: self._hit(place, asked) for place in first}
        ordered = sorted(hits, key=lambda place: (-hits[place].score, place))
        return [hits[place] for place in ordered[:limit]]

    def _asked(self, typed: str) -> list[_Asked]:
        words = _looked_for(typed)
        joined = {
            word.spelt: stem(one.spelt + other.spelt)
            for one, other in pairwise(words)
            for word in (one, other)
            if stem(one.spelt + other.spelt) in self._postings
        }
        return [self._read(typed, word, joined.get(word.spelt), last=word is words[-1]) for word in words]

    def _read(self, typed: str, word: Word, joined: str | None, *, last: bool) -> _Asked:
        stemmed = stem(word.spelt)
        others = other_stems(word.spelt)
        found: dict[str, _Term] = {}

        def add(term: str, how: How, quality: float = 1.0) -> None:
            if term in self._postings:
                sure = quality * _QUALITY[how]
                known = found.get(term)
                if known is None or known.quality < sure:
                    found[term] = _Term(term, how, sure, sure * self._rarity(term))

        add(stemmed, How.SAME)
        for other in others:
            add(other, How.OTHER_READING)
        if joined is not None:
            add(joined, How.JOINED)
        for one in (stemmed, *others):
            for other in meaning_the_same().get(one, ()):
                add(other, How.MEANS_THE_SAME)
        consonants = root(stemmed)
        if consonants is not None:
            add(ROOT_MARK + consonants, How.KIN)
        sure = any(term.how is not How.KIN for term in found.values())
        if len(word.spelt) >= _SHORTEST_BEGUN and (last or not sure):
            for longer in self._vocabulary.beginning(stemmed, _MOST_BEGUN):
                add(longer, How.BEGUN, len(stemmed) / len(longer))
        if not sure:
            for near, count in self._vocabulary.near(stemmed).items():
                add(near, How.MISTYPED, _SECOND_SLIP ** (count - 1))
        terms = tuple(found.values())
        return _Asked(typed[word.start : word.end], terms, self._weight(terms))

    def _rarity(self, term: str) -> float:
        having = len(self._postings[term])
        return log(1 + (len(self.documents) - having + 0.5) / (having + 0.5))

    def _weight(self, terms: Sequence[_Term]) -> float:
        """What a typed word counts for when all are to be there; an unknown one as much as the rarest."""
        if not terms:
            return log(1 + len(self.documents))
        return max(term.worth for term in terms)

    def _led_by(self, term: str) -> Sequence[int]:
        """The services that a term says most about; all of them unless there are very many."""
        leading = self._leading.get(term)
        if leading is None:
            leading = self._postings[term]
            if len(leading) > _LOOKED_AT:
                leading = nsmallest(_LOOKED_AT, leading, key=lambda each: -self.documents[each].impacts[term])
            self._leading[term] = leading
        return leading

    def _rough(self, asked: _Asked) -> dict[int, float]:
        """By service, what a typed word is worth there at best."""
        best: dict[int, float] = {}
        for term in asked.terms:
            for place in self._led_by(term.term):
                worth = term.worth * self.documents[place].impacts[term.term]
                if worth > best.get(place, 0.0):
                    best[place] = worth
        return best

    def _hit(self, place: int, asked: Sequence[_Asked]) -> Hit:
        document = self.documents[place]
        matched: list[MatchedWord] = []
        covered = 0.0
        for each in asked:
            points, term = max(
                ((term.worth * document.impacts.get(term.term, 0.0), term) for term in each.terms),
                key=itemgetter(0),
                default=(0.0, None),
            )
            if term is not None and points:
                field = document.fields[term.term]
                matched.append(MatchedWord(each.typed, term.term, term.how, field, points))
                covered += each.weight * term.quality
        complete = _ALL_WORDS * (covered / sum(each.weight for each in asked)) ** 2
        return Hit(document, tuple(matched), _phrase_points(document, matched, asked), complete)


def understood(typed: str) -> tuple[str, ...]:
    """The words of a text that are looked for, as typed: each once, and none that says nothing."""
    return tuple(typed[word.start : word.end] for word in _looked_for(typed))


def _looked_for(typed: str) -> list[Word]:
    empty = empty_words()
    read = (word for word in words_of(typed[:LONGEST]) if word.spelt not in empty)
    first: dict[str, Word] = {}
    for word in read:
        first.setdefault(word.spelt, word)
    return list(first.values())[:MOST_WORDS]


def _phrase_points(document: Document, matched: Sequence[MatchedWord], asked: Sequence[_Asked]) -> float:
    """The points of the phrase that the typed words come closest to; one word makes none."""
    if len(matched) < 2:  # noqa: PLR2004
        return 0.0
    readings = [{term.term: term.quality for term in each.terms} for each in asked]
    in_phrases = (_points_of_phrase(phrase, readings) for phrase in document.phrases if len(phrase) > 1)
    return max(in_phrases, default=0.0)


def _points_of_phrase(phrase: Sequence[str], readings: Sequence[dict[str, float]]) -> float:
    """Points for typed words that stand next to each other in a phrase, and for the whole of it."""
    having = [[reading.get(said, 0.0) or _by_root(said, reading) for said in phrase] for reading in readings]
    together = 0.0
    for first, second in pairwise(having):
        together += max((min(one, other) for one, other in zip(first, second[1:], strict=False)), default=0.0)
    whole: float = min(max(qualities) for qualities in zip(*having, strict=True))
    return _NEXT_TO_EACH_OTHER * together + _WHOLE_PHRASE * len(phrase) * whole


def _by_root(said: str, reading: dict[str, float]) -> float:
    consonants = root(said)
    return reading.get(ROOT_MARK + consonants, 0.0) if consonants is not None else 0.0
