"""Refusing a broken calendar when it is saved, with the place and the reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.calendars.errors import BrokenCalendar
from hub.calendars.working_time import WorkingTime
from tenants.languages import Language


def refusal_of(hours: str, *, holidays: tuple[date, ...] = (), zone: str = "Africa/Cairo") -> BrokenCalendar:
    with pytest.raises(BrokenCalendar) as caught:
        WorkingTime(hours, holidays, zone)
    return caught.value


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ("", "the end of the opening hours"),
        ("Mo-Fr 9-17", "character 7 (“9-17”)"),
        ("Su-Th 09:00-17:00;", "cannot be understood"),
        ("كل يوم", "character 1"),
        ("2030-2026 Mo 09:00-10:00", "cannot be understood"),
        ("Su-Th 09:00-17:00; PH off", "character 20 (“PH off”): holidays by name"),
        ("Mo,SH 09:00-17:00", "holidays by name"),
        ("24/7; easter off", "holidays by name"),
        ('Su-Th 09:00-17:00 "by appointment"', "comments"),
        ("Su-Th 09:00-17:00 unknown", "“unknown”"),
        ("Su-Th sunrise-17:00", "times of the sun"),
        ("Su-Th 09:00+", "without an end"),
        ("Su-Th 09:00-17:00+", "without an end"),
        ("Su-Th 09:00-17:00/02:00", "repeated times"),
        ("Su-Th 09:00-17:00; Apr 31 off", "character 20 (“Apr 31 off”): there is no such date"),
        ("Su-Th 09:00-17:00; 2026 Feb 29 off", "no such date"),
        ("Su-Th 09:00-17:00; Jun 20-31 off", "no such date"),
        ("24/7 off", "never opens"),
        ("2300 Mo 09:00-10:00", "never opens"),
        ("Su-Th 09:00-17:00" + "; Fr 10:00-11:00" * 100, "longer than 1000"),
    ],
)
def test_what_a_clock_cannot_count_by_is_refused_with_its_place(hours: str, says: str) -> None:
    refusal = refusal_of(hours)
    assert says in refusal.sentence(Language.ENGLISH)
    assert refusal.field == "opening_hours"
    assert "التقويم" in refusal.sentence(Language.ARABIC) or "تقويم" in refusal.sentence(Language.ARABIC)


@pytest.mark.parametrize(
    "hours",
    [
        "24/7",
        "Su-Th 09:00-13:00,14:00-17:00",
        "  Su-Th   09:00-17:00\n",
        "Mo-Su 22:00-06:00",
        "Su-Th 09:00-17:00; Feb 29 off",
        "Su-Th 09:00-17:00; 2026-2030 Feb 29 off",
        "Su-Th 09:00-17:00; 2028 Feb 29 off",
        "Su-Th 09:00-17:00; 2026 Mar 01-2026 Mar 29 09:00-14:00",
        "Jan 09:00-10:00",
        "Mo[1] 09:00-12:00",
        "week 1-53/2 Su-Th 09:00-12:00",
        "Su-Th 09:00-17:00 || Sa 10:00-12:00",
    ],
)
def test_ordinary_calendars_are_accepted(hours: str) -> None:
    assert WorkingTime(hours, (), "Africa/Cairo")


@pytest.mark.parametrize(
    "zone", ["", "Cairo", "africa/cairo", "../etc/passwd", "/etc/localtime", "localtime", "Europe"]
)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    refusal = refusal_of("24/7", zone=zone)
    assert refusal.field == "zone"
    assert "zone" in str(refusal)


def test_a_calendar_whose_only_days_are_holidays_never_opens() -> None:
    assert "never opens" in str(refusal_of("2026 Jan 05 09:00-17:00", holidays=(date(2026, 1, 5),)))


def test_a_holiday_that_is_not_a_date_is_refused_with_its_number() -> None:
    not_dates = (date(2026, 1, 7), cast(date, "2026-01-25"))
    refusal = refusal_of("24/7", holidays=not_dates)
    assert (refusal.field, "holiday number 2" in str(refusal)) == ("holidays[1]", True)
    with_hour = (cast(date, datetime(2026, 1, 7, 9)),)  # noqa: DTZ001 - a wall-clock hour where a date belongs
    assert refusal_of("24/7", holidays=with_hour).field == "holidays[0]"


def test_too_many_holidays_are_refused() -> None:
    many = tuple(date.fromordinal(700_000 + number) for number in range(5001))
    assert refusal_of("24/7", holidays=many).field == "holidays"


DAYS = st.sampled_from(
    [
        "Mo",
        "Su-Th",
        "Mo,Fr",
        "Mo[1]",
        "Jan",
        "Feb 28",
        "Jun 31",
        "2026",
        "2026-2030",
        "week 1-53/2",
        "PH",
        "\u202e",
    ]
)
HOURS = st.sampled_from(
    ["09:00-17:00", "22:00-06:00", "24/7", "off", "09:00+", "closed", "٠٩:٠٠-١٧:٠٠", '"note"', "\x00", "31"]
)
RULES = st.tuples(st.lists(DAYS, max_size=2), HOURS).map(lambda rule: " ".join([*rule[0], rule[1]]))


@settings(max_examples=300, deadline=None)
@given(st.lists(RULES, max_size=4), st.sampled_from(["; ", ", ", " || ", " "]))
def test_any_text_is_either_a_calendar_that_opens_or_refused(rules: list[str], between: str) -> None:
    text = between.join(rules)
    try:
        calendar = WorkingTime(text, (), "Africa/Cairo")
    except BrokenCalendar:
        with pytest.raises(BrokenCalendar, match="the fault is in"):
            WorkingTime(text, (), "Africa/Cairo")
    else:
        stretch = datetime(2024, 1, 1, tzinfo=UTC), datetime(2052, 1, 1, tzinfo=UTC)
        assert next(calendar.spans(*stretch)).length > timedelta(0)
