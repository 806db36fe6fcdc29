"""What the finder answers: services with their bodies, and why each was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hub.finder.documents import terms_of
from hub.finder.index import Hit, MatchedWord
from hub.finder.spelling import words_of
from hub.vocabulary import Kind, Priority
from tenants.languages import Text

# The first of these of a text are looked at for what matched; no name or description is longer.
_LONGEST_MARKED: Final = 2_000


@dataclass(frozen=True, slots=True)
class ServiceAt:
    """A service that a body offers, as somebody who chooses among many bodies' sees it."""

    tenant_id: UUID
    tenant_code: str
    tenant_name: Text
    tenant_short_name: Text
    code: str
    name: Text
    description: Text
    kind: Kind
    priority: Priority
    life_events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; `matched` if it is a word by which the service was found. All pieces together are the text."""

    text: str
    matched: bool


@dataclass(frozen=True, slots=True)
class FoundService:
    """A service that answers what was typed, and why it stands where it stands.

    `words` are the typed words it has; their points, those for words that stand together as in its name and those for
    having all of them make up the score.
    """

    service: ServiceAt
    words: tuple[MatchedWord, ...]
    phrase_points: float
    all_words_points: float
    score: float

    def marked(self, text: str) -> tuple[Piece, ...]:
        """A text of this service, cut where words begin and end by which it was found; for pages to highlight."""
        terms = {word.term for word in self.words}
        pieces, done = [], 0
        for word in words_of(text[:_LONGEST_MARKED]):
            if terms & terms_of(word.spelt):
                pieces += [Piece(text[done : word.start], False), Piece(text[word.start : word.end], True)]
                done = word.end
        pieces.append(Piece(text[done:], False))
        return tuple(piece for piece in pieces if piece.text)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found for a text, best first; `not_sure` is where to go when none of it is right, if there is one.

    `understood` are the words that were looked for, as typed: none of a text that is empty or says nothing.
    """

    understood: tuple[str, ...]
    services: tuple[FoundService, ...]
    not_sure: ServiceAt | None


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """An event in a person's life, and how many services there are for it."""

    code: str
    name: Text
    services: int


def found(service: ServiceAt, hit: Hit) -> FoundService:
    """A hit of the index as the service that it is."""
    return FoundService(service, hit.words, hit.phrase_points, hit.all_words_points, hit.score)
