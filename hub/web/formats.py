"""Numbers, dates and times as a reader of each language writes them: Arabic-Indic digits in Arabic, Cairo's clock."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent

from tenants.languages import Language

_LOCALES: Final = {Language.ARABIC: Locale("ar", "EG"), Language.ENGLISH: Locale("en", "GB")}
# Whose signs stand between the digits; not left to the locale, because CLDR gave Egypt Latin digits once.
_NUMBERING: Final = {Language.ARABIC: "arab", Language.ENGLISH: "latn"}
# The half of the day stays on the line of its hour.
_HALF_DAYS: Final = "h:mm\N{NO-BREAK SPACE}a"
_INDIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def digits(text: str, language: Language) -> str:
    """The text with its digits as they are written in a language; signs between them stay as they are."""
    return text.translate(_INDIC) if language is Language.ARABIC else text


class Formats:
    """How things are written for readers of one language, by a clock that stands where they are."""

    def __init__(self, language: Language, zone: str) -> None:
        self.language = language
        self._locale = _LOCALES[language]
        self._zone = zone

    def number(self, value: float) -> str:
        """A count or measure: 1,234.5 and ١٬٢٣٤٫٥."""
        return self._written(
            format_decimal(value, locale=self._locale, numbering_system=_NUMBERING[self.language])
        )

    def percent(self, share: float) -> str:
        """A share of one, in whole percent; 100% is all and 0% none, and nothing is rounded to either."""
        told = min(max(share, 0.01), 0.99) if 0 < share < 1 else share
        written = format_percent(told, locale=self._locale, numbering_system=_NUMBERING[self.language])
        return self._written(written).replace("%", "٪") if self._is_arabic else written

    def day(self, value: date, zone: str | None = None) -> str:
        """A date: Sunday, 22 November 2026. Of a moment it is the day at the place of the zone."""
        where = self._at(value, zone).date() if isinstance(value, datetime) else value
        return self._written(
            format_date(where, "EEEE، d MMMM y" if self._is_arabic else "EEEE, d MMMM y", self._locale)
        )

    def moment(self, value: datetime, zone: str | None = None) -> str:
        """A date with its time of day."""
        pattern = f"EEEE، d MMMM y، {_HALF_DAYS}" if self._is_arabic else "EEEE, d MMMM y, HH:mm"
        return self._written(format_datetime(self._at(value, zone), pattern, locale=self._locale))

    def time(self, value: datetime, zone: str | None = None) -> str:
        """The time of day alone."""
        pattern = _HALF_DAYS if self._is_arabic else "HH:mm"
        return self._written(format_time(self._at(value, zone), pattern, locale=self._locale))

    def written(self, text: str) -> str:
        """A text of ours with its digits as the reader writes them; never a text of somebody else's."""
        return self._written(text)

    @property
    def _is_arabic(self) -> bool:
        return self.language is Language.ARABIC

    def _at(self, value: datetime, zone: str | None) -> datetime:
        return value.astimezone(ZoneInfo(zone or self._zone))

    def _written(self, text: str) -> str:
        return digits(text, self.language)
