"""What stops a clock and what does not: questions, waiting for outside bodies, holidays, and what was owed before."""

from __future__ import annotations

from datetime import timedelta

from tests.factories.clocks import (
    HOUR,
    act,
    cairo,
    case_clock_of,
    clocks_of,
    facts_about,
    resolution_of,
    rungs_of,
    sweep,
)
from tests.factories.tickets import open_leak, ticket_of, work_on
from tests.world import World


def test_a_question_to_the_citizen_stops_the_resolution_and_the_citizens_clock(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(22, 11))
    act(world, "ask", opened, text="أين المحبس؟")

    held, case_clock = resolution_of(world, opened), case_clock_of(world, opened)
    assert held.paused_at == case_clock.paused_at == cairo(22, 11)
    assert held.next_action_at is case_clock.next_action_at is None
    assert held.spent == case_clock.spent == HOUR
    assert held.pauses == [["2026-11-22T09:00:00+00:00", None, "citizen"]]
    assert held.due_at == cairo(23, 10)


def test_the_answer_lets_the_clocks_go_on_by_as_much_working_time_as_was_lost(world: World) -> None:
    opened = open_leak(world)
    case_due = case_clock_of(world, opened).due_at
    world.clock.move_to(cairo(22, 11))
    act(world, "ask", opened, text="أين المحبس؟")
    world.clock.move_to(cairo(23, 13))
    act(world, "answer", opened, text="أمام الباب")

    clock, case_clock = resolution_of(world, opened), case_clock_of(world, opened)
    # Six hours were lost on Sunday and four on Monday: seven of the eight are left from Monday 13:00 on.
    assert clock.due_at == cairo(24, 12)
    assert clock.paused_at is None
    assert clock.next_action_at == cairo(24, 10, 24)
    assert case_clock.due_at == case_due + timedelta(days=1, hours=2)
    assert case_clock.paused_at is None


def test_a_question_is_a_first_response(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(22, 11))
    act(world, "ask", opened, text="أين المحبس؟")

    first = clocks_of(world, opened)["first_response"]
    assert first.met_at == cairo(22, 11)
    assert first.paused_at is first.next_action_at is None


def test_only_the_first_reply_meets_the_first_response(world: World) -> None:
    opened = open_leak(world)
    act(world, "reply", opened, text="وصلنا بلاغك")
    world.clock.move_to(cairo(22, 16))
    act(world, "reply", opened, text="الفريق في الطريق")

    assert clocks_of(world, opened)["first_response"].met_at == cairo(22, 10)
    assert resolution_of(world, opened).met_at is None


def test_waiting_for_an_outside_body_stops_the_tenants_resolution_and_nothing_else(world: World) -> None:
    opened = open_leak(world)
    case_due = case_clock_of(world, opened).due_at
    work_on(world, opened)
    world.clock.move_to(cairo(22, 12))
    act(world, "wait", opened, reason="تصريح الحفر")

    held = clocks_of(world, opened)
    assert held["resolution"].paused_at == cairo(22, 12)
    assert held["resolution"].pauses == [["2026-11-22T10:00:00+00:00", None, "external"]]
    assert held["first_response"].paused_at is None
    assert held["first_response"].due_at == cairo(22, 14)
    assert case_clock_of(world, opened).paused_at is None

    world.clock.move_to(cairo(22, 15))
    act(world, "go_on", opened)
    assert resolution_of(world, opened).due_at == cairo(23, 13)
    assert case_clock_of(world, opened).due_at == case_due


def test_the_first_response_is_missed_while_waiting_for_an_outside_body(world: World) -> None:
    opened = open_leak(world)
    work_on(world, opened)
    act(world, "wait", opened, reason="تصريح الحفر")
    world.clock.move_to(cairo(22, 14))
    sweep(world)

    assert [percent for percent, _ in rungs_of(world, opened, "first_response")] == [80, 100]
    assert clocks_of(world, opened)["first_response"].breached_at == cairo(22, 14)
    assert rungs_of(world, opened) == []


def test_a_hold_on_a_holiday_adds_nothing(world: World) -> None:
    world.clock.move_to(cairo(30, 15))
    opened = open_leak(world)
    work_on(world, opened)
    due = resolution_of(world, opened).due_at
    world.clock.move_to(cairo(1, 8, month=12))
    act(world, "wait", opened, reason="تصريح الحفر")
    world.clock.move_to(cairo(1, 20, month=12))
    act(world, "go_on", opened)

    assert resolution_of(world, opened).due_at == due


def test_clocks_can_rest_again_and_again(world: World) -> None:
    opened = open_leak(world)
    for hour in (11, 13, 15):
        world.clock.move_to(cairo(22, hour))
        act(world, "ask", opened, text="سؤال")
        world.clock.move_to(cairo(22, hour + 1))
        act(world, "answer", opened, text="جواب")

    clock = resolution_of(world, opened)
    assert [(since[11:16], until[11:16]) for since, until, _ in clock.pauses] == [
        ("09:00", "10:00"),
        ("11:00", "12:00"),
        ("13:00", "14:00"),
    ]
    assert clock.due_at == cairo(23, 13)


def test_a_question_by_one_tenant_leaves_the_citizens_clock_to_the_other(world: World) -> None:
    opened = open_leak(world)
    work_on(world, opened)
    other = act(world, "add_tenant", opened, tenant="tax", service="bill", reason="فاتورة أيضًا")
    act(world, "ask", opened, text="سؤال")

    assert resolution_of(world, opened).paused_at == cairo(22, 10)
    assert case_clock_of(world, opened).paused_at is None
    assert clocks_of(world, opened, world.tax, ticket_id=other)["resolution"].paused_at is None

    world.clock.move_to(cairo(22, 11))
    act(world, "ask", opened, world.tax, ticket_id=other, text="سؤال")
    assert case_clock_of(world, opened).paused_at == cairo(22, 11)


def test_what_was_reached_before_the_pause_fires_though_no_sweep_came(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(23, 10, 30))
    act(world, "ask", opened, text="سؤال")

    clock = resolution_of(world, opened)
    assert rungs_of(world, opened) == [(80, cairo(23, 10, 30)), (100, cairo(23, 10, 30))]
    assert clock.rungs_done == [80, 100]
    assert clock.breached_at == clock.due_at == cairo(23, 10)
    sweep(world)
    assert len(rungs_of(world, opened)) == 2


def test_what_was_reached_before_the_end_fires_though_no_sweep_came(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(23, 12))
    act(world, "resolve", opened, resolution="أُصلحت")

    clock = resolution_of(world, opened)
    assert rungs_of(world, opened) == [(80, cairo(23, 12)), (100, cairo(23, 12))]
    assert (clock.breached_at, clock.met_at) == (cairo(23, 10), cairo(23, 12))
    assert [percent for percent, _ in rungs_of(world, opened, "first_response")] == [80, 100, 150]


def test_the_system_is_who_fires_whoever_came_across_the_clock(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(23, 12))
    act(world, "withdraw", opened)

    kinds = {fact.actor_kind for fact in facts_about(world, opened, "clock.rung_reached")}
    assert kinds == {"system"}


def test_to_end_at_the_very_deadline_is_in_time(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(23, 10))
    act(world, "resolve", opened, resolution="أُصلحت")

    assert [percent for percent, _ in rungs_of(world, opened)] == [80]
    assert resolution_of(world, opened).breached_at is None


def test_a_late_clock_that_rests_stays_late(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(23, 11))
    act(world, "ask", opened, text="سؤال")
    world.clock.move_to(cairo(24, 11))
    act(world, "answer", opened, text="جواب")

    clock = resolution_of(world, opened)
    assert clock.due_at == clock.breached_at == cairo(23, 10)
    # The rung at 150 percent is twelve hours of work: nine were done, three are left from Tuesday 11:00 on.
    assert clock.next_action_at == cairo(24, 14)


def test_the_other_tenants_clocks_run_on(world: World) -> None:
    ours, theirs = open_leak(world), open_leak(world, world.tax)
    before = resolution_of(world, theirs, world.tax)
    act(world, "ask", ours, text="سؤال")
    world.clock.move_to(cairo(22, 12))
    act(world, "answer", ours, text="جواب")

    after = resolution_of(world, theirs, world.tax)
    assert (after.due_at, after.pauses) == (before.due_at, [])
    assert ticket_of(world, theirs, world.tax).status == "received"
