"""Clocks that begin and change, and bodies that work, while promises change: nothing is missed or kept waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

from sqlalchemy import select

from hub.sla.actions import Promise, save_levels
from hub.sla.models import CaseClock, TicketClock
from hub.tickets import actions
from hub.vocabulary import Channel
from tenants.across import Across, Purpose
from tenants.context import SYSTEM, Context
from tenants.ids import HUB
from tests.factories.clocks import (
    HOUR,
    act,
    cairo,
    resolution_of,
    run_move_jobs,
)
from tests.factories.tickets import open_bill
from tests.hub.sla.promising import general, promise
from tests.world import World


def test_a_clock_that_changes_while_the_job_is_pending_is_moved_all_the_same(world: World) -> None:
    resting, reopened = open_bill(world), open_bill(world)
    act(world, "resolve", reopened, resolution="أُجيب")
    promise(world, resolution=10)
    world.clock.move_to(cairo(22, 12))
    act(world, "ask", resting, text="سؤال")
    act(world, "reopen", reopened, reason="ليس بعد")
    run_move_jobs(world, world.water.id)
    world.clock.move_to(cairo(22, 13))
    act(world, "answer", resting, text="جواب")

    assert resolution_of(world, resting).due_at == cairo(23, 13)
    # Resolved at once and reopened at noon: all ten hours were left then.
    assert resolution_of(world, reopened).due_at == cairo(23, 14)


def ask_about_a_bill(context: Context) -> actions.Opened:
    """Open a case in a unit of work that is not over yet."""
    return actions.open_case(context, service="bill", description="كم الفاتورة؟", channel=Channel.PHONE)


def test_levels_change_after_the_tickets_that_were_begun_by_the_old_ones(own_world: World) -> None:
    """Else the job could be done before such a ticket is there to be moved."""
    with ThreadPoolExecutor(1) as pool:
        with own_world.as_staff(own_world.water, "agent") as context:
            opened = ask_about_a_bill(context)
            changing = pool.submit(promise, own_world, 4)
            assert wait([changing], timeout=0.5).not_done
        changing.result(30)
    run_move_jobs(own_world, own_world.water.id)

    assert resolution_of(own_world, opened).target == 4 * HOUR


def test_a_ticket_that_comes_while_levels_change_is_counted_by_the_new_ones(own_world: World) -> None:
    def open_one() -> actions.Opened:
        with own_world.as_staff(own_world.water, "agent") as context:
            return ask_about_a_bill(context)

    with ThreadPoolExecutor(1) as pool:
        with own_world.as_staff(own_world.water, "manager") as context:
            save_levels(context, general(resolution=4))
            opening = pool.submit(open_one)
            assert wait([opening], timeout=0.5).not_done
        opened = opening.result(30)

    assert resolution_of(own_world, opened).target == 4 * HOUR


def test_another_tenants_change_keeps_nobody_waiting(own_world: World) -> None:
    with own_world.as_staff(own_world.tax, "manager") as context:
        save_levels(context, general(resolution=4))
        assert resolution_of(own_world, open_bill(own_world)).target == 24 * HOUR


def test_a_big_change_of_the_hub_goes_through_every_tenants_clocks(own_world: World) -> None:
    world = own_world
    for _ in range(6):
        open_bill(world)
        open_bill(world, world.tax)
    with world.as_system() as context:
        save_levels(
            context,
            [Promise(calendar="office", first_response=HOUR, resolution=2 * HOUR, case=7 * HOUR)],
        )
    run_move_jobs(world, HUB)

    with Across(world.database).unit_of_work(Purpose.JOBS, actor=SYSTEM) as context:
        due = set(context.session.scalars(select(CaseClock.due_at)))
        kept = set(
            context.session.scalars(
                select(TicketClock.target).where(
                    TicketClock.tenant_id.in_(context.tenants), TicketClock.kind == "resolution"
                )
            )
        )
    assert due == {cairo(22, 17)}
    assert kept == {24 * HOUR}
