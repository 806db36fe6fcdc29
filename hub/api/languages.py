"""Which of the hub's languages a caller reads."""

from __future__ import annotations

from typing import Final

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


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
