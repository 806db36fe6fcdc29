"""Every deadline explains itself, step by step, in figures and in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.calendars.working_time import working_time
from hub.sla.deadlines import ClockState, Pause, due_at, pause, resume, spent
from hub.sla.explanation import Explanation, explain
from hub.sla.levels import Choice, ClockKind, ServiceLevel, Source
from hub.sla.steps import LONGEST_RUN, StepKind
from tenants.languages import Text
from tests.hub.sla.reference import MINUTE, Window, minutes_in_a_window, windows

CAIRO = ZoneInfo("Africa/Cairo")
HOUR = timedelta(hours=1)
CHRISTMAS = date(2026, 1, 7)
LUNCH = working_time("Su-Th 09:00-13:00,14:00-17:00", (CHRISTMAS,), "Africa/Cairo")


def cairo(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=CAIRO).astimezone(UTC)


def kinds(explanation: Explanation) -> list[StepKind]:
    return [step.kind for step in explanation.steps]


def english(explanation: Explanation, kind: StepKind) -> list[str]:
    return [step.text.en for step in explanation.steps if step.kind is kind]


HELD = resume(
    pause(ClockState(cairo("01-02T22:00"), 21 * HOUR), cairo("01-04T13:30"), "citizen"),
    cairo("01-06T09:30"),
)


def test_the_steps_run_from_the_target_to_the_deadline_in_order() -> None:
    explanation = explain(LUNCH, HELD, cairo("01-06T10:00"))
    assert kinds(explanation) == [
        StepKind.TARGET,
        StepKind.START,
        StepKind.CLOSED_DAY,
        StepKind.CLOSED_DAY,
        StepKind.WORKING_DAY,
        StepKind.PAUSE,
        StepKind.WORKING_DAY,
        StepKind.HOLIDAY,
        StepKind.WORKING_DAY,
        StepKind.CLOSED_DAY,
        StepKind.CLOSED_DAY,
        StepKind.WORKING_DAY,
        StepKind.DEADLINE,
        StepKind.STANDING,
    ]
    assert explanation.due_at == explanation.steps[-2].at == cairo("01-11T12:30")
    assert (explanation.spent, explanation.remaining) == (4 * HOUR + HOUR / 2, 16 * HOUR + HOUR / 2)
    assert not explanation.late


def test_each_working_day_shows_its_hours_what_was_counted_and_the_running_total() -> None:
    days = [
        step for step in explain(LUNCH, HELD, cairo("01-06T10:00")).steps if step.kind is StepKind.WORKING_DAY
    ]
    assert [(step.counted / HOUR, step.total / HOUR) for step in days] == [
        (4, 4),
        (6.5, 10.5),
        (7, 17.5),
        (3.5, 21),
    ]
    assert [(span.opens, span.closes) for span in days[1].spans] == [
        (cairo("01-06T09:30"), cairo("01-06T13:00")),
        (cairo("01-06T14:00"), cairo("01-06T17:00")),
    ]
    assert days[1].text == Text(
        ar="الثلاثاء ٦ يناير ٢٠٢٦: وقت عمل من ٩:٣٠ ص إلى ١:٠٠ م، من ٢:٠٠ م إلى ٥:٠٠ م؛ "
        "المدة المحتسبة: ٦ ساعات و٣٠ دقيقة، والإجمالي: ١٠ ساعات و٣٠ دقيقة.",
        en="Tuesday 6 January 2026: working hours 09:30–13:00, 14:00–17:00; "
        "6 hours 30 minutes counted, 10 hours 30 minutes in all.",
    )


def test_a_pause_shows_what_it_took_away() -> None:
    (paused,) = [
        step for step in explain(LUNCH, HELD, cairo("01-06T10:00")).steps if step.kind is StepKind.PAUSE
    ]
    # From Sunday 13:30 to Tuesday 09:30: three hours, a day of seven, half an hour.
    assert paused.taken == 10 * HOUR + HOUR / 2
    assert "waiting for the citizen" in paused.text.en
    assert "١٠ ساعات و٣٠ دقيقة" in paused.text.ar


def test_a_pause_outside_working_hours_says_that_it_changes_nothing() -> None:
    state = ClockState(cairo("01-06T10:00"), 10 * HOUR)
    held = resume(pause(state, cairo("01-07T09:00"), "external"), cairo("01-07T17:00"))
    explanation = explain(LUNCH, held, cairo("01-08T10:00"))
    assert "which changes nothing" in english(explanation, StepKind.PAUSE)[0]
    assert explanation.due_at == due_at(LUNCH, state)


def test_a_reason_of_the_bodys_own_is_told_as_it_was_given() -> None:
    state = pause(ClockState(cairo("01-04T09:00"), HOUR), cairo("01-04T09:30"), "waiting for the pump")
    assert "(waiting for the pump)" in english(explain(LUNCH, state, cairo("01-04T10:00")), StepKind.PAUSE)[0]


def test_a_paused_clock_explains_that_there_is_no_deadline_yet() -> None:
    state = pause(ClockState(cairo("01-04T09:00"), 21 * HOUR), cairo("01-04T12:00"), "citizen")
    explanation = explain(LUNCH, state, cairo("01-05T10:00"))
    assert kinds(explanation)[2:] == [
        StepKind.WORKING_DAY,
        StepKind.PAUSE,
        StepKind.NO_DEADLINE,
        StepKind.STANDING,
    ]
    assert explanation.due_at is None
    assert explanation.steps[3].taken == 5 * HOUR


def test_a_clock_paused_at_once_or_at_midnight_is_explained_too() -> None:
    at_once = pause(ClockState(cairo("01-04T09:00"), HOUR), cairo("01-04T09:00"), "citizen")
    assert StepKind.PAUSE in kinds(explain(LUNCH, at_once, cairo("01-05T10:00")))
    at_midnight = pause(ClockState(cairo("01-04T16:30"), HOUR), cairo("01-05T00:00"), "citizen")
    assert kinds(explain(LUNCH, at_midnight, cairo("01-05T10:00"))).count(StepKind.PAUSE) == 1


def test_closed_days_inside_a_pause_are_told_by_the_pause_alone() -> None:
    state = ClockState(cairo("01-08T09:00"), 8 * HOUR)
    held = resume(pause(state, cairo("01-08T12:00"), "citizen"), cairo("01-11T10:00"))
    assert kinds(explain(LUNCH, held, cairo("01-11T11:00")))[2:-1] == [
        StepKind.WORKING_DAY,
        StepKind.PAUSE,
        StepKind.WORKING_DAY,
        StepKind.DEADLINE,
    ]


def test_a_pause_from_midnight_on_is_told_on_its_own_day() -> None:
    state = ClockState(cairo("01-04T16:00"), 4 * HOUR)
    held = resume(pause(state, cairo("01-05T00:00"), "citizen"), cairo("01-05T10:00"))
    explanation = explain(LUNCH, held, cairo("01-05T11:00"))
    assert kinds(explanation)[2:-1] == [
        StepKind.WORKING_DAY,
        StepKind.WORKING_DAY,
        StepKind.PAUSE,
        StepKind.DEADLINE,
    ]


def test_a_pause_after_the_clock_was_met_has_no_part_in_its_deadline() -> None:
    later = (Pause(cairo("01-04T11:00"), cairo("01-04T12:00"), "citizen"),)
    met = ClockState(cairo("01-04T09:00"), 4 * HOUR, later, met_at=cairo("01-04T10:00"))
    explanation = explain(LUNCH, met, cairo("01-05T10:00"))
    assert StepKind.PAUSE not in kinds(explanation)
    assert explanation.due_at == cairo("01-04T13:00")
    assert sum((step.counted for step in explanation.steps), start=timedelta(0)) == 4 * HOUR


def test_a_holiday_is_told_by_name_where_the_name_is_known() -> None:
    name = Text(ar="عيد الميلاد المجيد", en="Coptic Christmas")
    named = explain(LUNCH, HELD, cairo("01-06T10:00"), holiday_names={CHRISTMAS: name})
    (step,) = [step for step in named.steps if step.kind is StepKind.HOLIDAY]
    assert (
        step.text.en == "Wednesday 7 January 2026: a public holiday (Coptic Christmas); nothing is counted."
    )
    assert "عيد الميلاد المجيد" in step.text.ar
    assert "a public holiday;" in english(explain(LUNCH, HELD, cairo("01-06T10:00")), StepKind.HOLIDAY)[0]


def test_the_target_says_where_it_came_from_and_in_which_version() -> None:
    level = ServiceLevel(
        id=uuid4(),
        version=3,
        tenant_id=uuid4(),
        service_id=None,
        priority=None,
        first_response=None,
        resolution=21 * HOUR,
        calendar_id=uuid4(),
    )
    choice = Choice(ClockKind.RESOLUTION, 21 * HOUR, level, Source.TENANT)
    target = explain(LUNCH, HELD, cairo("01-06T10:00"), choice=choice).steps[0].text
    assert target == Text(
        ar="المدة المستهدفة من وقت العمل: ٢١ ساعة. هذا هو الهدف العام للجهة. (النسخة ٣ من مستوى الخدمة)",
        en="The target is 21 hours of working time. This is the body's general target, for all its services. "
        "(Version 3 of the service level.)",
    )


def test_a_start_outside_hours_says_when_working_hours_begin() -> None:
    start = explain(LUNCH, HELD, cairo("01-06T10:00")).steps[1].text.en
    assert "Friday 2 January 2026 at 22:00" in start
    assert "next begin on Sunday 4 January 2026 at 09:00" in start
    within = explain(LUNCH, ClockState(cairo("01-04T10:00"), HOUR), cairo("01-04T10:00")).steps[1].text.en
    assert within == "The clock started on Sunday 4 January 2026 at 10:00, in the time of Africa/Cairo."


def test_a_long_stretch_of_like_weeks_is_told_as_one_row() -> None:
    state = ClockState(cairo("01-05T09:30"), 210 * HOUR)
    explanation = explain(LUNCH, state, cairo("01-05T09:30"))
    (run,) = [step for step in explanation.steps if step.kind is StepKind.LIKE_DAYS]
    assert (run.first_day, run.last_day) == (date(2026, 1, 8), date(2026, 2, 16))
    assert (run.counted, run.total) == (196 * HOUR, 209 * HOUR + HOUR / 2)
    assert "working days 28, other days 12" in run.text.en
    assert "أيام العمل ٢٨" in run.text.ar
    assert len(explanation.steps) < 12


def test_a_holiday_and_a_change_of_hours_end_a_row_of_like_days() -> None:
    calendar = working_time(
        "Su-Th 09:00-17:00; 2026 Mar 01-2026 Mar 19 Su-Th 10:00-14:00", (date(2026, 1, 25),), "Africa/Cairo"
    )
    explanation = explain(calendar, ClockState(cairo("01-04T09:00"), 500 * HOUR), cairo("01-04T09:00"))
    runs = [(step.first_day, step.last_day) for step in explanation.steps if step.kind is StepKind.LIKE_DAYS]
    assert runs[0] == (date(2026, 1, 4), date(2026, 1, 24))
    assert runs[1] == (date(2026, 1, 26), date(2026, 2, 28))
    assert runs[2] == (date(2026, 3, 1), date(2026, 3, 21))


def test_fourteen_like_days_are_still_told_one_by_one() -> None:
    state = ClockState(cairo("02-01T09:00"), 10 * 7 * HOUR)
    assert LONGEST_RUN == 14
    # The deadline is at closing on the twelfth day, a Thursday.
    explanation = explain(LUNCH, state, cairo("02-01T09:00"))
    assert StepKind.LIKE_DAYS not in kinds(explanation)
    assert kinds(explanation).count(StepKind.WORKING_DAY) == 10


def test_a_night_shift_is_told_day_by_day_up_to_24_hours() -> None:
    nights = working_time("Mo-Su 22:00-06:00", (), "Africa/Cairo")
    explanation = explain(nights, ClockState(cairo("01-04T23:00"), 4 * HOUR), cairo("01-04T23:00"))
    assert english(explanation, StepKind.WORKING_DAY) == [
        "Sunday 4 January 2026: working hours 23:00–24:00; 1 hour counted, 1 hour in all.",
        "Monday 5 January 2026: working hours 00:00–03:00; 3 hours counted, 4 hours in all.",
    ]


@pytest.mark.parametrize(
    ("state", "at", "says"),
    [
        (ClockState(cairo("01-04T09:00"), HOUR, met_at=cairo("01-04T09:30")), "01-05T09:00", "Met in time"),
        (ClockState(cairo("01-04T09:00"), HOUR, met_at=cairo("01-04T11:00")), "01-05T09:00", "Met late"),
        (
            ClockState(cairo("01-04T09:00"), HOUR, stopped_at=cairo("01-04T09:30")),
            "01-05T09:00",
            "Stopped on",
        ),
        (
            ClockState(cairo("01-04T09:00"), HOUR, stopped_at=cairo("01-04T11:00")),
            "01-05T09:00",
            "Stopped past",
        ),
        (ClockState(cairo("01-04T09:00"), HOUR), "01-04T09:20", "40 minutes of working time left"),
        (ClockState(cairo("01-04T09:00"), HOUR), "01-04T12:00", "by 2 hours of working time"),
        (ClockState(cairo("01-04T09:00"), HOUR, met_at=cairo("01-04T11:00")), "01-04T09:20", "40 minutes"),
    ],
)
def test_the_last_step_says_how_the_clock_stands(state: ClockState, at: str, says: str) -> None:
    last = explain(LUNCH, state, cairo(at)).steps[-1]
    assert last.kind is StepKind.STANDING
    assert says in last.text.en
    assert not any(letter.isascii() and letter.isalpha() for letter in last.text.ar)


@settings(max_examples=150, deadline=None)
@given(
    windows(),
    st.lists(minutes_in_a_window(), min_size=1, max_size=6).map(sorted),
    st.integers(1, 60 * 60),
)
def test_the_counted_times_add_up_to_the_target_or_to_what_is_spent(
    window: Window, moments: list[int], working: int
) -> None:
    calendar = working_time(window.week.text, window.holidays, window.zone)
    state = ClockState(window.instant(moments[0]), working * MINUTE)
    for number, moment in enumerate(moments[1:]):
        instant = window.instant(moment)
        state = pause(state, instant, "citizen") if number % 2 == 0 else resume(state, instant)
    at = window.instant(moments[-1])
    explanation = explain(calendar, state, at)
    counted = sum((step.counted for step in explanation.steps), start=timedelta(0))
    due = due_at(calendar, state)
    assert explanation.due_at == due
    assert counted == (state.target if due is not None else spent(calendar, state, at))
    days = [step for step in explanation.steps if step.first_day is not None]
    assert all(
        earlier.last_day < later.first_day
        for earlier, later in pairwise(days)
        if earlier.last_day is not None and later.first_day is not None
    )
    told = [step for step in explanation.steps if step.kind is StepKind.PAUSE]
    assert len(told) == len([each for each in state.pauses if due is None or each.since < due])
    assert all(step.text.ar.strip() and step.text.en.strip() for step in explanation.steps)
