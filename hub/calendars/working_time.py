"""Working time of one business calendar: deadlines, elapsed time and open spans, exact over daylight saving.

A calendar is a text in OpenStreetMap's opening-hours syntax, explicit holidays, and a zone. The text
speaks of the clock on the wall; everything that goes in or comes out here is an aware instant, and what
comes out is in UTC. Where the wall clock is changed:

- an hour that is skipped has no length: what opens or closes within it does so at the moment of the change;
- of an hour that comes twice, the first one counts for opening and closing (as RFC 5545 reads such a time),
  and the state it ends with lasts through the second;
- durations are elapsed seconds, so a round-the-clock day has 23, 24 or 25 hours.

A holiday closes its calendar date from local midnight to local midnight, whatever spans reach into it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from threading import Lock
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from hub.calendars.errors import BrokenCalendar, NoWorkingTimeLeft
from hub.calendars.syntax import read_holidays, read_opening_hours, read_zone
from tenants.languages import Text

# The parser's own calendar begins in 1900; three centuries hold every record of a city.
FIRST_YEAR, LAST_YEAR = 1900, 2199
# How far ahead a deadline is looked for: ten times the longest target is 20 years of full-time work.
SEARCH_YEARS = 30

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time from `opens` up to, but not including, `closes`; both in UTC."""

    opens: datetime
    closes: datetime

    @property
    def length(self) -> timedelta:
        """Elapsed time between opening and closing."""
        return self.closes - self.opens


@dataclass(frozen=True, slots=True)
class LocalDay:
    """One date of a zone: its two midnights in UTC, its open spans, and whether it is a holiday."""

    date: date
    begins: datetime
    ends: datetime
    spans: tuple[Span, ...]
    holiday: bool


@dataclass(frozen=True, slots=True)
class _Table:
    """The open spans of a run of years, in microseconds since 1970, with running totals of working time."""

    first_year: int
    last_year: int
    opens: list[int]
    closes: list[int]
    total_after: list[int]

    def total_until(self, instant: int) -> int:
        """Working microseconds between the table's beginning and `instant`."""
        index = bisect_right(self.opens, instant) - 1
        if index < 0:
            return 0
        return self.total_after[index] - max(0, self.closes[index] - instant)


class WorkingTime:
    """The working time of one calendar, for everyone who counts a clock on it.

    Raises `BrokenCalendar` for a text that cannot be parsed or that says things a clock cannot honour
    (holidays by name, sun times, open ends, "unknown", comments), an unknown zone, or a calendar that never
    opens. Every method raises `ValueError` for a naive datetime and for one outside the years 1901 to 2198.

    Safe to share between threads; spans are worked out a year at a time and kept.
    """

    def __init__(self, opening_hours: str, holidays: Iterable[date], zone: str) -> None:
        self._hours: OpeningHours = read_opening_hours(opening_hours)
        self.opening_hours = str(self._hours)
        self.holidays: frozenset[date] = read_holidays(holidays)
        self.zone: ZoneInfo = read_zone(zone)
        self._sorted_holidays = sorted(self.holidays)
        self._years: dict[int, list[tuple[int, int]]] = {}
        self._table: _Table | None = None
        self._lock = Lock()
        if not self._ever_opens():
            raise BrokenCalendar(
                field="opening_hours",
                place=Text(ar="أوقات العمل", en="the opening hours"),
                reason=Text(ar="التقويم لا يفتح في أي وقت.", en="the calendar never opens."),
            )

    def __repr__(self) -> str:
        return f"WorkingTime({self.opening_hours!r}, {len(self.holidays)} holidays, {self.zone.key!r})"

    def due(self, start: datetime, working: timedelta) -> datetime:
        """The first instant at which `working` time has passed since `start`.

        Time that runs out with the end of a span is due at that end, not at the next opening. Raises
        `NoWorkingTimeLeft` when the calendar does not hold that much within 30 years.
        """
        if working < timedelta(0):
            raise ValueError("working time cannot be negative")
        begin = _microseconds(start)
        if not working:
            return _instant(begin)
        last_year = min(start.year + SEARCH_YEARS, LAST_YEAR)
        ahead = 1
        while True:
            table = self._table_over(start.year, min(start.year + ahead, last_year))
            goal = table.total_until(begin) + working // _MICROSECOND
            index = bisect_left(table.total_after, goal)
            if index < len(table.opens):
                return _instant(table.closes[index] - (table.total_after[index] - goal))
            if start.year + ahead >= last_year:
                raise NoWorkingTimeLeft(calendar=self.opening_hours, after=start.astimezone(self.zone).date())
            ahead *= 2

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants; none when `end` is not after `start`."""
        begin, finish = _microseconds(start), _microseconds(end)
        if finish <= begin:
            return timedelta(0)
        table = self._table_over(start.year, end.year)
        return timedelta(microseconds=table.total_until(finish) - table.total_until(begin))

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The open stretches between two instants, clipped to them, in order; those that touch are one."""
        begin, finish = _microseconds(start), _microseconds(end)
        if finish <= begin:
            return
        table = self._table_over(start.year, end.year)
        for index in range(bisect_right(table.closes, begin), len(table.opens)):
            if table.opens[index] >= finish:
                return
            yield Span(
                _instant(max(begin, table.opens[index])),
                _instant(min(finish, table.closes[index])),
            )

    def next_open(self, at: datetime) -> datetime:
        """The first instant, from `at` on, at which the calendar is open.

        Raises `NoWorkingTimeLeft` when it does not open within 30 years.
        """
        return self.due(at, _MICROSECOND) - _MICROSECOND

    def days(self, start: datetime, end: datetime) -> Iterator[LocalDay]:
        """Every local date that the stretch between two instants touches, whole and in order."""
        if _microseconds(end) <= _microseconds(start):
            return
        day = start.astimezone(self.zone).date()
        begins = self.midnight(day)
        while begins < end:
            ends = self.midnight(day + _DAY)
            yield LocalDay(day, begins, ends, tuple(self.spans(begins, ends)), day in self.holidays)
            day, begins = day + _DAY, ends

    def midnight(self, day: date) -> datetime:
        """The instant, in UTC, at which a local date begins."""
        return _instant(_wall_to_microseconds(datetime.combine(day, time()), self.zone))

    def _ever_opens(self) -> bool:
        return any(
            True
            for opens, closes in self._wall_spans(FIRST_YEAR, LAST_YEAR)
            for _ in _without_holidays(opens, closes, self._sorted_holidays)
        )

    def _wall_spans(self, first_year: int, last_year: int) -> Iterator[tuple[datetime, datetime]]:
        """Open stretches on the wall clock, holidays not yet taken out."""
        begin, end = datetime(first_year, 1, 1), datetime(last_year + 1, 1, 1)  # noqa: DTZ001 - the wall clock has no zone
        for opens, closes, state, _ in self._hours.intervals(begin, end):
            if state == State.OPEN:
                yield opens, closes

    def _spans_of_year(self, year: int) -> list[tuple[int, int]]:
        spans = []
        for opens, closes in self._wall_spans(year, year):
            for wall_begin, wall_end in _without_holidays(opens, closes, self._sorted_holidays):
                begin = _wall_to_microseconds(wall_begin, self.zone)
                end = _wall_to_microseconds(wall_end, self.zone)
                if begin < end:
                    spans.append((begin, end))
        return spans

    def _table_over(self, first_year: int, last_year: int) -> _Table:
        """The table over these years of UTC, and a year on either side for the zone's offset."""
        first_year, last_year = max(first_year - 1, FIRST_YEAR), min(last_year + 1, LAST_YEAR)
        table = self._table
        if table is not None and table.first_year <= first_year and last_year <= table.last_year:
            return table
        with self._lock:
            if self._table is not None:
                first_year = min(first_year, self._table.first_year)
                last_year = max(last_year, self._table.last_year)
            self._table = table = self._build_table(first_year, last_year)
        return table

    def _build_table(self, first_year: int, last_year: int) -> _Table:
        opens: list[int] = []
        closes: list[int] = []
        for year in range(first_year, last_year + 1):
            if year not in self._years:
                self._years[year] = self._spans_of_year(year)
            for begin, end in self._years[year]:
                if closes and begin <= closes[-1]:
                    closes[-1] = end
                else:
                    opens.append(begin)
                    closes.append(end)
        lengths = (end - begin for begin, end in zip(opens, closes, strict=True))
        return _Table(first_year, last_year, opens, closes, list(accumulate(lengths)))


@lru_cache(maxsize=4096)
def working_time(opening_hours: str, holidays: frozenset[date] | tuple[date, ...], zone: str) -> WorkingTime:
    """The `WorkingTime` of a calendar, shared between all that count on the same one."""
    return WorkingTime(opening_hours, holidays, zone)


def _microseconds(instant: datetime) -> int:
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise ValueError(
            f"{instant.year} is outside the years {FIRST_YEAR + 1} to {LAST_YEAR - 1} of calendars"
        )
    return (instant - _EPOCH) // _MICROSECOND


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _wall_to_microseconds(wall: datetime, zone: ZoneInfo) -> int:
    """The instant at which a wall clock of `zone` first shows `wall`, or jumps over it."""
    aware = wall.replace(tzinfo=zone)
    before, after = aware.utcoffset(), aware.replace(fold=1).utcoffset()
    if before is None or after is None:
        raise ValueError(f"{zone} has no offset at {wall}")
    unzoned = aware.replace(tzinfo=UTC)
    instant = unzoned - before
    if after > before:
        instant = _change_between(unzoned - after, instant, zone)
    return (instant - _EPOCH) // _MICROSECOND


def _change_between(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the zone's offset changes, known to lie after `early` and not after `late`."""
    old = early.astimezone(zone).utcoffset()
    seconds = (late - early) // timedelta(seconds=1)
    return early + timedelta(
        seconds=bisect_left(
            range(seconds + 1),
            True,
            key=lambda second: (early + timedelta(seconds=second)).astimezone(zone).utcoffset() != old,
        )
    )


def _without_holidays(
    opens: datetime, closes: datetime, holidays: list[date]
) -> Iterator[tuple[datetime, datetime]]:
    """What of a stretch on the wall clock is left when holidays, sorted, are taken out of it."""
    for index in range(bisect_left(holidays, opens.date()), len(holidays)):
        midnight = datetime.combine(holidays[index], time())
        if midnight >= closes:
            break
        if opens < midnight:
            yield opens, midnight
        opens = max(opens, midnight + _DAY)
    if opens < closes:
        yield opens, closes
