from __future__ import annotations

from hub.tickets import actions
from hub.tickets.errors import CaseIsClosed, StaleVersion
from hub.vocabulary import Priority
from tenants.errors import NotAllowed
from tests.factories.tickets import facts_of, open_leak, ticket_of
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_priority_changes_with_what_it_was_before(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        assert actions.prioritise(context, opened.ticket_id, 1, priority=Priority.URGENT) == 2
    ticket = ticket_of(world, opened)
    assert (ticket.priority, ticket.status) == ("urgent", "received")
    fact = next(each for each in facts_of(world, opened) if each.kind == "ticket.priority_changed")
    assert (fact.version, fact.data) == (2, {"priority": "urgent", "before": "high"})


def test_an_officer_does_not_set_priorities(world: World) -> None:
    opened = open_leak(world)
    with refused(NotAllowed, None), world.as_staff(world.water, "officer") as context:
        actions.prioritise(context, opened.ticket_id, 1, priority=Priority.LOW)


def test_a_stale_look_does_not_set_a_priority(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, 1)
    with refused(StaleVersion, "version"), world.as_staff(world.water) as context:
        actions.prioritise(context, opened.ticket_id, 1, priority=Priority.LOW)


def test_a_closed_ticket_keeps_its_priority(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.archive(context, opened.ticket_id, 1, reason="اختبار")
    with refused(CaseIsClosed, "ticket"), world.as_staff(world.water) as context:
        actions.prioritise(context, opened.ticket_id, 2, priority=Priority.LOW)
