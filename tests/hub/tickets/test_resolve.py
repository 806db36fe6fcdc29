from __future__ import annotations

from datetime import timedelta

from hub.sla.access import clock_of_case, clocks_of_ticket
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.errors import CaseIsClosed, Missing, MoveNotAllowed
from tests.factories.tickets import (
    case_of,
    facts_of,
    kinds_of,
    open_leak,
    resolve,
    ticket_of,
    version_of,
    work_on,
)
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_resolution_asks_the_citizen_and_sets_when_silence_closes(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    world.clock.advance(timedelta(hours=4))
    now = world.clock.moment
    with world.as_staff(world.water, "field") as context:
        actions.resolve(context, opened.ticket_id, version, resolution=" أُصلحت ")
    ticket, case = ticket_of(world, opened), case_of(world, opened)
    assert (ticket.status, ticket.resolution, ticket.resolved_at) == ("resolved", "أُصلحت", now)
    assert (ticket.silent_at, ticket.closed_at) == (now + timedelta(days=14), None)
    assert (case.open_tickets, case.at_work, case.closed_at) == (1, 0, None)
    fact = facts_of(world, opened)[-2]
    assert fact.data == {"resolution": "أُصلحت", "silent_at": (now + timedelta(days=14)).isoformat()}
    assert kinds_of(world, opened)[-1] == "case.rested"


def test_clocks_are_met_and_the_citizens_rests(world: World) -> None:
    opened = open_leak(world)
    world.clock.advance(timedelta(hours=1))
    resolve(world, opened)
    with world.as_system(world.water) as context:
        clocks = clocks_of_ticket(context, ticket_for(context, opened.ticket_id))
        assert {clock.met_at for clock in clocks} == {world.clock.moment}
        case = clock_of_case(context, opened.case_id)
        assert case is not None
        assert (case.paused_at, case.met_at) == (world.clock.moment, None)


def test_a_question_answered_at_once_is_resolved_straight_from_screening(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water, "officer") as context:
        actions.resolve(context, opened.ticket_id, 1, resolution="المياه تعود في السادسة")
    ticket = ticket_of(world, opened)
    assert ticket.first_response_at == ticket.resolved_at == world.clock.moment


def test_what_waits_may_be_resolved(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        version = actions.ask(context, opened.ticket_id, 1, text="أين؟")
        actions.resolve(context, opened.ticket_id, version, resolution="وجدناها")
    assert (ticket_of(world, opened).status, ticket_of(world, opened).waiting_on) == ("resolved", None)


def test_solved_or_closed_is_not_solved_again(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.resolve(context, opened.ticket_id, version, resolution="مرة أخرى")
    with world.as_citizen(opened.case_id) as context:
        actions.confirm(context, opened.ticket_id, version)
    with refused(CaseIsClosed, "ticket"), world.as_staff(world.water) as context:
        actions.resolve(context, opened.ticket_id, version + 1, resolution="مرة أخرى")


def test_a_resolution_says_what_was_done(world: World) -> None:
    opened = open_leak(world)
    with refused(Missing, "resolution"), world.as_staff(world.water) as context:
        actions.resolve(context, opened.ticket_id, 1, resolution="\n ")
    assert version_of(world, opened) == 1
