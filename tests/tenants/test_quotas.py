"""The rule of the sliding window, and what callers are told of it."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tenants.quotas import MICROSECONDS, Count, Limit, remaining, standings, until_more


@st.composite
def reached(draw: st.DrawFn) -> tuple[Limit, Count]:
    """A limit, and a count that takers can have brought about: never above the quota."""
    limit = Limit("key", draw(st.integers(1, 50)), draw(st.integers(1, 3600)))
    elapsed = draw(st.integers(0, limit.span - 1))
    before = draw(st.integers(0, limit.quota))
    room = limit.quota - Fraction(before * (limit.span - elapsed), limit.span)
    return limit, Count(before, draw(st.integers(0, int(room))), elapsed)


def later(limit: Limit, count: Count, microseconds: int) -> Count:
    """The count after some time in which nobody takes anything."""
    windows, elapsed = divmod(count.elapsed + microseconds, limit.span)
    if windows == 0:
        return Count(count.before, count.taken, elapsed)
    return Count(count.taken if windows == 1 else 0, 0, elapsed)


@given(reached())
def test_what_remains_is_the_quota_less_what_the_last_span_covers(case: tuple[Limit, Count]) -> None:
    limit, count = case
    covered = Fraction(limit.span - count.elapsed, limit.span)
    assert remaining(limit, count) == int(limit.quota - count.before * covered - count.taken)


@given(reached())
def test_more_is_to_be_had_at_the_time_told_and_not_a_microsecond_before(case: tuple[Limit, Count]) -> None:
    limit, count = case
    now = remaining(limit, count)
    wait = until_more(limit, count)
    if now == limit.quota:
        assert wait == 0
        return
    assert remaining(limit, later(limit, count, wait)) > now
    assert remaining(limit, later(limit, count, wait - 1)) <= now


@given(reached())
def test_nobody_waits_longer_than_two_spans(case: tuple[Limit, Count]) -> None:
    limit, count = case
    assert 0 <= until_more(limit, count) <= 2 * limit.span


@given(reached(), st.integers(0, 20_000))
def test_a_quota_made_smaller_meanwhile_breaks_nothing(case: tuple[Limit, Count], taken: int) -> None:
    limit, count = case
    above = Count(count.before, count.taken + taken, count.elapsed)
    assert remaining(limit, above) >= 0
    assert remaining(limit, later(limit, above, until_more(limit, above))) >= remaining(limit, above)


def test_the_headers_are_those_of_the_draft() -> None:
    limits = [Limit("key", 100, 60), Limit("tenant", 1000, 60)]
    done = standings(limits, [Count(0, 40, 30 * MICROSECONDS), Count(0, 1, 0)], [False, False])
    assert not done.refused
    assert done.headers() == {
        "RateLimit-Policy": '"key";q=100;w=60, "tenant";q=1000;w=60',
        "RateLimit": '"key";r=60;t=32, "tenant";r=999;t=120',
    }


def test_who_is_refused_is_told_when_all_that_refuse_will_let_them() -> None:
    limits = [Limit("key", 10, 60), Limit("tenant", 20, 60), Limit("address", 10, 60)]
    counts = [Count(10, 0, 0), Count(0, 5, 0), Count(0, 10, 0)]
    done = standings(limits, counts, [True, False, True])
    assert done.refused
    assert done.retry_after_seconds == 66
    assert done.headers()["Retry-After"] == "66"
    assert done.headers()["RateLimit"] == '"key";r=0;t=6, "tenant";r=15;t=72, "address";r=0;t=66'


def test_without_limits_nothing_is_told() -> None:
    assert standings([], [], []).headers() == {}
