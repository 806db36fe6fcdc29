"""Which of the hub's languages a caller reads, by what they ask for and by the address of a page."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from tenants.languages import Language

_MOST_LOOKED_AT: Final = 10


def preferred_language(accept_language: str | None) -> Language:
    """The language a caller asks for by `Accept-Language` (RFC 9110, 12.5.4); Arabic if it names neither."""
    best, weight = Language.ARABIC, 0.0
    for each in (accept_language or "").split(",")[:_MOST_LOOKED_AT]:
        name, _, parameter = each.partition(";")
        asked = _weight(parameter)
        primary = name.strip().lower().partition("-")[0]
        if primary in set(Language) and asked > weight:
            best, weight = Language(primary), asked
    return best


def language_of_path(path: str) -> Language | None:
    """The language of a page by the first step of its address; None where it names neither."""
    first = path.removeprefix("/").partition("/")[0]
    return Language(first) if first in set(Language) else None


def language_of_visit(path: str, kept: str | None, accept_language: str | None) -> Language:
    """The language somebody gets a page in: as its address says, else as they chose before, else as they ask."""
    told = language_of_path(path)
    if told is not None:
        return told
    return Language(kept) if kept in set(Language) else preferred_language(accept_language)


def other_language(language: Language) -> Language:
    """The language that a page can be switched to."""
    return Language.ENGLISH if language is Language.ARABIC else Language.ARABIC


def in_other_language(path: str, query: str, language: Language) -> str:
    """The address of the same place in the other language."""
    # Servers hand paths on decoded: what nobody may write into a page is encoded again.
    rest = quote(path.removeprefix(f"/{language.value}"), safe="/!$&'()*+,;=:@")
    return f"/{other_language(language).value}{rest}{f'?{query}' if query else ''}"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
