"""What somebody who types into the one box of a search may mean: a case number, a phone number, words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub import phones
from hub.tickets.errors import WrongNumber
from hub.tickets.numbers import read_number

# More than anybody types; of what is longer the beginning is looked for.
LONGEST: Final = 200
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")


class Meant(StrEnum):
    """What a search was understood to be."""

    NUMBER = "number"
    PHONE = "phone"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Typed:
    """A search in every reading that it has; words are always one of them."""

    number: str | None
    phone: str | None
    words: str


def read_search(text: str) -> Typed:
    """What a text typed into the box may mean, whatever it is: nothing is refused, at worst nothing is found."""
    words = _NO_TEXT.sub(" ", text[:LONGEST])
    return Typed(number=_number(words), phone=_phone(words), words=words)


def _number(text: str) -> str | None:
    try:
        return read_number(text)
    except WrongNumber:
        return None


def _phone(text: str) -> str | None:
    try:
        return phones.read_phone(text)
    except phones.NotAPhone:
        return None
