"""Deadlines move when priorities, service levels or calendars do: open ones, and with the fact that says so."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from hub.journal.models import Job
from hub.journal.running import Outcome
from hub.sla.access import why_due
from hub.sla.actions import Promise, move_clocks, save_levels
from hub.sla.models import TicketClock
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.vocabulary import Channel, Priority
from tenants.context import SYSTEM
from tenants.ids import HUB
from tests.factories.clocks import (
    HOUR,
    act,
    bring_parks,
    cairo,
    case_clock_of,
    clocks_of,
    resolution_of,
    run_move_jobs,
    rungs_of,
    sweep_at,
)
from tests.factories.tickets import open_bill, open_leak
from tests.hub.sla.promising import general, keep_hours, moves, promise
from tests.world import World


def test_a_new_priority_moves_the_deadline_at_once_and_says_so(world: World) -> None:
    opened = open_bill(world)
    world.clock.move_to(cairo(22, 11))
    act(world, "prioritise", opened, priority=Priority.URGENT)

    clock = resolution_of(world, opened)
    assert (clock.due_at, clock.target) == (cairo(22, 12), 2 * HOUR)
    assert clock.started_at == cairo(22, 10)
    assert moves(world, opened) == [("resolution", "ticket.priority_changed", cairo(25, 10), cairo(22, 12))]


def test_a_priority_that_changes_no_target_moves_nothing(world: World) -> None:
    opened = open_leak(world)
    act(world, "prioritise", opened, priority=Priority.URGENT)

    assert moves(world, opened) == []


def test_the_citizens_clock_goes_by_the_priority_of_the_ticket_the_case_was_opened_with(world: World) -> None:
    with world.as_system() as context:
        floor = Promise(calendar="office", first_response=16 * HOUR, resolution=80 * HOUR, case=120 * HOUR)
        save_levels(context, [floor, Promise(calendar="office", priority=Priority.URGENT, case=40 * HOUR)])
    run_move_jobs(world, HUB)
    opened = open_bill(world)
    other = act(world, "add_tenant", opened, tenant="tax", service="bill", reason="أيضًا")
    act(world, "prioritise", opened, world.tax, ticket_id=other, priority=Priority.URGENT)
    assert case_clock_of(world, opened).target == 120 * HOUR

    act(world, "prioritise", opened, priority=Priority.URGENT)
    assert case_clock_of(world, opened).target == 40 * HOUR
    with world.as_system() as context:
        save_levels(context, [floor, Promise(calendar="office", priority=Priority.URGENT, case=50 * HOUR)])
    run_move_jobs(world, HUB)
    assert case_clock_of(world, opened).target == 50 * HOUR


def test_changed_levels_move_open_clocks_by_the_job_and_not_before(world: World) -> None:
    opened = open_bill(world)
    promise(world, resolution=4)
    assert resolution_of(world, opened).due_at == cairo(25, 10)

    assert run_move_jobs(world, world.water.id)[-1] is Outcome.DONE
    clocks = clocks_of(world, opened)
    assert clocks["resolution"].due_at == cairo(22, 14)
    assert clocks["first_response"].due_at == cairo(22, 11)
    assert {move[0] for move in moves(world, opened)} == {"resolution", "first_response"}
    assert {move[1] for move in moves(world, opened)} == {"service_levels.changed"}


def test_a_changed_calendar_moves_open_clocks_by_the_job(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water, "manager") as context:
        keep_hours(context, "Su-Th 09:00-17:00", date(2026, 11, 23), date(2026, 12, 1))
    assert resolution_of(world, opened).due_at == cairo(23, 10)
    run_move_jobs(world, world.water.id)

    clock = resolution_of(world, opened)
    assert (clock.due_at, clock.calendar_version) == (cairo(24, 10), 2)
    assert moves(world, opened) == [("resolution", "calendar.changed", cairo(23, 10), cairo(24, 10))]


def test_ended_clocks_stay_what_they_were_held_to(world: World) -> None:
    met, stopped = open_bill(world), open_bill(world)
    act(world, "resolve", met, resolution="أُجيب")
    act(world, "withdraw", stopped)
    promise(world, resolution=4)
    run_move_jobs(world, world.water.id)

    for opened in (met, stopped):
        clock = resolution_of(world, opened)
        assert (clock.due_at, clock.target) == (cairo(25, 10), 24 * HOUR)
        assert moves(world, opened) == []


def test_the_tenants_change_leaves_the_others_and_the_citizens_clock_alone(world: World) -> None:
    ours, theirs = open_bill(world), open_bill(world, world.tax)
    case_due = case_clock_of(world, ours).due_at
    promise(world, resolution=4)
    run_move_jobs(world, world.water.id)

    assert resolution_of(world, theirs, world.tax).due_at == cairo(25, 10)
    assert case_clock_of(world, ours).due_at == case_due


def test_the_hubs_change_moves_the_citizens_clock_in_every_tenant(world: World) -> None:
    ours, theirs = open_bill(world), open_bill(world, world.tax)
    with world.as_system() as context:
        save_levels(
            context,
            [Promise(calendar="office", first_response=HOUR, resolution=2 * HOUR, case=7 * HOUR)],
        )
    run_move_jobs(world, HUB)

    assert case_clock_of(world, ours).due_at == cairo(22, 17)
    assert case_clock_of(world, theirs, world.tax).due_at == cairo(22, 17)
    assert [move[0] for move in moves(world, theirs)] == ["case"]
    # The tenants' own promises are nearer than the floor.
    assert resolution_of(world, ours).due_at == cairo(25, 10)


def test_the_hubs_change_moves_the_clocks_of_a_body_that_stands_on_its_floor(world: World) -> None:
    parks = bring_parks(world)
    with world.database.unit_of_work(actor=SYSTEM, tenants=(parks,), clock=world.clock) as context:
        actions.open_case(context, service="tree", description="شجرة ساقطة", channel=Channel.WEB)
    with world.as_system() as context:
        save_levels(
            context,
            [Promise(calendar="office", first_response=HOUR, resolution=2 * HOUR, case=7 * HOUR)],
        )
    run_move_jobs(world, HUB)

    with world.database.unit_of_work(actor=SYSTEM, tenants=(parks,), clock=world.clock) as context:
        due = context.session.scalars(select(TicketClock.due_at).where(TicketClock.tenant_id == parks))
        assert sorted(due) == [cairo(22, 11), cairo(22, 12)]


def test_a_body_that_begins_to_promise_moves_its_clocks_off_the_hubs_floor(world: World) -> None:
    parks = bring_parks(world)
    with world.database.unit_of_work(actor=SYSTEM, tenants=(parks,), clock=world.clock) as context:
        actions.open_case(context, service="tree", description="شجرة ساقطة", channel=Channel.WEB)
        keep_hours(context, "24/7")
        save_levels(context, general(resolution=30))
    run_move_jobs(world, parks)

    with world.database.unit_of_work(actor=SYSTEM, tenants=(parks,), clock=world.clock) as context:
        rows = context.session.execute(
            select(TicketClock.due_at, TicketClock.level_tenant).where(TicketClock.tenant_id == parks)
        )
        assert sorted(rows.all()) == [(cairo(22, 11), parks), (cairo(23, 16), parks)]


def test_a_changed_calendar_of_the_hub_moves_what_is_counted_on_it(world: World) -> None:
    opened = open_bill(world)
    with world.as_system() as context:
        keep_hours(context, "24/7")
    run_move_jobs(world, HUB)

    assert case_clock_of(world, opened).due_at == cairo(27, 10)
    assert resolution_of(world, opened).due_at == cairo(25, 10)


def test_a_small_batch_at_a_time_moves_all(world: World) -> None:
    cases = [open_bill(world) for _ in range(5)]
    promise(world, resolution=4)
    batches = 0
    with world.as_system(world.water) as context:
        while move_clocks(context, limit=3):
            batches += 1

    assert batches == 4
    assert {resolution_of(world, opened).due_at for opened in cases} == {cairo(22, 14)}
    assert [len(moves(world, opened)) for opened in cases] == [2] * 5


def test_a_job_that_is_done_twice_moves_nothing_twice(world: World) -> None:
    opened = open_bill(world)
    promise(world, resolution=4)
    run_move_jobs(world, world.water.id)
    assert run_move_jobs(world, world.water.id) == []
    with world.as_system(world.water) as context:
        assert not move_clocks(context)

    assert len(moves(world, opened)) == 2


def test_saying_again_what_is_in_force_changes_nothing(world: World) -> None:
    promise(world, resolution=4)
    run_move_jobs(world, world.water.id)
    promise(world, resolution=4)

    with world.as_system(world.water) as context:
        left = select(func.count()).select_from(Job).where(Job.tenant_id == world.water.id)
        assert context.session.scalar(left) == 0


def test_a_resting_clock_takes_its_new_target_and_still_rests(world: World) -> None:
    opened = open_bill(world)
    world.clock.move_to(cairo(22, 12))
    act(world, "ask", opened, text="سؤال")
    promise(world, resolution=10)
    run_move_jobs(world, world.water.id)

    clock = resolution_of(world, opened)
    assert (clock.target, clock.paused_at, clock.next_action_at) == (10 * HOUR, cairo(22, 12), None)
    assert moves(world, opened) == []


def test_a_deadline_moved_into_the_past_is_missed_at_once(world: World) -> None:
    opened = open_bill(world)
    world.clock.move_to(cairo(22, 15))
    promise(world, resolution=4)
    run_move_jobs(world, world.water.id)

    clock = resolution_of(world, opened)
    assert clock.breached_at == clock.due_at == cairo(22, 14)
    assert rungs_of(world, opened) == [(80, cairo(22, 15)), (100, cairo(22, 15))]
    assert clock.next_action_at == cairo(22, 16)


def test_even_a_resting_clock_owes_what_a_nearer_deadline_makes_of_it(world: World) -> None:
    opened = open_bill(world)
    world.clock.move_to(cairo(22, 16))
    act(world, "ask", opened, text="سؤال")
    promise(world, resolution=4)
    run_move_jobs(world, world.water.id)

    assert resolution_of(world, opened).breached_at == cairo(22, 14)
    assert [percent for percent, _ in rungs_of(world, opened)] == [80, 100, 150]


def test_a_clock_that_is_no_longer_late_can_become_late_again(world: World) -> None:
    opened = open_leak(world)
    sweep_at(world, cairo(23, 10))
    assert resolution_of(world, opened).breached_at == cairo(23, 10)
    promise(world, resolution=24)
    run_move_jobs(world, world.water.id)

    clock = resolution_of(world, opened)
    assert (clock.breached_at, clock.rungs_done, clock.due_at) == (None, [], cairo(25, 10))
    sweep_at(world, cairo(25, 10))
    assert [percent for percent, _ in rungs_of(world, opened)] == [80, 100, 80, 100]
    assert resolution_of(world, opened).breached_at == cairo(25, 10)


def test_what_was_reached_by_the_old_promise_before_the_change_has_fired(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(23, 11))
    promise(world, resolution=24)
    run_move_jobs(world, world.water.id)

    assert rungs_of(world, opened) == [(80, cairo(23, 11)), (100, cairo(23, 11))]
    assert resolution_of(world, opened).breached_at is None


def test_an_old_deadline_explains_itself_by_the_calendar_it_was_counted_on(world: World) -> None:
    opened = open_leak(world)
    act(world, "resolve", opened, resolution="أُصلحت")
    with world.as_staff(world.water, "manager") as context:
        keep_hours(context, "Mo-Fr 08:00-12:00")
        save_levels(context, general(resolution=4))
    run_move_jobs(world, world.water.id)

    with world.as_staff(world.water) as context:
        ticket_for(context, opened.ticket_id)
        explained = why_due(context, resolution_of(world, opened))
    english = [step.text.en for step in explained.steps]
    arabic = [step.text.ar for step in explained.steps]
    assert explained.due_at == cairo(23, 10)
    assert english[0] == (
        "The target is 8 hours of working time. This is the service's own target. "
        "(Version 1 of the service level.)"
    )
    assert "Sunday 22 November 2026: working hours 10:00–17:00; 7 hours counted, 7 hours in all." in english
    assert "The deadline is Monday 23 November 2026 at 10:00." in english
    assert "الموعد النهائي: يوم الاثنين ٢٣ نوفمبر ٢٠٢٦ الساعة ١٠:٠٠ ص." in arabic
    assert all(any("\u0600" <= letter <= "\u06ff" for letter in step) for step in arabic)


def test_the_citizens_deadline_explains_itself_to_a_tenant_by_the_hubs_calendar(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        explained = why_due(context, case_clock_of(world, opened))

    assert explained.due_at == cairo(13, 10, month=12)
    assert "hub" in explained.steps[0].text.en
