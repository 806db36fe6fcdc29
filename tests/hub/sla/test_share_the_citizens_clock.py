"""The citizen's clock is one row that several tenants change at once: none of their changes is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from hub.sla.actions import Promise, save_levels, sweep_clocks
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.tickets.errors import StaleVersion
from hub.vocabulary import Priority
from tenants.across import Across, Purpose
from tenants.context import SYSTEM
from tests.factories.clocks import HOUR, act, cairo, case_clock_of, rungs_of
from tests.factories.tickets import open_bill, open_leak, work_on
from tests.world import Agency, World

ROUNDS = 4


def joined_by_tax(world: World) -> tuple[Opened, UUID]:
    """A case that the water company and the tax authority both work on."""
    opened = open_leak(world)
    return opened, act(world, "add_tenant", opened, tenant="tax", service="bill", reason="أيضًا")


def at_once(world: World, *acts: tuple[str, Agency, UUID, dict[str, object]]) -> list[object]:
    """Several acts of staff, each begun before any ends; what each gave or raised."""
    ready = Barrier(len(acts))

    def run(verb: str, agency: Agency, ticket_id: UUID, facts: dict[str, object]) -> object:
        try:
            with world.as_staff(agency) as context:
                version = ticket_for(context, ticket_id).version
                ready.wait(timeout=10)
                return getattr(actions, verb)(context, ticket_id, version, **facts)
        except (StaleVersion, OperationalError) as problem:
            return problem

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result(30) for each in [pool.submit(run, *each) for each in acts]]


def test_two_tenants_that_ask_at_once_let_the_citizens_clock_rest_once(own_world: World) -> None:
    for _ in range(ROUNDS):
        opened, other = joined_by_tax(own_world)
        at_once(
            own_world,
            ("ask", own_world.water, opened.ticket_id, {"text": "سؤال"}),
            ("ask", own_world.tax, other, {"text": "سؤال"}),
        )
        assert len(case_clock_of(own_world, opened).pauses) == 1
        assert case_clock_of(own_world, opened).paused_at == own_world.clock.moment


def test_an_answer_to_one_and_a_question_by_the_other_leave_the_clock_running(own_world: World) -> None:
    for _ in range(ROUNDS):
        opened, other = joined_by_tax(own_world)
        act(own_world, "ask", opened, text="سؤال")
        own_world.clock.advance(timedelta(minutes=1))
        at_once(
            own_world,
            ("go_on", own_world.water, opened.ticket_id, {}),
            ("ask", own_world.tax, other, {"text": "سؤال"}),
        )
        clock = case_clock_of(own_world, opened)
        assert clock.paused_at is None
        # Whoever came first: the clock never rested, or rested for no time at all.
        assert all(since == until for since, until, _ in clock.pauses)


def test_who_comes_to_the_clock_during_a_sweep_waits_and_fires_nothing_twice(own_world: World) -> None:
    with own_world.as_system() as context:
        save_levels(
            context,
            [Promise(calendar="office", first_response=HOUR, resolution=HOUR, case=2 * HOUR)],
        )
    opened = open_bill(own_world)
    own_world.clock.move_to(cairo(22, 12))
    with ThreadPoolExecutor(1) as pool:
        across = Across(own_world.database)
        with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=own_world.clock) as context:
            # Of this case only the citizen's clock is due: the ticket's own leave the act alone.
            assert sweep_clocks(context) == 1
            asking = pool.submit(act, own_world, "ask", opened, text="سؤال")
            assert wait([asking], timeout=0.5).not_done
        asking.result(30)

    assert [percent for percent, _ in rungs_of(own_world, opened, "case")] == [80, 100]
    assert case_clock_of(own_world, opened).rungs_done == [80, 100]


@pytest.mark.parametrize("verb", ["prioritise", "ask"])
def test_who_hands_a_case_on_while_another_works_on_it_never_locks_them_out(
    own_world: World, verb: str
) -> None:
    """One of the two is told that the ticket has changed; neither ends in a deadlock."""
    facts: dict[str, dict[str, object]] = {
        "prioritise": {"priority": Priority.URGENT},
        "ask": {"text": "سؤال"},
    }
    handing_on = {"tenant": "tax", "service": "bill", "reason": "ليست لنا"}
    for _ in range(ROUNDS):
        opened = open_bill(own_world)
        work_on(own_world, opened)
        outcomes = at_once(
            own_world,
            ("transfer", own_world.water, opened.ticket_id, dict(handing_on)),
            (verb, own_world.water, opened.ticket_id, facts[verb]),
        )
        assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [StaleVersion]
