"""A clock whose row holds what cannot be stops no other clock, and is not forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from hub.sla.actions import sweep_clocks
from hub.sla.models import TicketClock
from tests.factories.clocks import cairo, case_clock_of, resolution_of, rungs_of, sweep_at
from tests.factories.tickets import open_leak
from tests.world import World

BROKEN = {
    "overlapping pauses": 'pauses = \'[["2026-11-22T09:00:00+00:00", "2026-11-22T08:30:00+00:00", "x"]]\'',
    "pauses of another shape": "pauses = '[1, 2]'",
    "no moments": 'pauses = \'[["soon", "later", "x"]]\'',
    "nothing promised": "target = '0'",
    "rungs that are none": "rungs_done = '[\"eighty\"]'",
    "a level that is gone": "level_id = gen_random_uuid()",
    "no level": "level_id = NULL",
    "a version of the calendar that never was": "calendar_version = 99",
}


def corrupt(world: World, table: str, condition: str, damage: str) -> None:
    with world.as_system(world.water) as context:
        context.session.execute(
            text(f"UPDATE {table} SET {damage} WHERE {condition}"), {"tenant": world.water.id}
        )


def of_ticket(clock: TicketClock) -> str:
    return f"tenant_id = :tenant AND id = '{clock.id}'"


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN.keys())
def test_the_others_of_its_batch_fire(world: World, damage: str) -> None:
    broken, sound = open_leak(world), open_leak(world)
    before = resolution_of(world, broken)
    corrupt(world, "ticket_clocks", of_ticket(before), damage)
    sweep_at(world, cairo(23, 10))

    assert [percent for percent, _ in rungs_of(world, sound)] == [80, 100]
    assert rungs_of(world, broken) == []
    aside = resolution_of(world, broken)
    assert aside.trouble is not None
    assert aside.next_action_at == cairo(23, 10) + timedelta(hours=1)
    # Its first-response clock is another row, and well.
    with world.as_system(world.water) as context:
        statement = select(TicketClock.trouble).where(
            TicketClock.tenant_id == world.water.id, TicketClock.ticket_id == broken.ticket_id
        )
        assert sum(each is not None for each in context.session.scalars(statement)) == 1


def test_a_sweep_ends_although_a_clock_is_broken(world: World) -> None:
    opened = open_leak(world)
    corrupt(world, "ticket_clocks", of_ticket(resolution_of(world, opened)), BROKEN["nothing promised"])
    world.clock.moment = cairo(23, 10)
    with world.as_system(world.water, world.tax) as context:
        assert sweep_clocks(context) == 2
        assert sweep_clocks(context) == 0


def test_a_broken_case_clock_stops_no_other(world: World) -> None:
    broken, sound = open_leak(world), open_leak(world)
    corrupt(world, "case_clocks", f"case_id = '{broken.case_id}'", BROKEN["nothing promised"])
    moment = cairo(30, 12) + timedelta(days=40)
    sweep_at(world, moment)
    after = [case_clock_of(world, each) for each in (broken, sound)]
    assert after[0].trouble is not None
    assert (after[0].rungs_done, after[0].next_action_at) == ([], moment + timedelta(hours=1))
    assert (after[1].trouble, after[1].rungs_done) == (None, [80, 100, 150])


def test_once_mended_it_fires_what_it_owes(world: World) -> None:
    opened = open_leak(world)
    clock = resolution_of(world, opened)
    corrupt(world, "ticket_clocks", of_ticket(clock), BROKEN["pauses of another shape"])
    sweep_at(world, cairo(23, 10))
    corrupt(world, "ticket_clocks", of_ticket(clock), "pauses = '[]'")
    sweep_at(world, cairo(23, 10, 59))
    assert rungs_of(world, opened) == []
    sweep_at(world, cairo(23, 11))
    assert [percent for percent, _ in rungs_of(world, opened)] == [80, 100]
    mended = resolution_of(world, opened)
    # The breach dates from the deadline, however late it was noticed.
    assert (mended.trouble, mended.breached_at) == (None, cairo(23, 10))


def test_a_whole_clock_has_no_trouble(world: World) -> None:
    opened = open_leak(world)
    sweep_at(world, cairo(23, 10))
    assert (resolution_of(world, opened).trouble, case_clock_of(world, opened).trouble) == (None, None)
