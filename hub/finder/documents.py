"""A service as the finder knows it: what words it has, where they stand, and how much each of them says about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from hub.finder.everyday import empty_words
from hub.finder.spelling import words_of
from hub.finder.stems import other_stems, root, stem


class Field(StrEnum):
    """A part of a service in which its words stand."""

    NAME = "name"
    WORDS = "words"
    CATEGORY = "category"
    LIFE_EVENT = "life_event"
    DESCRIPTION = "description"
    BODY = "body"
    KIND = "kind"
    QUESTION = "question"
    OPTION = "option"


# What a word counts for, and how many words such a part usually has: in a longer one each counts for less.
_WEIGHTS: Final[Mapping[Field, tuple[float, int]]] = {
    Field.NAME: (4.0, 5),
    Field.WORDS: (4.0, 8),
    Field.CATEGORY: (1.2, 3),
    Field.LIFE_EVENT: (0.6, 4),
    Field.DESCRIPTION: (1.6, 20),
    Field.BODY: (1.6, 6),
    Field.KIND: (0.5, 3),
    Field.QUESTION: (0.6, 40),
    Field.OPTION: (0.6, 60),
}
# BM25's two constants: how soon more of the same word counts no more, and how much the length of a part matters.
_SATURATION: Final = 1.2
_LENGTH_MATTERS: Final = 0.5
_OTHER_READING: Final = 0.5
# Before the consonants of a word, so that they are not taken for a word.
ROOT_MARK: Final = "√"


@dataclass(frozen=True, slots=True)
class Document:
    """The words of one service, which is named by its body's and its own code.

    `impacts` says how much each term says about it, `fields` where it mostly stands; `phrases` are its name and its
    search words, each as stems in their order.
    """

    body: str
    code: str
    impacts: Mapping[str, float]
    fields: Mapping[str, Field]
    phrases: tuple[tuple[str, ...], ...]


def make_document(body: str, code: str, parts: Mapping[Field, Sequence[str]]) -> Document:
    """A service by the texts of its parts, in all languages together."""
    counted: dict[str, dict[Field, float]] = {}
    for field, texts in parts.items():
        for term, times in _terms(field, texts).items():
            counted.setdefault(term, {})[field] = times
    impacts = {}
    for term, of_field in counted.items():
        together = sum(of_field.values())
        impacts[term] = together / (_SATURATION + together)
    phrases = (stems_of(text) for field in (Field.NAME, Field.WORDS) for text in parts.get(field, ()))
    return Document(
        body=body,
        code=code,
        impacts=impacts,
        fields={term: max(of_field, key=of_field.__getitem__) for term, of_field in counted.items()},
        phrases=tuple(stems for stems in phrases if stems),
    )


def stems_of(text: str) -> tuple[str, ...]:
    """The stems of what a text says, without empty words, in their order."""
    return tuple(stem(word) for word in _said(text))


@lru_cache(maxsize=50_000)
def terms_of(word: str) -> frozenset[str]:
    """All terms under which a word in the one spelling is found."""
    stemmed = stem(word)
    consonants = root(stemmed)
    return frozenset({stemmed, *other_stems(word)} | ({ROOT_MARK + consonants} if consonants else set()))


def _said(text: str) -> Iterator[str]:
    empty = empty_words()
    return (word.spelt for word in words_of(text) if word.spelt not in empty)


def _terms(field: Field, texts: Iterable[str]) -> dict[str, float]:
    weight, usual = _WEIGHTS[field]
    words = [word for text in texts for word in _said(text)]
    worth = weight / (1 - _LENGTH_MATTERS + _LENGTH_MATTERS * len(words) / usual)
    found: dict[str, float] = {}
    for word in words:
        stemmed = stem(word)
        for term in terms_of(word):
            # A stem in another reading is a guess, so it counts for less.
            sure = term == stemmed or term.startswith(ROOT_MARK)
            found[term] = found.get(term, 0.0) + worth * (1.0 if sure else _OTHER_READING)
    return found
