"""Dates, hours and durations in words, in both languages, for the sentences that explain a deadline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.units import format_unit

from hub.calendars.working_time import Span
from tenants.languages import Language, Text

_LOCALES = {Language.ARABIC: "ar_EG", Language.ENGLISH: "en_GB"}
_EASTERN_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_END_OF_DAY = Text(ar="منتصف الليل", en="24:00")


def sentence(*, ar: str, en: str, **facts: Text | str | int) -> Text:
    """A whole sentence in both languages around facts; numbers get Arabic-Indic digits in the Arabic one."""
    return Text(
        ar=ar.format(**{name: _in_arabic(fact) for name, fact in facts.items()}),
        en=en.format(**{name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()}),
    )


def day_in_words(day: date) -> Text:
    """A date with its weekday: "Sunday 4 January 2026"."""
    return Text(
        ar=format_date(day, "EEEE d MMMM y", locale=_LOCALES[Language.ARABIC]).translate(_EASTERN_DIGITS),
        en=format_date(day, "EEEE d MMMM y", locale=_LOCALES[Language.ENGLISH]),
    )


def moment_in_words(instant: datetime, zone: ZoneInfo) -> Text:
    """An instant as a local date and hour: "Sunday 4 January 2026 at 09:00"."""
    local = instant.astimezone(zone)
    return sentence(
        ar="{day} الساعة {hour}",
        en="{day} at {hour}",
        day=day_in_words(local.date()),
        hour=_hour(local),
    )


def hours_in_words(spans: Sequence[Span], zone: ZoneInfo, day: date) -> Text:
    """The open hours of one local day: "09:00-13:00, 14:00-17:00"; its end is 24:00, in Arabic midnight."""
    stretches = []
    for span in spans:
        opens, closes = span.opens.astimezone(zone), span.closes.astimezone(zone)
        stretches.append((_hour(opens), _END_OF_DAY if closes.date() > day else _hour(closes)))
    return Text(
        ar="، ".join(f"من {opens.ar} إلى {closes.ar}" for opens, closes in stretches),
        en=", ".join(f"{opens.en}–{closes.en}" for opens, closes in stretches),
    )


def duration_in_words(duration: timedelta) -> Text:
    """Hours, minutes and seconds with the right plurals, never days: "2 hours 30 minutes"."""
    seconds = int(duration.total_seconds())
    parts = [
        (amount, unit)
        for amount, unit in (
            (seconds // 3600, "duration-hour"),
            (seconds // 60 % 60, "duration-minute"),
            (seconds % 60, "duration-second"),
        )
        if amount
    ] or [(0, "duration-minute")]
    arabic = [_amount(amount, unit, Language.ARABIC) for amount, unit in parts]
    english = [_amount(amount, unit, Language.ENGLISH) for amount, unit in parts]
    return Text(ar=" و".join(arabic).translate(_EASTERN_DIGITS), en=" ".join(english))


def _amount(amount: int, unit: str, language: Language) -> str:
    return format_unit(amount, unit, "long", format="0", locale=_LOCALES[language])


def _in_arabic(fact: Text | str | int) -> str:
    if isinstance(fact, Text):
        return fact.ar
    return str(fact).translate(_EASTERN_DIGITS) if isinstance(fact, int) else fact


def _hour(local: datetime) -> Text:
    """An hour as pages write it too: of twenty-four in English, of twelve in Arabic, as people there tell the time."""
    seconds = ":ss" if local.second else ""
    return Text(
        ar=format_time(local, f"h:mm{seconds} a", locale=_LOCALES[Language.ARABIC]).translate(
            _EASTERN_DIGITS
        ),
        en=format_time(local, f"HH:mm{seconds}", locale=_LOCALES[Language.ENGLISH]),
    )
