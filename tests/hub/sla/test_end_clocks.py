"""How clocks end and go on again: met, halted by a transfer or a withdrawal, rerun by a reopening or a release."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hub.sla.models import CaseClock, TicketClock
from hub.tickets.actions import Opened
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
    sweep_at,
)
from tests.factories.tickets import open_bill, open_leak
from tests.world import Agency, World


def transfer(world: World, opened: Opened) -> UUID:
    """Hand a leak of the water company on to the tax authority; gives the new ticket."""
    ticket: UUID = act(world, "transfer", opened, tenant="tax", service="bill", reason="ليست لنا")
    return ticket


def test_a_resolution_meets_whatever_still_ran(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(22, 12))
    act(world, "resolve", opened, resolution="أُصلحت")

    clocks = clocks_of(world, opened)
    assert {clock.met_at for clock in clocks.values()} == {cairo(22, 12)}
    assert {clock.next_action_at for clock in clocks.values()} == {None}
    assert clocks["resolution"].spent == 2 * HOUR


def test_a_resolution_during_a_pause_ends_the_pause(world: World) -> None:
    opened = open_leak(world)
    act(world, "ask", opened, text="سؤال")
    world.clock.move_to(cairo(22, 12))
    act(world, "resolve", opened, resolution="أُصلحت")

    clock = resolution_of(world, opened)
    assert (clock.paused_at, clock.met_at) == (None, cairo(22, 12))
    assert clock.spent == 0 * HOUR


def test_the_citizens_clock_is_met_when_government_was_done_not_when_the_citizen_said_so(
    world: World,
) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(22, 12))
    act(world, "resolve", opened, resolution="أُصلحت")
    assert case_clock_of(world, opened).paused_at == cairo(22, 12)

    world.clock.move_to(cairo(29, 12))
    act(world, "confirm", opened)
    clock = case_clock_of(world, opened)
    assert (clock.met_at, clock.paused_at, clock.pauses) == (cairo(22, 12), None, [])
    assert clock.spent == 2 * HOUR


def test_a_transfer_stops_the_old_clocks_starts_new_ones_and_leaves_the_citizens_alone(world: World) -> None:
    opened = open_leak(world)
    before = case_clock_of(world, opened)
    world.clock.move_to(cairo(22, 12))
    handed_on = transfer(world, opened)

    old, new = clocks_of(world, opened), clocks_of(world, opened, world.tax, ticket_id=handed_on)
    assert {clock.stopped_at for clock in old.values()} == {cairo(22, 12)}
    assert {(clock.met_at, clock.next_action_at) for clock in old.values()} == {(None, None)}
    assert {clock.started_at for clock in new.values()} == {cairo(22, 12)}
    # The new body takes over how urgent it is, and counts by its own levels.
    assert new["resolution"].due_at == cairo(25, 12)
    assert case_clock_of(world, opened, world.tax).due_at == before.due_at
    assert case_clock_of(world, opened, world.tax).started_at == before.started_at


def test_a_transfer_of_a_resting_case_sets_the_citizens_clock_going(world: World) -> None:
    opened = open_leak(world)
    act(world, "ask", opened, text="سؤال")
    world.clock.move_to(cairo(22, 12))
    transfer(world, opened)

    clock = case_clock_of(world, opened, world.tax)
    assert clock.paused_at is None
    assert len(clock.pauses) == 1


def test_there_and_back_again_keeps_one_citizens_clock(world: World) -> None:
    opened = open_leak(world)
    due = case_clock_of(world, opened).due_at
    there = transfer(world, opened)
    world.clock.move_to(cairo(22, 13))
    back = act(
        world,
        "transfer",
        opened,
        world.tax,
        ticket_id=there,
        tenant="water",
        service="leak",
        reason="بل لكم",
    )

    assert clocks_of(world, opened, ticket_id=back)["resolution"].started_at == cairo(22, 13)
    assert case_clock_of(world, opened).due_at == due
    with world.as_system(world.water, world.tax) as context:
        assert context.session.query(CaseClock).filter(CaseClock.case_id == opened.case_id).count() == 1


def test_the_citizens_clock_ends_with_the_last_ticket_of_the_case(world: World) -> None:
    opened = open_leak(world)
    other = act(world, "add_tenant", opened, tenant="tax", service="bill", reason="فاتورة أيضًا")
    act(world, "resolve", opened, resolution="أُصلحت")
    act(world, "confirm", opened)
    assert case_clock_of(world, opened).met_at is None

    world.clock.move_to(cairo(22, 15))
    act(world, "reject", opened, world.tax, ticket_id=other, reason="لا شيء")
    assert case_clock_of(world, opened).met_at == cairo(22, 15)


def test_the_time_between_resolution_and_reopening_is_nobodys(world: World) -> None:
    opened = open_leak(world)
    case_due = case_clock_of(world, opened).due_at
    world.clock.move_to(cairo(22, 12))
    act(world, "resolve", opened, resolution="أُصلحت")
    world.clock.move_to(cairo(29, 12))
    act(world, "reopen", opened, reason="عادت")

    clock, case_clock = resolution_of(world, opened), case_clock_of(world, opened)
    # Two of the eight hours were spent; six are left from Sunday the 29th at noon.
    assert clock.due_at == cairo(30, 10)
    assert clock.met_at is None
    assert [reason for _, _, reason in clock.pauses] == ["resolved"]
    # Five working days passed; the hub, unlike the company, keeps no holiday.
    assert case_clock.due_at == case_due + 7 * 24 * HOUR
    assert case_clock.met_at is case_clock.paused_at is None
    assert clocks_of(world, opened)["first_response"].met_at == cairo(22, 12)


def test_a_case_reopened_after_it_was_confirmed_goes_on_from_where_government_stopped(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(22, 12))
    act(world, "resolve", opened, resolution="أُصلحت")
    world.clock.move_to(cairo(23, 12))
    act(world, "confirm", opened)
    world.clock.move_to(cairo(24, 12))
    act(world, "reopen", opened, reason="عادت")

    clock = case_clock_of(world, opened)
    assert clock.pauses == [["2026-11-22T10:00:00+00:00", "2026-11-24T10:00:00+00:00", "resolved"]]
    assert clock.spent == 2 * HOUR
    assert resolution_of(world, opened).due_at == cairo(25, 10)


def test_a_clock_that_was_late_when_it_was_met_is_late_when_it_is_reopened(world: World) -> None:
    opened = open_leak(world)
    sweep_at(world, cairo(23, 12))
    act(world, "resolve", opened, resolution="أُصلحت")
    world.clock.move_to(cairo(24, 12))
    act(world, "reopen", opened, reason="عادت")

    clock = resolution_of(world, opened)
    assert clock.due_at == clock.breached_at == cairo(23, 10)
    assert clock.rungs_done == [80, 100]
    sweep_at(world, cairo(24, 14))
    assert [percent for percent, _ in rungs_of(world, opened)] == [80, 100, 150]


def test_a_duplicate_is_not_timed_and_a_released_one_goes_on_where_it_stood(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    world.clock.move_to(cairo(22, 12))
    act(world, "join", twin, main_ticket=main.ticket_id)
    halted = clocks_of(world, twin)
    assert {clock.stopped_at for clock in halted.values()} == {cairo(22, 12)}

    world.clock.move_to(cairo(23, 12))
    act(world, "release", twin)
    clocks = clocks_of(world, twin)
    assert clocks["resolution"].due_at == cairo(24, 10)
    # Nobody had answered this citizen yet: the first response is owed again, with two of its hours spent.
    assert clocks["first_response"].stopped_at is None
    assert clocks["first_response"].due_at == cairo(23, 14)
    assert [clock.pauses[-1][2] for clock in clocks.values()] == ["halted", "halted"]
    sweep_at(world, cairo(23, 14))
    assert [percent for percent, _ in rungs_of(world, twin, "first_response")] == [80, 100]


def test_a_first_response_that_was_given_stays_given(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    act(world, "reply", twin, text="وصلنا بلاغك")
    world.clock.move_to(cairo(22, 12))
    act(world, "join", twin, main_ticket=main.ticket_id)
    act(world, "release", twin)

    first = clocks_of(world, twin)["first_response"]
    assert (first.met_at, first.stopped_at, first.next_action_at) == (cairo(22, 10), None, None)


@pytest.mark.parametrize(
    ("verb", "facts"),
    [("withdraw", {}), ("archive", {"reason": "لا شيء"})],
)
def test_a_ticket_with_nothing_left_to_do_stops_its_clocks_without_meeting_them(
    world: World, verb: str, facts: dict[str, Any]
) -> None:
    opened = open_leak(world)
    act(world, verb, opened, **facts)

    for clock in clocks_of(world, opened).values():
        assert (clock.met_at, clock.stopped_at, clock.next_action_at) == (None, cairo(22, 10), None)


def test_a_citizen_who_cannot_be_reached_stops_the_clocks(world: World) -> None:
    opened = open_leak(world)
    act(world, "ask", opened, text="سؤال")
    world.clock.move_to(cairo(25, 10))
    act(world, "close_unreachable", opened, reason="لا أحد يرد")

    clock = resolution_of(world, opened)
    assert (clock.stopped_at, clock.paused_at, clock.met_at) == (cairo(25, 10), None, None)


def test_nothing_of_an_ended_ticket_ever_fires(world: World) -> None:
    opened, other = open_leak(world), open_bill(world)
    act(world, "resolve", opened, resolution="أُصلحت")
    act(world, "withdraw", other)
    sweep_at(world, cairo(20, 12, month=12))

    assert facts_about(world, opened, "clock.rung_reached") == []
    assert facts_about(world, other, "clock.rung_reached") == []
    assert sweep(world) == 0


def test_one_tenants_end_is_not_the_others(world: World) -> None:
    opened = open_leak(world)
    other = act(world, "add_tenant", opened, tenant="tax", service="bill", reason="فاتورة أيضًا")
    act(world, "resolve", opened, resolution="أُصلحت")

    def open_clocks(agency: Agency, ticket_id: UUID) -> list[TicketClock]:
        clocks = clocks_of(world, opened, agency, ticket_id=ticket_id).values()
        return [clock for clock in clocks if clock.met_at is None]

    assert open_clocks(world.water, opened.ticket_id) == []
    assert len(open_clocks(world.tax, other)) == 2
