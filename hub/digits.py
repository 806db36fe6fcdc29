"""Digits as people write them in Arabic and Persian, turned into the ones programs count with."""

from __future__ import annotations

_ARABIC_INDIC = "٠١٢٣٤٥٦٧٨٩"
_PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
_TO_LATIN = str.maketrans(_ARABIC_INDIC + _PERSIAN, "0123456789" * 2)


def latin_digits(text: str) -> str:
    """The text with Arabic-Indic (٠-٩) and Persian (۰-۹) digits as 0-9; everything else stays as it is."""
    return text if text.isascii() else text.translate(_TO_LATIN)
