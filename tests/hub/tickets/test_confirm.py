from __future__ import annotations

from datetime import timedelta

from hub.sla.access import clock_of_case
from hub.tickets import actions
from hub.tickets.errors import CaseIsClosed, MoveNotAllowed
from tests.factories.tickets import case_of, facts_of, kinds_of, open_leak, resolve, ticket_of
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_the_citizen_confirms_and_the_case_closes(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    solved = world.clock.moment
    world.clock.advance(timedelta(days=2))
    with world.as_citizen(opened.case_id) as context:
        actions.confirm(context, opened.ticket_id, version)
    ticket, case = ticket_of(world, opened), case_of(world, opened)
    assert (ticket.status, ticket.closure) == ("closed", "confirmed")
    assert (ticket.closed_at, ticket.resolved_at, ticket.silent_at) == (world.clock.moment, solved, None)
    assert (case.open_tickets, case.at_work, case.closed_at) == (0, 0, world.clock.moment)
    assert kinds_of(world, opened)[-2:] == ["ticket.closed", "case.closed"]
    assert facts_of(world, opened)[-2].data == {"closure": "confirmed"}
    with world.as_system(world.water) as context:
        clock = clock_of_case(context, opened.case_id)
        assert clock is not None
        assert (clock.met_at, clock.paused_at) == (solved, None)


def test_there_is_nothing_to_confirm_before_a_resolution(world: World) -> None:
    opened = open_leak(world)
    with refused(MoveNotAllowed, "ticket"), world.as_citizen(opened.case_id) as context:
        actions.confirm(context, opened.ticket_id, 1)


def test_a_second_confirmation_changes_nothing(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with world.as_citizen(opened.case_id) as context:
        version = actions.confirm(context, opened.ticket_id, version)
    with refused(CaseIsClosed, "ticket"), world.as_citizen(opened.case_id) as context:
        actions.confirm(context, opened.ticket_id, version)
    assert kinds_of(world, opened).count("ticket.closed") == 1
