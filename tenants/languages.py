"""The hub's two languages, and texts that exist in both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language the hub speaks to people in."""

    ARABIC = "ar"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages; whole sentences, never pieces to be glued."""

    ar: str
    en: str

    def in_language(self, language: Language) -> str:
        """The text as a reader of `language` sees it."""
        return self.ar if language is Language.ARABIC else self.en
