"""One spelling for what people write in several: the words of a text, in Arabic and Latin letters alike."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hub.digits import latin_digits

# Vowel marks, Quranic signs and joiners stand inside a word without being letters of it.
_INSIDE: Final = (
    "\u00ad\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u2060\ufe70-\ufe7f"
)
_WORD: Final = re.compile(f"[^\\W_][^\\W_{_INSIDE}]*(?:[{_INSIDE}]+[^\\W_]*)*")
# Letters that other keyboards, old programs or a habit put for one of the Arabic alphabet. What stands on a seat or
# an alef is a mark once a letter is taken apart, and goes with the marks: أ إ آ are ا, ؤ is و, ئ is ي.
_LETTERS: Final = str.maketrans(
    {
        "\u0640": None,  # tatweel
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ے": "ي",
        "ة": "ه",
        "ۀ": "ه",
        "ہ": "ه",
        "ۃ": "ه",
        "ە": "ه",
        "ھ": "ه",
        "ک": "ك",
        "ڪ": "ك",
        "گ": "ك",
        "پ": "ب",
        "چ": "ج",
        "ژ": "ز",
        "ڤ": "ف",
        "ڨ": "ق",
    }
)
# Longer than any word is: the beginning will do.
_LONGEST_WORD: Final = 40
_DRAWN_OUT: Final = re.compile(r"(\D)\1{2,}")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands there, and how it is spelt in the one spelling."""

    start: int
    end: int
    spelt: str


def words_of(text: str) -> tuple[Word, ...]:
    """The words of any text, in their order; what is neither letter nor digit only separates them."""
    found = (
        Word(match.start(), match.end(), spelt(match.group()[: 4 * _LONGEST_WORD]))
        for match in _WORD.finditer(text)
    )
    return tuple(word for word in found if word.spelt)


@lru_cache(maxsize=50_000)
def spelt(word: str) -> str:
    """A word in the one spelling: no marks or accents, one form a letter, small letters, digits as 0-9.

    A hamza that stands by itself is kept, because ماء would be another word without it.
    """
    letters = latin_digits(word).casefold()
    if not letters.isascii():
        apart = unicodedata.normalize("NFKD", letters)
        letters = "".join(one for one in apart if one.isalnum()).translate(_LETTERS)
        # Old shapes of letters come apart into letters that were not folded yet, and digits of other scripts.
        letters = latin_digits(letters)
    return _DRAWN_OUT.sub(r"\1", letters)[:_LONGEST_WORD]


def is_arabic(word: str) -> bool:
    """Whether a word in the one spelling is written in Arabic letters."""
    return "ء" <= word[:1] <= "ي"
