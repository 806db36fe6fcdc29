"""Taking from quotas: atomically, by a sliding window, for several limits at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import ProgrammingError

from tenants.addresses import read_address
from tenants.clock import VirtualClock
from tenants.context import SYSTEM
from tenants.ids import HUB, new_id
from tenants.languages import Language
from tenants.quotas import MICROSECONDS, Count, Limit, remaining
from tenants.rate_limits import (
    Counted,
    TooManyRequests,
    limits_on,
    per_address,
    per_key,
    per_tenant,
    sweep_counts,
    take,
)
from tenants.settings import RateLimitSettings
from tests.tenants.own_servers import wait_until
from tests.world import SUNDAY_TEN, World

PEPPER = b"0123456789abcdef" * 2
TODAY = date(2026, 11, 22)
MINUTE = timedelta(minutes=1)


def a_key(quota: int, seconds: int = 60) -> Counted:
    return per_key(Limit("key", quota, seconds), new_id())


def count_of(world: World, counted: Counted) -> Count | None:
    """What stands in the table, seen by the hub itself."""
    with world.as_system() as context:
        row = context.session.execute(
            text("SELECT before, taken FROM rate_counts WHERE subject = :s"), {"s": counted.subject}
        ).one_or_none()
    return Count(row.before, row.taken, 0) if row else None


def test_the_quota_is_given_out_and_no_more(world: World) -> None:
    key = a_key(3)
    left = [take(world.database, [key], clock=world.clock) for _ in range(5)]
    assert [each.refused for each in left] == [False, False, False, True, True]
    assert [each.standings[0].remaining for each in left] == [2, 1, 0, 0, 0]
    assert [each.retry_after_seconds for each in left] == [None, None, None, 80, 80]


def test_what_was_told_to_whom_was_refused_holds(world: World) -> None:
    key = a_key(3)
    for _ in range(3):
        take(world.database, [key], clock=world.clock)
    world.clock.advance(timedelta(seconds=17))
    wait = take(world.database, [key], clock=world.clock).retry_after_seconds
    assert wait == 63
    world.clock.advance(timedelta(seconds=wait - 1))
    assert take(world.database, [key], clock=world.clock).refused
    world.clock.advance(timedelta(seconds=1))
    assert not take(world.database, [key], clock=world.clock).refused


def test_all_limits_are_taken_from_or_none(world: World) -> None:
    key, tenant = a_key(10), per_tenant(Limit("tenant", 3, 60), world.water.id)
    for _ in range(3):
        assert not take(world.database, [key, tenant], clock=world.clock).refused
    for _ in range(5):
        done = take(world.database, [key, tenant], clock=world.clock)
        assert [each.refused for each in done.standings] == [False, True]
    # Whoever is refused by one limit uses up nothing of the others.
    assert count_of(world, key) == Count(0, 3, 0)
    assert count_of(world, tenant) == Count(0, 3, 0)


def test_who_is_refused_for_themselves_starves_nobody_else(world: World) -> None:
    tenant = per_tenant(Limit("tenant", 10, 60), world.water.id)
    greedy, modest = a_key(2), a_key(2)
    for _ in range(50):
        take(world.database, [greedy, tenant], clock=world.clock)
    assert not take(world.database, [modest, tenant], clock=world.clock).refused


def test_standings_come_in_the_order_asked_for(world: World) -> None:
    asked = [per_key(Limit(f"limit {number}", number + 1, 60), new_id()) for number in range(12)]
    assert [each.subject for each in asked] != sorted(each.subject for each in asked)
    done = take(world.database, asked, clock=world.clock)
    assert [each.limit for each in done.standings] == [each.limit for each in asked]
    assert [each.remaining for each in done.standings] == [each.limit.quota - 1 for each in asked]


def test_tenants_keys_and_addresses_are_counted_apart(world: World) -> None:
    one = Limit("key", 1, 60)
    taken = [
        per_key(one, world.water.id),
        per_key(one, world.tax.id),
        per_tenant(Limit("tenant", 1, 60), world.water.id),
        per_key(Limit("key", 1, 3600), world.water.id),
        per_address(one, ip_address("192.0.2.7"), pepper=PEPPER, day=TODAY),
        per_address(one, ip_address("192.0.2.8"), pepper=PEPPER, day=TODAY),
    ]
    for each in taken:
        assert not take(world.database, [each], clock=world.clock).refused
        assert take(world.database, [each], clock=world.clock).refused


def test_nothing_asked_for_is_nothing_taken(world: World) -> None:
    assert not take(world.database, [], clock=world.clock).refused


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    quota=st.integers(1, 6),
    seconds=st.integers(1, 20),
    steps=st.lists(st.integers(0, 25 * MICROSECONDS), min_size=1, max_size=30),
)
def test_the_window_slides_as_the_rule_says(
    world: World, quota: int, seconds: int, steps: Sequence[int]
) -> None:
    key = a_key(quota, seconds)
    clock = VirtualClock(SUNDAY_TEN)
    span = key.limit.span
    windows: dict[int, int] = {}
    let_through: list[int] = []
    for step in steps:
        clock.advance(timedelta(microseconds=step))
        now = (clock.moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        number, elapsed = divmod(now, span)
        expected = Count(windows.get(number - 1, 0), windows.get(number, 0), elapsed)
        done = take(world.database, [key], clock=clock)
        assert done.refused == (remaining(key.limit, expected) == 0)
        if not done.refused:
            windows[number] = windows.get(number, 0) + 1
            let_through.append(now)
        after = Count(windows.get(number - 1, 0), windows.get(number, 0), elapsed)
        assert done.standings[0].remaining == remaining(key.limit, after)
    for first, begun in enumerate(let_through):
        for last, ended in enumerate(let_through[first:], 1):
            assert last <= quota * (1 + (ended - begun) / span)


def test_the_turn_of_a_window_does_not_give_the_quota_twice(world: World) -> None:
    key = a_key(10)
    world.clock.move_to(SUNDAY_TEN + MINUTE - timedelta(milliseconds=1))
    assert sum(not take(world.database, [key], clock=world.clock).refused for _ in range(15)) == 10
    world.clock.advance(timedelta(milliseconds=2))
    assert sum(not take(world.database, [key], clock=world.clock).refused for _ in range(15)) == 0


def test_a_clock_that_is_set_back_gives_nothing_away(world: World) -> None:
    key = a_key(5)
    later = VirtualClock(SUNDAY_TEN + timedelta(hours=1))
    for _ in range(5):
        take(world.database, [key], clock=later)
    for back in (timedelta(seconds=1), timedelta(minutes=10), timedelta(hours=1)):
        assert take(world.database, [key], clock=VirtualClock(later.moment - back)).refused


def test_two_hundred_takers_at_once_get_the_limit_and_no_more(own_world: World) -> None:
    key = a_key(50, 3600)
    with ThreadPoolExecutor(10) as pool:
        refusals = list(pool.map(lambda _: take(own_world.database, [key]).refused, range(200)))
    assert refusals.count(False) == 50
    count = count_of(own_world, key)
    assert count is not None
    assert count.taken == 50


def test_takers_of_shared_limits_at_once_never_wait_in_a_circle(own_world: World) -> None:
    shared = [a_key(100_000, 3600) for _ in range(6)]
    wanted = [list(asked) for asked in permutations(shared, 3)] * 3

    def one(asked: list[Counted]) -> bool:
        return take(own_world.database, asked).refused

    def sweep(_: int) -> int:
        with own_world.database.unit_of_work(
            actor=SYSTEM, tenants=(HUB,), clock=VirtualClock(SUNDAY_TEN + timedelta(days=9999))
        ) as context:
            return sweep_counts(context, limit=10)

    # Sweeping all counts away meanwhile makes the takers make them anew, again and again.
    with ThreadPoolExecutor(8) as pool, ThreadPoolExecutor(1) as sweeper:
        swept = sweeper.map(sweep, range(100))
        assert not any(pool.map(one, wanted))
        assert sum(swept) > 0


def test_who_waits_for_one_count_holds_none_that_comes_after_it(own_world: World) -> None:
    early, late = sorted((a_key(5), a_key(5)), key=lambda each: each.subject)
    take(own_world.database, [early, late])
    held = text("SELECT 1 FROM rate_counts WHERE subject = :s FOR UPDATE NOWAIT")
    waiting = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    )
    with ThreadPoolExecutor(1) as pool:
        with own_world.as_system() as context:
            context.session.execute(held, {"s": early.subject})
            taken = pool.submit(take, own_world.database, [late, early])
            wait_until(lambda: context.session.scalar(waiting) == 1, 10)
            with own_world.as_system() as other:
                assert other.session.scalar(held, {"s": late.subject}) == 1
        assert [each.remaining for each in taken.result(10).standings] == [3, 3]


def test_of_many_limits_under_race_none_is_overdrawn(own_world: World) -> None:
    tenant = per_tenant(Limit("tenant", 60, 3600), own_world.water.id)
    keys = [a_key(25, 3600) for _ in range(4)]
    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda n: take(own_world.database, [keys[n % 4], tenant]).refused, range(200)))
    assert done.count(False) == 60
    assert sum(count.taken for key in keys if (count := count_of(own_world, key))) == 60


def test_taking_is_one_round_trip_whatever_the_number_of_limits(own_world: World) -> None:
    engine = own_world.database.bind
    assert isinstance(engine, Engine)
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
    take(own_world.database, [a_key(5), a_key(5), a_key(5)])
    assert len(sent) == 1


def test_what_was_taken_stays_taken_whatever_becomes_of_the_request(own_world: World) -> None:
    key = a_key(5)

    def failing_request() -> None:
        with own_world.as_staff(own_world.water):
            take(own_world.database, [key])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing_request()
    count = count_of(own_world, key)
    assert count is not None
    assert count.taken == 1


def test_counts_are_kept_as_long_as_they_matter_and_then_swept(world: World) -> None:
    key, other = a_key(5), a_key(5, 3600)
    take(world.database, [key, other], clock=world.clock)
    world.clock.advance(timedelta(seconds=119))
    with world.as_system() as context:
        assert sweep_counts(context, limit=100) == 0
    world.clock.advance(timedelta(seconds=1))
    with world.as_system() as context:
        assert sweep_counts(context, limit=100) == 1
    assert count_of(world, key) is None
    assert count_of(world, other) == Count(0, 1, 0)


def test_a_sweep_takes_as_many_as_it_is_told(world: World) -> None:
    for _ in range(5):
        take(world.database, [a_key(5)], clock=world.clock)
    world.clock.advance(timedelta(hours=1))
    for expected in (2, 2, 1, 0):
        with world.as_system() as context:
            assert sweep_counts(context, limit=2) == expected


def test_no_tenant_sees_changes_or_removes_counts(own_world: World) -> None:
    key = a_key(5)
    take(own_world.database, [key])
    with own_world.as_staff(own_world.water, "manager") as context:
        session = context.session
        assert session.scalar(text("SELECT count(*) FROM rate_counts")) == 0
        assert session.execute(text("UPDATE rate_counts SET taken = 0")).rowcount == 0  # type: ignore[attr-defined]
        later = replace(context, now=context.now + timedelta(days=9999))
        assert sweep_counts(later, limit=10) == 0
        with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
            session.execute(text("INSERT INTO rate_counts VALUES ('\\x00', 0, 0, 0, now())"))
    assert count_of(own_world, key) is not None


def test_the_database_shows_the_counts_asked_for_and_hides_them_again(own_world: World) -> None:
    key, other = a_key(5), a_key(5)
    take(own_world.database, [key, other])
    assert isinstance(own_world.database.bind, Engine)
    with own_world.database.bind.connect() as connection:
        connection.execute(
            text("SELECT * FROM take_counts(ARRAY[:s]::bytea[], ARRAY[5], ARRAY[60000000], NULL)"),
            {"s": key.subject},
        )
        assert connection.scalar(text("SELECT count(*) FROM rate_counts")) == 0


def test_counting_never_waits_for_a_disk(world: World) -> None:
    with world.as_system() as context:
        kept = context.session.scalar(
            text("SELECT relpersistence = 'p' FROM pg_class WHERE oid = 'rate_counts'::regclass")
        )
    assert kept is False


def test_one_caller_is_one_caller_however_their_address_is_written() -> None:
    def subject(address: str, day: date = TODAY, pepper: bytes = PEPPER) -> bytes:
        read = read_address(address)
        assert read is not None
        return per_address(Limit("address", 5, 60), read, pepper=pepper, day=day).subject

    assert subject("192.0.2.7") == subject("::ffff:192.0.2.7")
    assert subject("2001:db8::1") == subject("2001:db8::ffff:2")
    assert subject("2001:db8::1") != subject("2001:db8:0:1::1")
    # Tomorrow, and to whoever does not have the pepper, it is somebody else.
    assert subject("192.0.2.7") != subject("192.0.2.7", day=TODAY + timedelta(days=1))
    assert subject("192.0.2.7") != subject("192.0.2.7", pepper=PEPPER[::-1])


def test_no_address_reaches_the_database(world: World) -> None:
    take(
        world.database,
        [per_address(Limit("address", 5, 60), ip_address("192.0.2.7"), pepper=PEPPER, day=TODAY)],
        clock=world.clock,
    )
    with world.as_system() as context:
        rows = context.session.scalars(text("SELECT t::text FROM rate_counts t")).all()
    shown = " ".join(rows)
    assert rows
    assert "192.0.2" not in shown
    assert b"192.0.2".hex() not in shown
    assert ip_address("192.0.2.7").packed.hex() not in shown


def test_the_limits_on_a_request_are_those_of_the_settings(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SECONDS": 10, "KEY_QUOTA": 1, "TENANT_QUOTA": 2, "ADDRESS_QUOTA": 3}.items():
        monkeypatch.setenv(f"HUB_RATE_{name}", str(value))
    told = RateLimitSettings.model_validate({})
    key_id, address = new_id(), ip_address("192.0.2.7")
    counted = limits_on(told, key_id=key_id, tenant_id=world.water.id, address=address)
    assert [each.limit for each in counted] == [
        Limit("key", 1, 10),
        Limit("tenant", 2, 10),
        Limit("address", 3, 10),
    ]
    assert len({each.subject for each in counted}) == 3
    assert [each.limit.name for each in limits_on(told, address=address)] == ["address"]
    assert limits_on(told) == []
    assert counted[0] == limits_on(told, key_id=key_id)[0]


def test_the_refusal_says_when_to_come_again() -> None:
    refusal = TooManyRequests(seconds=17)
    assert "17" in refusal.sentence(Language.ENGLISH)
    assert "17" in refusal.sentence(Language.ARABIC)
