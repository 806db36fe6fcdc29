from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

from hub.tickets import actions
from tenants.errors import NotAllowed
from tests.factories.tickets import case_of, facts_of, kinds_of, open_leak, resolve, ticket_of, tickets_of
from tests.hub.tickets.refusals import refused
from tests.world import Agency, World

SILENCE = timedelta(days=14)


def test_silence_closes_in_time_and_not_before(world: World) -> None:
    opened = open_leak(world)
    resolve(world, opened)
    world.clock.advance(SILENCE - timedelta(microseconds=1))
    assert _sweep(world) == 0
    world.clock.advance(timedelta(microseconds=1))
    assert _sweep(world) == 1
    assert _sweep(world) == 0
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.closure, ticket.silent_at) == ("closed", "silent", None)
    assert case_of(world, opened).closed_at == world.clock.moment
    assert kinds_of(world, opened).count("ticket.closed") == 1
    assert facts_of(world, opened)[-2].actor_kind == "system"


def test_a_citizen_who_spoke_is_not_closed_by_silence(world: World) -> None:
    confirmed, reopened, withdrawn = (open_leak(world) for _ in range(3))
    for opened in (confirmed, reopened, withdrawn):
        resolve(world, opened)
    with world.as_citizen(confirmed.case_id) as context:
        actions.confirm(context, confirmed.ticket_id, 2)
    with world.as_citizen(reopened.case_id) as context:
        actions.reopen(context, reopened.ticket_id, 2, reason="عادت")
    with world.as_citizen(withdrawn.case_id) as context:
        actions.withdraw(context, withdrawn.ticket_id, 2)
    world.clock.advance(SILENCE * 2)
    assert _sweep(world) == 0


def test_a_second_resolution_gives_the_whole_time_again(world: World) -> None:
    opened = open_leak(world)
    resolve(world, opened)
    world.clock.advance(SILENCE - timedelta(days=1))
    with world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, 2, reason="عادت")
    resolve(world, opened)
    world.clock.advance(timedelta(days=2))
    assert _sweep(world) == 0


def test_only_tenants_in_sight_are_swept(world: World) -> None:
    resolve(world, open_leak(world, world.tax), world.tax)
    world.clock.advance(SILENCE)
    with world.as_system(world.water) as context:
        assert actions.close_after_silence(context) == 0
    with world.as_system(world.tax) as context:
        assert actions.close_after_silence(context) == 1


def test_a_sweep_takes_no_more_than_its_limit(world: World) -> None:
    for _ in range(5):
        resolve(world, open_leak(world))
    world.clock.advance(SILENCE)
    with world.as_system(world.water) as context:
        assert [actions.close_after_silence(context, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_staff_cannot_call_it_silence(world: World) -> None:
    opened = open_leak(world)
    resolve(world, opened)
    world.clock.advance(SILENCE)
    with refused(NotAllowed, None), world.as_staff(world.water, "manager") as context:
        actions.close_after_silence(context)
    assert ticket_of(world, opened).status == "resolved"


def test_two_sweepers_close_each_ticket_once(own_world: World) -> None:
    world = own_world
    cases = [open_leak(world) for _ in range(12)]
    for one, other in zip(cases[::2], cases[1::2], strict=True):
        # In this order two sweepers, two tickets each, meet on the same two cases from opposite ends.
        there = {opened: _brought_in(world, opened) for opened in (one, other)}
        _resolve(world, world.water, one.ticket_id, 2)
        _resolve(world, world.tax, there[other], 1)
        _resolve(world, world.water, other.ticket_id, 2)
        _resolve(world, world.tax, there[one], 1)
    world.clock.advance(SILENCE + timedelta(hours=1))
    closed = 0
    while some := sum(_at_once(lambda: _sweep(world, limit=2), sweepers=2)):
        closed += some
    assert closed == 24
    for opened in cases:
        assert [ticket.closure for ticket in tickets_of(world, opened)] == ["silent", "silent"]
        assert kinds_of(world, opened).count("ticket.closed") == 2
        assert kinds_of(world, opened).count("case.closed") == 1
        assert (case_of(world, opened).open_tickets, case_of(world, opened).at_work) == (0, 0)


def _at_once(act: Callable[[], int], *, sweepers: int) -> list[int]:
    start = Barrier(sweepers)

    def run() -> int:
        start.wait()
        return act()

    with ThreadPoolExecutor(sweepers) as pool:
        return [each.result() for each in [pool.submit(run) for _ in range(sweepers)]]


def _brought_in(world: World, opened: actions.Opened) -> UUID:
    with world.as_staff(world.water) as context:
        return actions.add_tenant(context, opened.ticket_id, 1, tenant="tax", service="leak", reason="رسوم")


def _resolve(world: World, agency: Agency, ticket_id: UUID, version: int) -> None:
    with world.as_staff(agency) as context:
        actions.resolve(context, ticket_id, version, resolution="أُصلحت")
    world.clock.advance(timedelta(seconds=1))


def _sweep(world: World, limit: int = 200) -> int:
    with world.as_system(world.water, world.tax) as context:
        return actions.close_after_silence(context, limit=limit)
