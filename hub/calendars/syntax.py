"""Reading a calendar as it is written down, and clear refusals for what a clock cannot count by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # absent from its stub

from hub.calendars.errors import BrokenCalendar
from tenants.languages import Text

LONGEST_TEXT = 1000
MOST_HOLIDAYS = 5000
_QUOTED = 24

_LONGEST_MONTHS = {
    "jan": 31, "feb": 29, "mar": 31, "apr": 30, "may": 31, "jun": 30,
    "jul": 31, "aug": 31, "sep": 30, "oct": 31, "nov": 30, "dec": 31,
}  # fmt: skip

# What the parser reads but a clock cannot count by. It would quietly ignore some of it ("PH" without a
# country never matches, an open end closes at once): the calendar would look right and be wrong.
_NOT_HONOURED = (
    (
        re.compile(r'"'),
        Text(
            ar="لا تُقبل الملاحظات بين علامتي اقتباس، لأن الحساب لا يقرؤها.",
            en="comments in quotation marks are not accepted, because a clock cannot read them.",
        ),
    ),
    (
        re.compile(r"\b(?:PH|SH|easter)\b", re.IGNORECASE),
        Text(
            ar="لا تُقبل أسماء العطلات هنا؛ اكتب أيام العطلات تواريخَ صريحة في قائمة العطلات.",
            en="holidays by name are not accepted here; list them as dates under the calendar's holidays.",
        ),
    ),
    (
        re.compile(r"\bunknown\b", re.IGNORECASE),
        Text(
            ar="لا تُقبل حالة «unknown»؛ الوقت إما وقت عمل أو ليس كذلك.",
            en="“unknown” is not accepted; time is either working time or it is not.",
        ),
    ),
    (
        re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b", re.IGNORECASE),
        Text(
            ar="لا تُقبل أوقات الشمس؛ اكتب الساعة والدقيقة.",
            en="times of the sun are not accepted; write hours and minutes.",
        ),
    ),
    (
        re.compile(r"\d:\d\d\s*\+"),
        Text(
            ar="لا تُقبل أوقات بلا نهاية؛ اكتب وقت الإغلاق.",
            en="times without an end are not accepted; write the closing time.",
        ),
    ),
    (
        re.compile(r"\d:\d\d\s*/"),
        Text(
            ar="لا تُقبل المواعيد المتكررة داخل الفترة؛ اكتب الفترات نفسها.",
            en="repeated times within a span are not accepted; write the spans themselves.",
        ),
    ),
)

_DAY_OF_MONTH = re.compile(
    r"(?:(?<!\d{4}-)\b(?P<year>\d{4})\s*)?\b(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\s*"
    r"(?P<day>\d{1,2})(?![\d:])(?:\s*-\s*(?P<last>\d{1,2})(?![\d:]))?",
    re.IGNORECASE,
)


def read_opening_hours(text: str) -> OpeningHours:
    """The parsed text of a calendar, on the wall clock; raises `BrokenCalendar` with the fault's place."""
    if len(text) > LONGEST_TEXT:
        raise _broken_hours(
            text,
            LONGEST_TEXT,
            Text(
                ar=f"النص أطول من {LONGEST_TEXT} حرف.",
                en=f"the text is longer than {LONGEST_TEXT} characters.",
            ),
        )
    line = " ".join(text.split())
    for pattern, reason in _NOT_HONOURED:
        if found := pattern.search(line):
            raise _broken_hours(line, found.start(), reason)
    _refuse_impossible_dates(line)
    try:
        return OpeningHours(line, auto_country=False, auto_timezone=False)
    except ParserError as error:
        position = re.search(r"--> \d+:(\d+)", str(error))
        raise _broken_hours(
            line,
            int(position.group(1)) - 1 if position else 0,
            Text(
                ar="لا يُفهم النص من هذا الموضع؛ مثال صحيح: Su-Th 09:00-17:00",
                en="the text cannot be understood from here on; a correct example is Su-Th 09:00-17:00",
            ),
        ) from None


def read_holidays(holidays: Iterable[date]) -> frozenset[date]:
    """Holidays as plain dates; raises `BrokenCalendar` for anything else, or for too many."""
    dates = list(holidays)
    for number, holiday in enumerate(dates, start=1):
        if not isinstance(holiday, date) or isinstance(holiday, datetime):
            raise BrokenCalendar(
                field=f"holidays[{number - 1}]",
                place=Text(ar=f"العطلة رقم {number}", en=f"holiday number {number}"),
                reason=Text(ar="ليست تاريخًا.", en="it is not a date."),
            )
    if len(dates) > MOST_HOLIDAYS:
        raise BrokenCalendar(
            field="holidays",
            place=Text(ar="قائمة العطلات", en="the list of holidays"),
            reason=Text(
                ar=f"لا يزيد عدد العطلات على {MOST_HOLIDAYS}.", en=f"there may be at most {MOST_HOLIDAYS}."
            ),
        )
    return frozenset(dates)


def read_zone(name: str) -> ZoneInfo:
    """The time zone of that name in the zone database; raises `BrokenCalendar` for an unknown one."""
    if name not in _zone_names():
        raise BrokenCalendar(
            field="zone",
            place=Text(ar="المنطقة الزمنية", en="the time zone"),
            reason=Text(
                ar=f"لا توجد منطقة زمنية باسم «{name[:_QUOTED]}»؛ مثال صحيح: Africa/Cairo",
                en=f"there is no zone named “{name[:_QUOTED]}”; a correct example is Africa/Cairo",
            ),
        )
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    # "localtime" and "Factory" would make a deadline depend on the machine that counts it.
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _refuse_impossible_dates(line: str) -> None:
    """The parser reads "Feb 30" as every day of the year, so impossible dates are found here."""
    for found in _DAY_OF_MONTH.finditer(line):
        month = found["month"].lower()
        longest = _LONGEST_MONTHS[month]
        if month == "feb" and found["year"] and not _is_leap_year(int(found["year"])):
            longest = 28
        for day in (found["day"], found["last"]):
            if day is not None and not 1 <= int(day) <= longest:
                raise _broken_hours(
                    line,
                    found.start(),
                    Text(ar="لا وجود لهذا التاريخ.", en="there is no such date."),
                )


def _is_leap_year(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _broken_hours(line: str, position: int, reason: Text) -> BrokenCalendar:
    rest = line[position : position + _QUOTED]
    if not rest:
        place = Text(ar="نهاية أوقات العمل", en="the end of the opening hours")
    else:
        place = Text(
            ar=f"أوقات العمل، الحرف {position + 1} («{rest}»)",
            en=f"the opening hours, character {position + 1} (“{rest}”)",
        )
    return BrokenCalendar(field="opening_hours", place=place, reason=reason)
