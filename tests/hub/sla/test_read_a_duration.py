"""Durations as packs write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.sla.errors import BrokenServiceLevel
from hub.sla.levels import LONGEST_TARGET, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90m", 90),
        ("4h", 240),
        ("2h30m", 150),
        (" 4h ", 240),
        ("٤h", 240),
        ("٢h٣٠m", 150),
        ("۹۰m", 90),
        ("4000h", 240_000),
    ],
)
def test_hours_and_minutes_are_read(text: str, minutes: int) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["3d", "2 days", "1w", "1d4h", "٣ أيام", "يوم 1 d", "3 أسابيع"])
def test_days_are_refused_because_a_working_day_has_no_fixed_length(text: str) -> None:
    with pytest.raises(BrokenServiceLevel, match="no fixed length") as caught:
        parse_duration(text, field="service_levels[0].resolution")
    assert caught.value.field == "service_levels[0].resolution"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "hours and minutes"),
        ("h", "hours and minutes"),
        ("90", "hours and minutes"),
        ("-4h", "hours and minutes"),
        ("4h 30m", "hours and minutes"),
        ("1.5h", "hours and minutes"),
        ("30m2h", "hours and minutes"),
        ("4H", "hours and minutes"),
        ("²h", "hours and minutes"),
        ("9" * 400 + "h", "hours and minutes"),
        ("2h60m", "up to 59"),
        ("0m", "more than zero"),
        ("0h0m", "more than zero"),
        ("4000h1m", "4000 working hours"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(BrokenServiceLevel, match=says):
        parse_duration(text)


@given(st.integers(1, LONGEST_TARGET // timedelta(minutes=1)))
def test_what_is_written_is_read_back(minutes: int) -> None:
    duration = timedelta(minutes=minutes)
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize("duration", [timedelta(0), timedelta(minutes=-5), timedelta(seconds=90)])
def test_only_whole_positive_minutes_can_be_written(duration: timedelta) -> None:
    with pytest.raises(ValueError, match="whole, positive"):
        format_duration(duration)
