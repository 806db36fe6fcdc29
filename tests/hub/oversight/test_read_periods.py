from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.oversight.errors import EmptyPeriod, ImpossibleMoment, UnknownZone
from hub.oversight.periods import read_moment, read_period, read_zone

CAIRO = ZoneInfo("Africa/Cairo")
ZULU = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2016-01-13", datetime(2016, 1, 12, 22, tzinfo=UTC)),
        ("2016-01-13T00:00", datetime(2016, 1, 12, 22, tzinfo=UTC)),
        (" 2016-01-13 08:30:15 ", datetime(2016, 1, 13, 6, 30, 15, tzinfo=UTC)),
        ("2016-01-13T08:30Z", datetime(2016, 1, 13, 8, 30, tzinfo=UTC)),
        ("2016-01-13T08:30+05:30", datetime(2016, 1, 13, 3, tzinfo=UTC)),
        ("٢٠١٦-٠١-١٣", datetime(2016, 1, 12, 22, tzinfo=UTC)),
    ],
)
def test_a_moment_is_local_unless_it_has_an_offset(given: str, moment: datetime) -> None:
    assert read_moment("from", given, CAIRO) == moment


@pytest.mark.parametrize(
    "given",
    ["", "yesterday", "2016-02-30", "2016-13-01", "13/01/2016", "20160113", "2016-W02-3", "2016-01-13T24:30",
     "2016-01-13T08", "2016-01-13T08:30+25:00", "9999-12-31T23:59-05:00", "2016-01-13; --"],
)  # fmt: skip
def test_a_moment_of_no_calendar_is_refused_by_its_option(given: str) -> None:
    with pytest.raises(ImpossibleMoment) as refused:
        read_moment("now", given, ZULU)
    assert refused.value.field == "now"


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001
    st.integers(-23 * 60, 23 * 60),
)
def test_any_moment_with_an_offset_is_itself(local: datetime, minutes: int) -> None:
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_moment("to", moment.isoformat(), CAIRO) == moment


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(given: str) -> None:
    with suppress(ImpossibleMoment):
        assert read_moment("to", given, CAIRO).tzinfo is UTC


def test_a_period_has_to_end_after_it_begins() -> None:
    assert read_period("2016-01-13", "2016-01-14", ZULU).until == datetime(2016, 1, 14, tzinfo=UTC)
    for until in ("2016-01-13", "2016-01-12"):
        with pytest.raises(EmptyPeriod) as refused:
            read_period("2016-01-13", until, ZULU)
        assert refused.value.field == "to"


def test_a_zone_that_is_not_known_is_refused() -> None:
    assert read_zone("Africa/Cairo") == CAIRO
    for name in ("Cairo", "", "../../etc/passwd"):
        with pytest.raises(UnknownZone):
            read_zone(name)
