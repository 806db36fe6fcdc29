"""The escalation ladder: when its rungs fire, what is owed, and what a changed promise does to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.calendars.working_time import working_time
from hub.sla.deadlines import ClockState, due_at, moved, next_action, pause, resume, rungs_due, spent
from hub.sla.levels import DEFAULT_LADDER, Rung
from tests.hub.sla.reference import Window, minutes_in_a_window, windows

CAIRO = ZoneInfo("Africa/Cairo")
HOUR = timedelta(hours=1)
OFFICE = working_time("Su-Th 09:00-17:00", (), "Africa/Cairo")


def cairo(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-{moment}").replace(tzinfo=CAIRO).astimezone(UTC)


STARTED = ClockState(cairo("04T09:00"), 10 * HOUR)


def owed(state: ClockState, done: tuple[int, ...], at: datetime) -> list[int]:
    return [rung.at for rung in rungs_due(OFFICE, state, DEFAULT_LADDER, done, at)]


def test_the_rungs_fire_at_their_share_of_the_target_in_working_time() -> None:
    assert [next_action(OFFICE, STARTED, DEFAULT_LADDER, done) for done in ((), (80,), (80, 100))] == [
        cairo("04T17:00"),
        cairo("05T11:00"),
        cairo("05T16:00"),
    ]


def test_nothing_is_next_at_the_end_of_the_ladder() -> None:
    assert next_action(OFFICE, STARTED, DEFAULT_LADDER, (80, 100, 150)) is None


def test_the_rung_at_100_fires_at_the_deadline() -> None:
    assert next_action(OFFICE, STARTED, DEFAULT_LADDER, (80,)) == due_at(OFFICE, STARTED)


def test_a_rung_below_one_that_fired_does_not_fire_any_more() -> None:
    ladder = (Rung(50, "field"), *DEFAULT_LADDER)
    assert next_action(OFFICE, STARTED, ladder, (80,)) == cairo("05T11:00")


def test_a_paused_clock_has_no_next_action() -> None:
    held = pause(STARTED, cairo("04T12:00"), "citizen")
    assert next_action(OFFICE, held, DEFAULT_LADDER, ()) is None
    resumed = resume(held, cairo("05T12:00"))
    assert next_action(OFFICE, resumed, DEFAULT_LADDER, ()) == cairo("05T17:00")


def test_a_clock_that_was_met_or_stopped_has_no_next_action() -> None:
    met = ClockState(STARTED.started_at, STARTED.target, met_at=cairo("04T12:00"))
    stopped = ClockState(STARTED.started_at, STARTED.target, stopped_at=cairo("04T12:00"))
    assert next_action(OFFICE, met, DEFAULT_LADDER, ()) is None
    assert next_action(OFFICE, stopped, DEFAULT_LADDER, ()) is None


def test_no_rung_is_due_early_and_all_that_were_missed_are_owed() -> None:
    assert owed(STARTED, (), cairo("04T16:59")) == []
    assert owed(STARTED, (), cairo("04T17:00")) == [80]
    assert owed(STARTED, (80,), cairo("05T10:59")) == []
    assert owed(STARTED, (), cairo("20T09:00")) == [80, 100, 150]
    assert owed(STARTED, (80, 100), cairo("20T09:00")) == [150]


def test_a_rung_reached_before_a_pause_or_the_end_is_still_owed_after_it() -> None:
    late_sweep = cairo("08T12:00")
    held = pause(STARTED, cairo("05T12:00"), "citizen")
    met = ClockState(STARTED.started_at, STARTED.target, met_at=cairo("05T12:00"))
    met_at_the_deadline = ClockState(STARTED.started_at, STARTED.target, met_at=cairo("05T11:00"))
    assert owed(held, (), late_sweep) == [80, 100]
    assert owed(met, (80,), late_sweep) == [100]
    assert owed(met_at_the_deadline, (80,), late_sweep) == []


def test_a_rung_is_owed_though_the_calendar_holds_too_little_time_for_the_next() -> None:
    closing_down = working_time("2026 Jan 04-2026 Jan 08 09:00-17:00", (), "Africa/Cairo")
    state = ClockState(cairo("04T09:00"), 45 * HOUR)
    assert [rung.at for rung in rungs_due(closing_down, state, DEFAULT_LADDER, (), cairo("20T09:00"))] == [80]


def test_a_longer_target_moves_the_deadline_and_arms_the_breach_again() -> None:
    now = cairo("05T12:00")
    after = moved(OFFICE, STARTED, DEFAULT_LADDER, (80, 100), now, target=20 * HOUR)
    assert after.due_at == cairo("06T13:00")
    assert after.rungs_done == ()
    assert after.next_action_at == cairo("05T17:00")


def test_a_longer_target_keeps_the_rungs_that_are_reached_all_the_same() -> None:
    after = moved(OFFICE, STARTED, DEFAULT_LADDER, (80, 100), cairo("05T12:00"), target=12 * HOUR)
    assert after.rungs_done == (80,)
    assert after.next_action_at == after.due_at == cairo("05T13:00")


def test_a_shorter_target_owes_its_rungs_at_once() -> None:
    now = cairo("04T15:00")
    after = moved(OFFICE, STARTED, DEFAULT_LADDER, (), now, target=4 * HOUR)
    assert after.next_action_at is not None
    assert after.next_action_at < now
    assert owed(after.state, after.rungs_done, now) == [80, 100, 150]


def test_another_calendar_moves_the_deadline_from_the_start_on() -> None:
    always = working_time("24/7", (), "Africa/Cairo")
    after = moved(always, STARTED, DEFAULT_LADDER, (), cairo("04T12:00"))
    assert (after.due_at, after.next_action_at) == (cairo("04T19:00"), cairo("04T17:00"))
    assert after.state == STARTED


def test_a_paused_clock_can_be_moved_and_still_stands() -> None:
    held = pause(STARTED, cairo("04T12:00"), "citizen")
    after = moved(OFFICE, held, DEFAULT_LADDER, (), cairo("05T12:00"), target=20 * HOUR)
    assert (after.due_at, after.next_action_at) == (None, None)
    assert after.state.open_pause == held.open_pause


def test_a_clock_that_has_ended_cannot_be_moved() -> None:
    met = ClockState(STARTED.started_at, STARTED.target, met_at=cairo("04T12:00"))
    with pytest.raises(ValueError, match="has ended"):
        moved(OFFICE, met, DEFAULT_LADDER, (), cairo("05T12:00"), target=HOUR)


@settings(max_examples=200, deadline=None)
@given(
    windows(),
    minutes_in_a_window(),
    st.timedeltas(timedelta(seconds=1), timedelta(hours=60)),
    st.lists(st.integers(1, 1000), min_size=1, max_size=5, unique=True),
)
def test_following_the_next_action_fires_every_rung_once_in_order_and_on_time(
    window: Window, start: int, target: timedelta, percents: list[int]
) -> None:
    calendar = working_time(window.week.text, window.holidays, window.zone)
    state = ClockState(window.instant(start), target)
    ladder = tuple(Rung(percent, "team_lead") for percent in sorted(percents))
    fired: list[int] = []
    while (at := next_action(calendar, state, ladder, fired)) is not None:
        just_before = at - timedelta(microseconds=1)
        assert rungs_due(calendar, state, ladder, fired, just_before) == ()
        (rung,) = rungs_due(calendar, state, ladder, fired, at)
        assert spent(calendar, state, at) == target * rung.at // 100
        fired.append(rung.at)
    assert fired == sorted(percents)
