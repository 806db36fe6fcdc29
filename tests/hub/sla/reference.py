"""A slow, plain reckoning of working time, minute by minute, to hold the fast one against.

It shares nothing with it: weekly hours are a table of minutes, and a walk through UTC minutes looks at the
wall clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

MINUTE = timedelta(minutes=1)
DAYS_IN_A_WINDOW = 21
MINUTES_IN_A_DAY = 24 * 60
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
# Long enough to have seen the first of two equal hours when a window begins in the second.
WARM_UP = timedelta(hours=3)


@dataclass(frozen=True)
class WeeklyHours:
    """Opening hours as the syntax writes them, and as minutes after a weekday's midnight."""

    text: str
    minutes: tuple[tuple[int, int, int], ...]

    def open_on_the_wall(self, wall: datetime) -> bool:
        """Whether the hours contain what the wall clock shows."""
        return bool(_week_table(self)[wall.weekday() * MINUTES_IN_A_DAY + wall.hour * 60 + wall.minute])


@cache
def _week_table(week: WeeklyHours) -> bytearray:
    """Every minute of a week from Monday's midnight on; what reaches past Sunday is on Monday."""
    table = bytearray(7 * MINUTES_IN_A_DAY)
    for weekday, begin, end in week.minutes:
        for minute in range(begin, end):
            table[(weekday * MINUTES_IN_A_DAY + minute) % len(table)] = 1
    return table


def _weekly(text: str, hours: Mapping[int, tuple[tuple[int, int], ...]]) -> WeeklyHours:
    return WeeklyHours(
        text, tuple((weekday, begin, end) for weekday, spans in hours.items() for begin, end in spans)
    )


def _at(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


_SUNDAY_TO_THURSDAY = (SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY)
_MONDAY_TO_FRIDAY = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)

OFFICE = _weekly("Su-Th 09:00-17:00", dict.fromkeys(_SUNDAY_TO_THURSDAY, ((_at(9), _at(17)),)))
OFFICE_WITH_LUNCH = _weekly(
    "Su-Th 09:00-13:00,14:00-17:00",
    dict.fromkeys(_SUNDAY_TO_THURSDAY, ((_at(9), _at(13)), (_at(14), _at(17)))),
)
NIGHTS = _weekly("Mo-Su 22:00-06:00", dict.fromkeys(range(7), ((_at(22), _at(30)),)))
ALWAYS = _weekly("24/7", dict.fromkeys(range(7), ((0, _at(24)),)))
# Opens and closes inside the hours that daylight saving skips and repeats, in every zone below.
ODD_HOURS = _weekly(
    "Mo-Su 00:20-00:40,01:30-02:30,23:15-23:45",
    dict.fromkeys(range(7), ((_at(0, 20), _at(0, 40)), (_at(1, 30), _at(2, 30)), (_at(23, 15), _at(23, 45)))),
)
MARKET = _weekly(
    "Mo-Fr 08:00-12:30; Sa 23:15-26:45",
    {
        **dict.fromkeys(_MONDAY_TO_FRIDAY, ((_at(8), _at(12, 30)),)),
        SATURDAY: ((_at(23, 15), _at(26, 45)),),
    },
)
WEEKS = (OFFICE, OFFICE_WITH_LUNCH, NIGHTS, ALWAYS, ODD_HOURS, MARKET)

# Ten days before each change of the clock in 2026 (Africa/Cairo changes at midnight), or any time at all.
WINDOWS: tuple[tuple[str, date], ...] = (
    ("Africa/Cairo", date(2026, 4, 14)),
    ("Africa/Cairo", date(2026, 10, 19)),
    ("Europe/Berlin", date(2026, 3, 19)),
    ("Europe/Berlin", date(2026, 10, 15)),
    ("America/New_York", date(2026, 2, 26)),
    ("America/New_York", date(2026, 10, 22)),
    ("Asia/Riyadh", date(2025, 12, 20)),
    ("UTC", date(2026, 1, 25)),
)
HOLIDAY_OFFSETS: tuple[tuple[int, ...], ...] = ((), (3, 10), (9, 11, 12))


@dataclass(frozen=True)
class Window:
    """Three weeks of one calendar, each UTC minute known to be open or not."""

    week: WeeklyHours
    zone: str
    first_day: date
    holidays: tuple[date, ...]

    @property
    def begins(self) -> datetime:
        """The instant of its first minute."""
        return datetime.combine(self.first_day, datetime.min.time(), UTC)

    def instant(self, minute: int) -> datetime:
        """The instant so many minutes after the beginning."""
        return self.begins + minute * MINUTE

    def open_minutes(self) -> bytes:
        """A byte per minute: 1 when it is working time."""
        return _open_minutes(self)

    def elapsed(self, start: int, end: int) -> timedelta:
        """Working time between two minutes, counted one by one."""
        return sum(self.open_minutes()[start:end]) * MINUTE

    def due(self, start: int, working: int, paused: frozenset[int] = frozenset()) -> datetime | None:
        """The end of the minute that completes so many working minutes; None if the window is too short."""
        counted = 0
        minutes = self.open_minutes()
        for minute in range(start, len(minutes)):
            if minutes[minute] and minute not in paused:
                counted += 1
                if counted == working:
                    return self.instant(minute + 1)
        return None


@cache
def _open_minutes(window: Window) -> bytes:
    """A wall minute seen for the second time changes nothing: the state the first hour ended with lasts."""
    minutes = bytearray()
    latest_wall = datetime.min  # noqa: DTZ901 - compared with what a wall clock shows
    is_open = False
    for wall in _walls(window.zone, window.begins):
        if wall > latest_wall:
            latest_wall = wall
            is_open = wall.date() not in window.holidays and window.week.open_on_the_wall(wall)
        minutes.append(is_open)
    return bytes(minutes[WARM_UP // MINUTE :])


@cache
def _walls(zone: str, begins: datetime) -> list[datetime]:
    """What a wall clock shows in each minute of a window and of the hours before it."""
    count = DAYS_IN_A_WINDOW * MINUTES_IN_A_DAY + WARM_UP // MINUTE
    instants = (begins - WARM_UP + number * MINUTE for number in range(count))
    return [instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for instant in instants]


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Any calendar in any zone around any change of its clock."""
    zone, first_day = draw(st.sampled_from(WINDOWS))
    offsets = draw(st.sampled_from(HOLIDAY_OFFSETS))
    return Window(
        draw(st.sampled_from(WEEKS)),
        zone,
        first_day,
        tuple(first_day + timedelta(days=offset) for offset in offsets),
    )


def minutes_in_a_window() -> st.SearchStrategy[int]:
    """Any minute of a window, the days about the clock's change as likely as all others together."""
    around_the_change = st.integers(9 * MINUTES_IN_A_DAY, 12 * MINUTES_IN_A_DAY)
    return around_the_change | st.integers(0, DAYS_IN_A_WINDOW * MINUTES_IN_A_DAY - 1)
