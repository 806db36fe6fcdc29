"""Counting working time, against a minute-by-minute reference and by example."""

from __future__ import annotations

import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.calendars.errors import NoWorkingTimeLeft
from hub.calendars.working_time import Span, WorkingTime, working_time
from tests.hub.sla.reference import MINUTE, Window, minutes_in_a_window, windows

CAIRO = ZoneInfo("Africa/Cairo")
OFFICE = working_time("Su-Th 09:00-17:00", (), "Africa/Cairo")
LUNCH = working_time("Su-Th 09:00-13:00,14:00-17:00", (), "Africa/Cairo")
HOUR = timedelta(hours=1)


def calendar_of(window: Window) -> WorkingTime:
    return working_time(window.week.text, window.holidays, window.zone)


def cairo(day: str, hour: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=CAIRO).astimezone(UTC)


@settings(max_examples=250, deadline=None)
@given(windows(), minutes_in_a_window(), minutes_in_a_window())
def test_elapsed_time_is_what_counting_every_minute_gives(window: Window, one: int, other: int) -> None:
    start, end = sorted((one, other))
    counted = calendar_of(window).elapsed(window.instant(start), window.instant(end))
    assert counted == window.elapsed(start, end)


@settings(max_examples=250, deadline=None)
@given(windows(), minutes_in_a_window(), st.integers(1, 40 * 60))
def test_a_deadline_is_where_counting_every_minute_ends(window: Window, start: int, working: int) -> None:
    expected = window.due(start, working)
    due = calendar_of(window).due(window.instant(start), working * MINUTE)
    if expected is None:
        assert due > window.instant(len(window.open_minutes()))
    else:
        assert due == expected


@settings(max_examples=100, deadline=None)
@given(windows(), minutes_in_a_window(), minutes_in_a_window())
def test_spans_are_the_open_minutes_and_never_touch(window: Window, one: int, other: int) -> None:
    start, end = sorted((one, other))
    spans = list(calendar_of(window).spans(window.instant(start), window.instant(end)))
    marked = bytearray(end - start)
    for span in spans:
        begin = (span.opens - window.instant(start)) // MINUTE
        finish = (span.closes - window.instant(start)) // MINUTE
        marked[begin:finish] = b"\x01" * (finish - begin)
    assert bytes(marked) == window.open_minutes()[start:end]
    assert all(earlier.closes < later.opens for earlier, later in pairwise(spans))


@settings(max_examples=100, deadline=None)
@given(windows(), minutes_in_a_window())
def test_the_next_opening_is_the_first_open_minute(window: Window, at: int) -> None:
    minutes = window.open_minutes()
    expected = next((minute for minute in range(at, len(minutes)) if minutes[minute]), None)
    if expected is not None:
        assert calendar_of(window).next_open(window.instant(at)) == window.instant(expected)


@settings(max_examples=200, deadline=None)
@given(
    windows(),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(microseconds=1), timedelta(hours=300)),
    st.timedeltas(timedelta(0), timedelta(hours=300)),
)
def test_to_the_microsecond_a_deadline_holds_exactly_its_working_time(
    window: Window, start: datetime, first: timedelta, second: timedelta
) -> None:
    calendar = calendar_of(window)
    due = calendar.due(start, first)
    assert calendar.elapsed(start, due) == first
    assert calendar.elapsed(start, due - timedelta(microseconds=1)) == first - timedelta(microseconds=1)
    assert calendar.due(due, second) == (calendar.due(start, first + second) if second else due)


def test_time_that_runs_out_at_closing_is_due_at_closing() -> None:
    assert OFFICE.due(cairo("2026-01-04", "09:00"), 8 * HOUR) == cairo("2026-01-04", "17:00")


def test_an_hour_begun_before_the_weekend_ends_after_it() -> None:
    assert OFFICE.due(cairo("2026-01-08", "16:30"), HOUR) == cairo("2026-01-11", "09:30")


def test_nobody_works_through_lunch() -> None:
    assert LUNCH.due(cairo("2026-01-04", "12:30"), HOUR) == cairo("2026-01-04", "14:30")
    assert LUNCH.elapsed(cairo("2026-01-04", "13:00"), cairo("2026-01-04", "14:00")) == timedelta(0)


def test_no_working_time_is_due_at_once_even_when_closed() -> None:
    friday = cairo("2026-01-09", "12:00")
    assert OFFICE.due(friday, timedelta(0)) == friday


def test_nothing_has_elapsed_when_the_end_is_before_the_start() -> None:
    assert OFFICE.elapsed(cairo("2026-01-05", "12:00"), cairo("2026-01-04", "12:00")) == timedelta(0)


def test_a_round_the_clock_day_has_23_or_25_hours_when_cairo_changes_its_clock() -> None:
    always = working_time("24/7", (), "Africa/Cairo")
    spring = always.elapsed(always.midnight(date(2026, 4, 24)), always.midnight(date(2026, 4, 25)))
    # The clock goes back at the end of the 29th, so that day has 23:00 to 24:00 twice.
    autumn = always.elapsed(always.midnight(date(2026, 10, 29)), always.midnight(date(2026, 10, 30)))
    assert (spring, autumn) == (23 * HOUR, 25 * HOUR)


def test_a_night_shift_over_the_change_of_the_clock_is_an_hour_longer_or_shorter() -> None:
    nights = working_time("Mo-Su 22:00-06:00", (), "Europe/Berlin")
    noon = timedelta(hours=12)
    lengths = {
        day: nights.elapsed(nights.midnight(day) + noon, nights.midnight(day) + noon + timedelta(days=1))
        for day in (date(2026, 3, 28), date(2026, 6, 1), date(2026, 10, 24))
    }
    assert list(lengths.values()) == [7 * HOUR, 8 * HOUR, 9 * HOUR]


def test_what_opens_in_a_skipped_hour_opens_at_the_change() -> None:
    # In New York the clock went from 02:00 to 03:00 on 8 March 2026, which is 07:00 UTC.
    calendar = working_time("Su 02:30-04:00", (), "America/New_York")
    assert list(calendar.spans(datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))) == [
        Span(datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC))
    ]


def test_what_closes_in_a_repeated_hour_closes_the_first_time() -> None:
    # In Berlin the hour from 02:00 came twice on 25 October 2026, first from 00:00 UTC.
    calendar = working_time("Su 01:00-02:30", (), "Europe/Berlin")
    assert list(calendar.spans(datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))) == [
        Span(datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    ]


@pytest.mark.parametrize("hours", ["Su-Th 09:00-17:00", "Mo-Su 22:00-06:00", "24/7"])
def test_a_holiday_closes_what_off_closes_in_the_syntax(hours: str) -> None:
    listed = WorkingTime(hours, [date(2026, 1, 6), date(2026, 1, 7)], "Africa/Cairo")
    written = WorkingTime(f"{hours}; 2026 Jan 06-2026 Jan 07 off", (), "Africa/Cairo")
    stretch = cairo("2026-01-01", "00:00"), cairo("2026-02-01", "00:00")
    assert list(listed.spans(*stretch)) == list(written.spans(*stretch))


def test_the_days_of_a_stretch_are_told_with_their_holidays() -> None:
    calendar = WorkingTime("Su-Th 09:00-17:00", [date(2026, 1, 7)], "Africa/Cairo")
    days = list(calendar.days(cairo("2026-01-06", "12:00"), cairo("2026-01-10", "00:00")))
    assert [(day.date.day, len(day.spans), day.holiday) for day in days] == [
        (6, 1, False),
        (7, 0, True),
        (8, 1, False),
        (9, 0, False),
    ]


def test_the_turn_of_the_year_is_the_zones_and_not_utcs() -> None:
    calendar = WorkingTime("24/7", (), "Asia/Riyadh")
    new_years_eve = datetime(2026, 12, 31, 20, tzinfo=UTC)
    assert calendar.elapsed(new_years_eve, new_years_eve + 3 * HOUR) == 3 * HOUR


def test_a_stretch_over_new_year_is_one_span() -> None:
    always = working_time("24/7", (), "Africa/Cairo")
    stretch = Span(datetime(2026, 12, 1, tzinfo=UTC), datetime(2028, 1, 31, tzinfo=UTC))
    assert list(always.spans(stretch.opens, stretch.closes)) == [stretch]


def test_a_calendar_that_has_ended_says_that_no_working_time_is_left() -> None:
    calendar = WorkingTime("2020-2026 Su-Th 09:00-17:00", (), "Africa/Cairo")
    assert calendar.due(cairo("2026-12-31", "16:00"), HOUR) == cairo("2026-12-31", "17:00")
    with pytest.raises(NoWorkingTimeLeft, match="2026-12-31"):
        calendar.due(cairo("2026-12-31", "16:00"), HOUR + timedelta(seconds=1))
    with pytest.raises(NoWorkingTimeLeft):
        calendar.next_open(cairo("2027-03-01", "16:00"))


def test_more_than_thirty_years_ahead_is_not_looked_for() -> None:
    calendar = WorkingTime("Jan 01 09:00-10:00", (), "UTC")
    with pytest.raises(NoWorkingTimeLeft):
        calendar.due(datetime(2026, 6, 1, tzinfo=UTC), timedelta(hours=100))


def test_an_instant_without_a_zone_is_an_error() -> None:
    naive = datetime(2026, 1, 4, 9)  # noqa: DTZ001 - the point of the test
    aware = cairo("2026-01-04", "09:00")
    for ask in (
        lambda: OFFICE.due(naive, HOUR),
        lambda: OFFICE.elapsed(naive, aware),
        lambda: OFFICE.elapsed(aware, naive),
        lambda: list(OFFICE.spans(naive, aware)),
        lambda: OFFICE.next_open(naive),
    ):
        with pytest.raises(ValueError, match="time zone"):
            ask()


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    in_cairo = datetime(2026, 1, 4, 9, tzinfo=CAIRO)
    assert OFFICE.due(in_cairo, HOUR) == OFFICE.due(in_cairo.astimezone(UTC), HOUR)
    assert OFFICE.due(in_cairo, HOUR).tzinfo is UTC


def test_an_instant_outside_the_calendars_years_is_an_error() -> None:
    with pytest.raises(ValueError, match="1850"):
        OFFICE.next_open(datetime(1850, 1, 1, tzinfo=UTC))


def test_negative_working_time_is_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        OFFICE.due(cairo("2026-01-04", "09:00"), -HOUR)


def test_equal_calendars_are_worked_out_once() -> None:
    holidays = frozenset({date(2026, 1, 7)})
    assert working_time("24/7", holidays, "UTC") is working_time("24/7", frozenset(holidays), "UTC")


def test_a_deadline_thirty_working_days_away_takes_far_less_than_a_millisecond() -> None:
    start = cairo("2026-01-04", "10:00")
    LUNCH.due(start, 210 * HOUR)
    began = time.perf_counter()
    for _ in range(1000):
        LUNCH.due(start, 210 * HOUR)
    assert time.perf_counter() - began < 0.5


def test_threads_that_ask_about_different_years_agree() -> None:
    calendar = WorkingTime("Su-Th 09:00-17:00", (), "Africa/Cairo")
    answers: dict[int, timedelta] = {}

    def ask(year: int) -> None:
        answers[year] = calendar.elapsed(
            datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        )

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=ask, args=(year,)) for year in range(1990, 2040)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    fresh = WorkingTime("Su-Th 09:00-17:00", (), "Africa/Cairo")
    assert answers == {
        year: fresh.elapsed(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
        for year in range(1990, 2040)
    }
