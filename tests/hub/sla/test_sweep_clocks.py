"""The sweep fires each rung of the ladder once, at its time, and nothing early."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text

from hub.journal.models import Fact
from hub.sla.actions import Promise, save_levels, sweep_clocks
from hub.sla.levels import Rung
from hub.vocabulary import Priority
from tenants.across import Across, Purpose
from tenants.clock import VirtualClock
from tenants.context import SYSTEM
from tenants.database import Database
from tests.factories.clocks import (
    HOUR,
    act,
    cairo,
    case_clock_of,
    facts_about,
    resolution_of,
    rungs_of,
    sweep,
    sweep_at,
)
from tests.factories.tickets import open_bill, open_leak
from tests.world import World

ALMOST = timedelta(microseconds=1)


def test_each_rung_fires_once_at_its_time_and_nothing_early(world: World) -> None:
    opened = open_leak(world)
    # Eight hours: 80 percent after 6:24, the whole on Monday at ten, half as much again at two.
    rungs = [(80, cairo(22, 16, 24)), (100, cairo(23, 10)), (150, cairo(23, 14))]
    for percent, moment in rungs:
        sweep_at(world, moment - ALMOST)
        assert percent not in dict(rungs_of(world, opened))
        sweep_at(world, moment, moment, moment + ALMOST)

    assert rungs_of(world, opened) == rungs
    assert resolution_of(world, opened).next_action_at is None
    sweep_at(world, cairo(25, 10))
    assert rungs_of(world, opened) == rungs


def test_a_rung_says_which_clock_of_what_reached_how_much_and_who_is_told(world: World) -> None:
    opened = open_leak(world)
    sweep_at(world, cairo(23, 10))

    facts = [
        fact
        for fact in facts_about(world, opened, "clock.rung_reached")
        if fact.data["clock"] == "resolution"
    ]
    clock = resolution_of(world, opened)
    assert [fact.data for fact in facts] == [
        {
            "clock_id": str(clock.id),
            "clock": "resolution",
            "percent": percent,
            "tells": tells,
            "due_at": clock.due_at.isoformat(),
        }
        for percent, tells in ((80, "follow_up_officer"), (100, "team_lead"))
    ]
    assert {(fact.tenant_id, fact.ticket_id) for fact in facts} == {(world.water.id, opened.ticket_id)}


def test_a_breach_dates_from_the_deadline_however_late_the_sweep(world: World) -> None:
    opened = open_leak(world)
    sweep_at(world, cairo(23, 16))

    clock = resolution_of(world, opened)
    assert clock.breached_at == clock.due_at == cairo(23, 10)
    assert [percent for percent, _ in rungs_of(world, opened)] == [80, 100, 150]


def test_a_clock_is_not_breached_before_its_deadline(world: World) -> None:
    opened = open_leak(world)
    sweep_at(world, cairo(23, 10) - ALMOST)

    assert resolution_of(world, opened).breached_at is None


def test_a_ladder_of_ones_own_is_climbed(world: World) -> None:
    ladder = (Rung(50, "field"), Rung(100, "team_lead"), Rung(200, "manager"))
    with world.as_staff(world.water, "manager") as context:
        save_levels(
            context,
            [Promise(calendar="office", first_response=HOUR, resolution=2 * HOUR, ladder=ladder)],
        )
    opened = open_bill(world)
    sweep_at(world, cairo(22, 11), cairo(22, 12), cairo(22, 14))

    assert rungs_of(world, opened) == [(50, cairo(22, 11)), (100, cairo(22, 12)), (200, cairo(22, 14))]


def test_the_citizens_clock_climbs_the_hubs_ladder_in_the_journal_of_the_body_at_work(world: World) -> None:
    opened = open_leak(world)
    act(world, "transfer", opened, tenant="tax", service="bill", reason="ليست لكم")
    clock = case_clock_of(world, opened, world.tax)
    sweep_at(world, clock.due_at)

    assert [percent for percent, _ in rungs_of(world, opened, "case", world.tax)] == [80, 100]
    assert rungs_of(world, opened, "case", world.water) == []
    assert case_clock_of(world, opened, world.tax).breached_at == clock.due_at


def test_a_paused_clock_does_not_fire(world: World) -> None:
    opened = open_leak(world)
    act(world, "ask", opened, text="سؤال")
    sweep_at(world, cairo(20, 12, month=12))

    assert facts_about(world, opened, "clock.rung_reached") == []


def test_a_sweep_takes_no_more_than_it_may_and_says_how_many(world: World) -> None:
    for _ in range(5):
        open_leak(world, priority=Priority.LOW)
    world.clock.move_to(cairo(22, 14))
    across = Across(world.database)
    looked_at = []
    for _ in range(4):
        with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=world.clock) as context:
            looked_at.append(sweep_clocks(context, limit=2))

    assert looked_at == [2, 2, 1, 0]


def test_a_sweep_within_one_tenant_leaves_the_others_alone(world: World) -> None:
    ours, theirs = open_leak(world), open_leak(world, world.tax)
    world.clock.move_to(cairo(23, 12))
    with world.as_system(world.water) as context:
        sweep_clocks(context)

    assert len(rungs_of(world, ours)) == 2
    assert rungs_of(world, theirs) == []
    sweep(world)
    assert len(rungs_of(world, theirs, "resolution", world.tax)) == 2


def test_one_clock_on_a_calendar_that_has_run_out_does_not_stop_the_sweep(world: World) -> None:
    """Such a calendar cannot be saved; were one there all the same, the other bodies' clocks must not stand."""
    with world.as_system(world.tax) as context:
        context.session.execute(
            text(
                "INSERT INTO calendar_versions (tenant_id, calendar_id, version, opening_hours, holidays, zone, saved_at)"
                " SELECT tenant_id, id, 2, '2026 Nov 22-2026 Nov 23 09:00-14:00', '[]', 'Africa/Cairo', now()"
                " FROM calendars WHERE tenant_id = :tax"
            ),
            {"tax": world.tax.id},
        )
        context.session.execute(
            text("UPDATE calendars SET version = 2 WHERE tenant_id = :tax"), {"tax": world.tax.id}
        )
    ours, theirs = open_leak(world), open_leak(world, world.tax)
    sweep_at(world, cairo(23, 17), cairo(30, 17))

    assert [percent for percent, _ in rungs_of(world, ours, "resolution", world.water)] == [80, 100, 150]
    # Nine hours are left in it: enough for the target of eight, too few for the last rung.
    assert [percent for percent, _ in rungs_of(world, theirs, "resolution", world.tax)] == [80, 100]
    assert resolution_of(world, theirs, world.tax).next_action_at is None


@pytest.mark.parametrize("clocks", [40])
def test_two_sweepers_at_once_fire_each_rung_once(own_world: World, clocks: int) -> None:
    for _ in range(clocks // 2):
        open_leak(own_world, priority=Priority.LOW)
        open_leak(own_world, own_world.tax, priority=Priority.LOW)
    late = VirtualClock(cairo(23, 12))
    started = Barrier(2)

    def sweep_all(database: Database) -> int:
        across, swept = Across(database), 0
        started.wait(timeout=10)
        for _ in range(100):
            with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=late) as context:
                swept += sweep_clocks(context, limit=3)
        return swept

    with ThreadPoolExecutor(2) as pool:
        swept = list(pool.map(sweep_all, [own_world.database] * 2))

    with own_world.as_system(own_world.water, own_world.tax) as context:
        fired = [
            (fact.data["clock_id"], fact.data["percent"])
            for fact in context.session.scalars(
                select(Fact).where(Fact.tenant_id.in_(context.tenants), Fact.kind == "clock.rung_reached")
            )
        ]
    # Of each ticket the first response is past 150 percent, the resolution past 100.
    assert len(fired) == len(set(fired)) == clocks * 5
    assert all(swept)
