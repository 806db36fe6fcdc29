"""Clocks start with a ticket, by the nearest promise: the service's, the tenant's by priority or not, the hub's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.sla.access import clock_of_case, levels_in_force
from hub.sla.actions import Promise, save_levels
from hub.sla.models import TicketClock
from hub.tickets.access import ticket_for
from hub.tickets.actions import open_case
from hub.vocabulary import Channel, Priority
from tenants.context import SYSTEM
from tenants.errors import NotFound
from tenants.ids import HUB
from tests.factories.clocks import HOUR, bring_parks, cairo, case_clock_of, clocks_of, resolution_of
from tests.factories.tickets import open_bill, open_leak
from tests.world import SUNDAY_TEN, World


def test_a_new_ticket_gets_a_first_response_and_a_resolution_clock_from_its_creation(world: World) -> None:
    clocks = clocks_of(world, open_leak(world))

    assert set(clocks) == {"first_response", "resolution"}
    for clock in clocks.values():
        assert clock.started_at == SUNDAY_TEN
        assert clock.spent == timedelta(0)
        assert (clock.paused_at, clock.met_at, clock.stopped_at, clock.breached_at) == (
            None,
            None,
            None,
            None,
        )
    assert clocks["first_response"].due_at == cairo(22, 14)


def test_the_services_own_target_comes_before_the_tenants(world: World) -> None:
    clock = resolution_of(world, open_leak(world))

    assert clock.target == 8 * HOUR
    assert clock.due_at == cairo(23, 10)


def test_the_services_own_target_comes_before_the_tenants_by_priority(world: World) -> None:
    assert resolution_of(world, open_leak(world, priority=Priority.URGENT)).target == 8 * HOUR


def test_the_tenants_target_by_priority_comes_before_its_general_one(world: World) -> None:
    urgent = resolution_of(world, open_bill(world, priority=Priority.URGENT))

    assert urgent.target == 2 * HOUR
    assert urgent.due_at == cairo(22, 12)


def test_the_tenants_general_target_holds_where_nothing_nearer_is_promised(world: World) -> None:
    clock = resolution_of(world, open_bill(world))

    assert clock.target == 24 * HOUR
    assert clock.due_at == cairo(25, 10)


def test_a_level_without_one_of_the_targets_leaves_it_to_the_next_level(world: World) -> None:
    clocks = clocks_of(world, open_leak(world))

    assert clocks["first_response"].target == 4 * HOUR
    assert clocks["first_response"].level_id != clocks["resolution"].level_id


def test_the_first_rung_is_next_when_a_clock_starts(world: World) -> None:
    assert resolution_of(world, open_bill(world, priority=Priority.URGENT)).next_action_at == cairo(
        22, 11, 36
    )


def test_a_case_that_comes_in_at_night_is_counted_from_the_next_opening(world: World) -> None:
    world.clock.move_to(cairo(26, 20))
    clock = resolution_of(world, open_leak(world))

    assert clock.started_at == cairo(26, 20)
    assert clock.due_at == cairo(29, 17)


def test_a_tenant_without_service_levels_is_held_to_the_hubs_floor(world: World) -> None:
    """What DIGIT's cities lacked: their targets existed at the root alone, and none of them was ever applied."""
    tenant_id = bring_parks(world)
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context:
        opened = open_case(context, service="tree", description="شجرة ساقطة", channel=Channel.WEB)
        clocks = {
            clock.kind: clock
            for clock in context.session.scalars(
                select(TicketClock).where(TicketClock.tenant_id == tenant_id)
            )
        }

        assert [level.tenant_id for level in levels_in_force(context, tenant_id)] == [HUB]
        assert clocks["first_response"].target == 16 * HOUR
        assert clocks["resolution"].target == 80 * HOUR
        assert {clock.level_tenant for clock in clocks.values()} == {HUB}
        case_clock = clock_of_case(context, opened.case_id)
        assert case_clock is not None
        assert case_clock.target == 120 * HOUR


def test_the_citizens_clock_is_the_hubs_whatever_the_tenant_promises(world: World) -> None:
    clock = case_clock_of(world, open_bill(world, priority=Priority.URGENT))

    assert clock.target == 120 * HOUR
    assert clock.level_tenant == HUB
    # 7 hours of the first Sunday and 14 whole days of Sunday to Thursday make 119; the hub keeps no holidays.
    assert clock.due_at == cairo(13, 10, month=12)


def test_an_urgent_case_may_have_a_nearer_citizens_deadline(world: World) -> None:
    with world.as_system() as context:
        save_levels(context, [_floor(), Promise(calendar="office", priority=Priority.URGENT, case=40 * HOUR)])

    assert case_clock_of(world, open_bill(world)).target == 120 * HOUR
    assert case_clock_of(world, open_bill(world, priority=Priority.URGENT)).target == 40 * HOUR


def test_a_holiday_of_the_tenant_does_not_count(world: World) -> None:
    world.clock.move_to(cairo(30, 16))
    clock = resolution_of(world, open_leak(world))

    assert clock.due_at == cairo(2, 16, month=12)


def test_each_tenant_counts_by_its_own_levels(world: World) -> None:
    with world.as_staff(world.tax, "manager") as context:
        save_levels(context, [Promise(calendar="office", first_response=HOUR, resolution=3 * HOUR)])

    assert resolution_of(world, open_leak(world)).target == 8 * HOUR
    assert resolution_of(world, open_leak(world, world.tax), world.tax).target == 3 * HOUR


def test_another_tenant_cannot_see_a_tickets_clocks(world: World) -> None:
    opened = open_leak(world)

    assert clocks_of(world, opened, world.tax) == {}
    with world.as_staff(world.tax) as context:
        with pytest.raises(NotFound):
            ticket_for(context, opened.ticket_id)
        assert clock_of_case(context, opened.case_id) is None


def _floor() -> Promise:
    return Promise(calendar="office", first_response=16 * HOUR, resolution=80 * HOUR, case=120 * HOUR)
