"""What words of one kin have in common: light stems of Arabic and English, and the consonants of an Arabic word."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from hub.finder.spelling import is_arabic

# The article with what is written in one word with it: البالوعة, وبالوزارة, للمواطن, فللمياه. A word stays.
_ARTICLE: Final = re.compile("^(?:[وف]?(?:[بك]?ال|لل)(?=..))+")
# Particles, and the marks of Egyptian verbs in the present and the future: بيبني, هيقع, حتوصل.
_LETTER_BEFORE: Final = re.compile("^(?:[وف][بلك]|[بهح](?=[يتن])|[وفبكلهح])(?=.{3})")
_ENDINGS: Final = (
    "تهم", "تكم", "تنا", "تها",
    "ها", "هم", "كم", "نا", "ات", "ان", "ون", "ين", "يه", "ته", "تك", "تي", "وا",
    "ه", "ي", "ك",
)  # fmt: skip
_SHORTEST: Final = 3
_POSSESSED: Final = re.compile("(..)ت(?:ي|ك|ه|ها|نا|كم|هم)")
_VERB_ENDING: Final = re.compile("(?<=.{4})ت$")
# What stands before the root in verbal nouns, participles and verbs, shortest first.
_BEFORE_ROOT: Final = (
    "", "م", "ت", "ا", "ي", "ن", "ان", "من", "مت", "ات", "يت", "ين", "اس", "است", "مست", "يست",
)  # fmt: skip
_LONG_VOWELS: Final = str.maketrans("", "", "اويء")
_ROOT: Final = 3


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What is left of a word in the one spelling without its article and endings; never empty."""
    if is_arabic(word):
        return _arabic(word)
    return _english(word) if word.isascii() and word.isalpha() else word


@lru_cache(maxsize=50_000)
def other_stems(word: str) -> tuple[str, ...]:
    """Stems of a word in its other readings, between which only a reader can tell.

    Its first letter may be a particle (و ف ب ك ل) or the mark of a verb: ببطاقته is بطاقة with one, but بلدية begins
    with a letter of its own. And a ت before a possessive may be the end of a short noun: شقتي is شقة, but بيتي is بيت.
    """
    if not is_arabic(word):
        return ()
    bare = _ARTICLE.sub("", word)
    shorter = _LETTER_BEFORE.sub("", bare)
    found = {_arabic(shorter)}
    for each in (bare, shorter):
        possessed = _POSSESSED.fullmatch(each)
        if possessed:
            found.add(f"{possessed.group(1)}ه")
    return tuple(sorted(found - {stem(word)}))


@lru_cache(maxsize=50_000)
def root(stemmed: str) -> str | None:
    """The three consonants that an Arabic stem is made of, as far as they can be seen: قطع of مقطوع, انقطاع and قاطع.

    Weak letters vanish, so some words of different kin get the same; a sign, not a proof. None for all other words.
    """
    if not is_arabic(stemmed):
        return None
    for before in _BEFORE_ROOT:
        if stemmed.startswith(before):
            consonants = stemmed[len(before) :].translate(_LONG_VOWELS)
            if len(consonants) == _ROOT:
                return consonants
    return None


def _arabic(word: str) -> str:
    left = _ARTICLE.sub("", word)
    for _ in range(2):
        for ending in _ENDINGS:
            if left.endswith(ending) and len(left) - len(ending) >= _SHORTEST:
                left = left[: -len(ending)]
                break
    left = _VERB_ENDING.sub("", left)
    # The hamza is what is left out most: كهربا, غطا.
    return left.replace("ء", "") if len(left) > _SHORTEST else left


_ENGLISH: Final = (
    (re.compile("(?<=..)ies$"), "y"),
    (re.compile("(?<=..(?:ch|sh|ss|.x|zz))es$"), ""),
    (re.compile("(?<=..[^su])s$"), ""),
    (re.compile("(?<=[a-z]{3}t)ions?$"), ""),
    (re.compile("(?<=[a-z]{3})(?:ing|ings|ed)$"), ""),
    (re.compile("([^aeiouls])\\1$"), r"\1"),
    (re.compile("(?<=[a-z]{3})e$"), ""),
)


def _english(word: str) -> str:
    for ending, instead in _ENGLISH:
        word = ending.sub(instead, word)
    return word
