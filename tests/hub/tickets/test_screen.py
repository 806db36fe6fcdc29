from __future__ import annotations

from datetime import timedelta

from hub.tickets import actions
from hub.tickets.errors import CaseIsClosed, Missing, MoveNotAllowed
from tenants.errors import NotAllowed, NotFound
from tests.factories.tickets import case_of, facts_of, kinds_of, open_leak, resolve, ticket_of, version_of
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_forwarding_hands_a_ticket_to_the_team_that_routing_chose(world: World) -> None:
    opened = open_leak(world)
    team = ticket_of(world, opened).team_id
    with world.as_staff(world.water, "agent") as context:
        assert actions.forward(context, opened.ticket_id, 1) == 2
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.team_id, ticket.version) == ("assigned", team, 2)
    fact = facts_of(world, opened)[-1]
    assert (fact.kind, fact.version, fact.data) == ("ticket.forwarded", 2, {"team_id": str(team)})
    assert fact.actor_id == world.water["agent"].id


def test_archiving_ends_a_ticket_and_keeps_the_reason(world: World) -> None:
    opened = open_leak(world)
    world.clock.advance(timedelta(hours=1))
    with world.as_staff(world.water) as context:
        actions.archive(context, opened.ticket_id, 1, reason="  مكالمة اختبار ")
    ticket, case = ticket_of(world, opened), case_of(world, opened)
    assert (ticket.status, ticket.closed_at, ticket.closure) == ("archived", world.clock.moment, None)
    assert (case.open_tickets, case.at_work, case.closed_at) == (0, 0, world.clock.moment)
    assert facts_of(world, opened)[-3].data == {"reason": "مكالمة اختبار"}
    assert kinds_of(world, opened)[-3:] == ["ticket.archived", "case.rested", "case.closed"]


def test_rejecting_answers_the_citizen_and_ends_the_ticket(world: World) -> None:
    opened = open_leak(world)
    world.clock.advance(timedelta(hours=2))
    with world.as_staff(world.water) as context:
        actions.reject(context, opened.ticket_id, 1, reason="خارج نطاق الخدمة")
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.resolution) == ("rejected", "خارج نطاق الخدمة")
    assert ticket.first_response_at == ticket.closed_at == world.clock.moment
    assert ticket.resolved_at is None


def test_only_a_received_ticket_is_screened(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, 1)
    with refused(MoveNotAllowed, "ticket") as caught, world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, 2)
    assert str(caught.value) == "“forward” is not possible while the ticket is “assigned”."
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.archive(context, opened.ticket_id, 2, reason="مكرر")
    assert version_of(world, opened) == 2


def test_a_solved_ticket_is_not_rejected(world: World) -> None:
    opened = open_leak(world)
    resolve(world, opened)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.reject(context, opened.ticket_id, 2, reason="لا")


def test_a_reason_is_needed(world: World) -> None:
    opened = open_leak(world)
    for act in (actions.archive, actions.reject):
        with refused(Missing, "reason"), world.as_staff(world.water) as context:
            act(context, opened.ticket_id, 1, reason=" \u00a0\n")
    assert version_of(world, opened) == 1


def test_an_ended_ticket_is_not_screened_again(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.archive(context, opened.ticket_id, 1, reason="اختبار")
    with refused(CaseIsClosed, "ticket"), world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, 2)


def test_an_agent_forwards_but_does_not_archive(world: World) -> None:
    opened = open_leak(world)
    with refused(NotAllowed, None), world.as_staff(world.water, "agent") as context:
        actions.archive(context, opened.ticket_id, 1, reason="اختبار")


def test_the_other_tenant_finds_nothing_to_screen(world: World) -> None:
    opened = open_leak(world)
    with refused(NotFound, "ticket"), world.as_staff(world.tax) as context:
        actions.forward(context, opened.ticket_id, 1)
    assert ticket_of(world, opened).status == "received"
