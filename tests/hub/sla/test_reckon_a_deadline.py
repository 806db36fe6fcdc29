"""A clock's deadline, what is spent and left of it, pauses included."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.calendars.errors import NoWorkingTimeLeft
from hub.calendars.working_time import working_time
from hub.sla.deadlines import (
    ClockState,
    Pause,
    due_at,
    is_late,
    pause,
    remaining,
    resume,
    running_spans,
    spent,
)
from tests.hub.sla.reference import MINUTE, Window, minutes_in_a_window, windows

CAIRO = ZoneInfo("Africa/Cairo")
HOUR = timedelta(hours=1)
LUNCH = working_time("Su-Th 09:00-13:00,14:00-17:00", (date(2026, 1, 7),), "Africa/Cairo")


def cairo(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-{moment}").replace(tzinfo=CAIRO).astimezone(UTC)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Window, list[int], int]:
    """A window, a start with the minutes of pausing and resuming after it, and a target in minutes."""
    window = draw(windows())
    moments = sorted(draw(st.lists(minutes_in_a_window(), min_size=1, max_size=6)))
    return window, moments, draw(st.integers(1, 30 * 60))


def clock_of(window: Window, moments: list[int], working: int) -> ClockState:
    state = ClockState(window.instant(moments[0]), working * MINUTE)
    for number, moment in enumerate(moments[1:]):
        if number % 2 == 0:
            state = pause(state, window.instant(moment), "citizen")
        else:
            state = resume(state, window.instant(moment))
    return state


def paused_minutes(window: Window, moments: list[int]) -> frozenset[int]:
    ends = [*moments[2::2], len(window.open_minutes())]
    return frozenset(
        minute for since, until in zip(moments[1::2], ends, strict=False) for minute in range(since, until)
    )


@settings(max_examples=250, deadline=None)
@given(histories(), minutes_in_a_window())
def test_what_is_spent_is_every_open_minute_in_which_the_clock_ran(
    history: tuple[Window, list[int], int], at: int
) -> None:
    window, moments, working = history
    calendar = working_time(window.week.text, window.holidays, window.zone)
    paused = paused_minutes(window, moments)
    minutes = window.open_minutes()
    expected = sum(minutes[minute] for minute in range(moments[0], at) if minute not in paused) * MINUTE
    state = clock_of(window, moments, working)
    assert spent(calendar, state, window.instant(at)) == expected
    assert remaining(calendar, state, window.instant(at)) == state.target - expected


@settings(max_examples=250, deadline=None)
@given(histories())
def test_a_deadline_is_the_end_of_the_minute_that_completes_the_target(
    history: tuple[Window, list[int], int],
) -> None:
    window, moments, working = history
    calendar = working_time(window.week.text, window.holidays, window.zone)
    state = clock_of(window, moments, working)
    expected = window.due(moments[0], working, paused_minutes(window, moments))
    due = due_at(calendar, state)
    if expected is not None:
        assert due == expected
    elif state.open_pause is not None:
        assert due is None
    else:
        assert due is not None
        assert due > window.instant(len(window.open_minutes()))


@settings(max_examples=100, deadline=None)
@given(histories(), minutes_in_a_window())
def test_a_clock_that_has_ended_spends_no_more(history: tuple[Window, list[int], int], end: int) -> None:
    window, moments, working = history
    calendar = working_time(window.week.text, window.holidays, window.zone)
    running = clock_of(window, moments, working)
    met_at = window.instant(max(end, moments[0]))
    met = ClockState(running.started_at, running.target, running.pauses, met_at=met_at)
    assert spent(calendar, met, met_at + timedelta(days=3)) == spent(calendar, running, met_at)


def test_a_paused_clock_does_not_tick() -> None:
    state = pause(ClockState(cairo("04T10:00"), 10 * HOUR), cairo("04T11:00"), "citizen")
    assert {spent(LUNCH, state, cairo(at)) for at in ("04T11:00", "04T16:00", "11T12:00")} == {HOUR}
    assert due_at(LUNCH, state) is None


def test_a_hold_on_a_holiday_adds_nothing() -> None:
    state = ClockState(cairo("06T10:00"), 10 * HOUR)
    held = resume(pause(state, cairo("07T09:00"), "citizen"), cairo("07T17:00"))
    assert due_at(LUNCH, held) == due_at(LUNCH, state) == cairo("08T13:00")


def test_a_hold_over_a_weekend_adds_only_its_working_hours() -> None:
    state = ClockState(cairo("08T16:00"), 2 * HOUR)
    held = resume(pause(state, cairo("08T16:30"), "citizen"), cairo("11T09:30"))
    assert due_at(LUNCH, state) == cairo("11T10:00")
    assert due_at(LUNCH, held) == cairo("11T11:00")


def test_a_pause_that_begins_and_ends_in_the_middle_of_lunch_adds_nothing() -> None:
    state = ClockState(cairo("04T12:00"), 3 * HOUR)
    held = resume(pause(state, cairo("04T13:10"), "citizen"), cairo("04T13:50"))
    assert due_at(LUNCH, held) == due_at(LUNCH, state) == cairo("04T16:00")


def test_a_pause_from_the_middle_of_lunch_takes_only_the_work_after_it() -> None:
    state = ClockState(cairo("04T12:00"), 3 * HOUR)
    held = resume(pause(state, cairo("04T13:30"), "citizen"), cairo("04T15:00"))
    assert due_at(LUNCH, held) == cairo("04T17:00")


def test_a_clock_started_outside_hours_counts_from_the_next_opening() -> None:
    friday_night = ClockState(cairo("02T22:00"), 2 * HOUR)
    assert due_at(LUNCH, friday_night) == cairo("04T11:00")
    assert spent(LUNCH, friday_night, cairo("03T23:00")) == timedelta(0)


def test_a_first_response_met_before_the_pause_stays_met_and_in_time() -> None:
    answered = ClockState(cairo("04T09:00"), 4 * HOUR, met_at=cairo("04T10:00"))
    with pytest.raises(ValueError, match="has ended"):
        pause(answered, cairo("04T11:00"), "citizen")
    # A history from elsewhere may hold such a pause all the same.
    held_later = ClockState(
        answered.started_at, answered.target, (Pause(cairo("04T11:00"), None, "citizen"),), answered.met_at
    )
    for state in (answered, held_later):
        assert due_at(LUNCH, state) == cairo("04T13:00")
        assert spent(LUNCH, state, cairo("08T12:00")) == HOUR
        assert not is_late(LUNCH, state, cairo("08T12:00"))


def test_a_clock_met_while_it_was_paused_is_in_time() -> None:
    held = pause(ClockState(cairo("04T09:00"), 4 * HOUR), cairo("04T11:00"), "citizen")
    met = ClockState(held.started_at, held.target, held.pauses, met_at=cairo("08T12:00"))
    assert spent(LUNCH, met, cairo("20T12:00")) == 2 * HOUR
    assert not is_late(LUNCH, met, cairo("20T12:00"))


def test_a_hold_after_the_deadline_does_not_undo_the_breach() -> None:
    state = pause(ClockState(cairo("04T09:00"), 2 * HOUR), cairo("04T11:30"), "citizen")
    assert due_at(LUNCH, state) == cairo("04T11:00")
    assert is_late(LUNCH, state, cairo("04T11:30"))


def test_a_hold_that_begins_at_the_deadline_leaves_it_where_it_was() -> None:
    state = pause(ClockState(cairo("04T09:00"), 2 * HOUR), cairo("04T11:00"), "citizen")
    assert due_at(LUNCH, state) == cairo("04T11:00")


def test_to_be_met_at_the_deadline_is_in_time_and_after_it_is_late() -> None:
    at_closing = ClockState(cairo("04T16:00"), HOUR, met_at=cairo("04T17:00"))
    in_the_evening = ClockState(cairo("04T16:00"), HOUR, met_at=cairo("04T17:01"))
    assert not is_late(LUNCH, at_closing, cairo("05T12:00"))
    assert is_late(LUNCH, in_the_evening, cairo("05T12:00"))
    assert not is_late(LUNCH, in_the_evening, cairo("04T17:00"))


def test_what_is_left_turns_negative_past_the_target() -> None:
    state = ClockState(cairo("04T09:00"), 2 * HOUR)
    assert remaining(LUNCH, state, cairo("04T10:30")) == HOUR / 2
    assert remaining(LUNCH, state, cairo("04T15:00")) == -3 * HOUR


def test_the_earlier_of_met_and_stopped_ends_the_clock() -> None:
    state = ClockState(cairo("04T09:00"), 2 * HOUR, met_at=cairo("04T10:00"), stopped_at=cairo("05T10:00"))
    assert state.ended_at == cairo("04T10:00")
    assert spent(LUNCH, state, cairo("06T10:00")) == HOUR


def test_a_pause_of_no_length_leaves_one_stretch_after_another() -> None:
    state = ClockState(cairo("04T09:00"), 2 * HOUR)
    held = resume(pause(state, cairo("04T10:00"), "citizen"), cairo("04T10:00"))
    spans = running_spans(held, cairo("04T12:00"))
    assert [(span.opens, span.closes) for span in spans] == [
        (cairo("04T09:00"), cairo("04T10:00")),
        (cairo("04T10:00"), cairo("04T12:00")),
    ]


def test_a_calendar_without_enough_time_gives_a_named_error() -> None:
    closing_down = working_time("2026 Jan 04-2026 Jan 08 09:00-17:00", (), "Africa/Cairo")
    with pytest.raises(NoWorkingTimeLeft):
        due_at(closing_down, ClockState(cairo("07T09:00"), 17 * HOUR))


def test_a_clock_cannot_be_paused_twice() -> None:
    held = pause(ClockState(cairo("04T09:00"), HOUR), cairo("04T10:00"), "citizen")
    with pytest.raises(ValueError, match="paused already"):
        pause(held, cairo("04T11:00"), "external")


def test_a_clock_that_runs_cannot_be_resumed() -> None:
    with pytest.raises(ValueError, match="not paused"):
        resume(ClockState(cairo("04T09:00"), HOUR), cairo("04T10:00"))


def test_a_clock_does_not_go_back_in_time() -> None:
    state = ClockState(cairo("04T09:00"), HOUR)
    held = pause(state, cairo("04T10:00"), "citizen")
    running = resume(held, cairo("04T12:00"))
    attempts: tuple[Callable[[], ClockState], ...] = (
        lambda: pause(state, cairo("04T08:59"), "citizen"),
        lambda: resume(held, cairo("04T09:59")),
        lambda: pause(running, cairo("04T11:59"), "citizen"),
        lambda: ClockState(cairo("04T09:00"), HOUR, met_at=cairo("04T08:00")),
        lambda: ClockState(cairo("04T09:00"), HOUR, stopped_at=cairo("04T08:00")),
    )
    for attempt in attempts:
        with pytest.raises(ValueError, match="back in time"):
            attempt()


def test_a_history_that_cannot_be_is_an_error() -> None:
    open_pause = Pause(cairo("04T10:00"), None, "citizen")
    with pytest.raises(ValueError, match="only the last pause"):
        ClockState(cairo("04T09:00"), HOUR, (open_pause, Pause(cairo("04T11:00"), None, "citizen")))
    with pytest.raises(ValueError, match="more than nothing"):
        ClockState(cairo("04T09:00"), timedelta(0))
    with pytest.raises(ValueError, match="time zone"):
        ClockState(datetime(2026, 1, 4, 9), HOUR)  # noqa: DTZ001 - the point of the test
