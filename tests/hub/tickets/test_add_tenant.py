from __future__ import annotations

from hub.tickets import actions
from hub.tickets.errors import AlreadyConcerned, CaseIsClosed, SameTenant, StaleVersion
from tests.factories.tickets import case_of, facts_of, open_leak, ticket_by_id, ticket_of, tickets_of
from tests.hub.tickets.refusals import refused
from tests.world import World

TAX_TOO = {"tenant": "tax", "service": "leak", "reason": "رسوم الحفر لديهم"}


def test_another_tenant_gets_a_ticket_of_its_own_and_this_one_goes_on(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        new = actions.add_tenant(context, opened.ticket_id, 1, **TAX_TOO)
    mine, theirs = ticket_of(world, opened), ticket_by_id(world, new, world.tax)
    assert (mine.status, mine.version, mine.handed_on_to) == ("received", 2, None)
    assert (theirs.status, theirs.case_number, theirs.handed_on_by) == ("received", opened.number, mine.id)
    case = case_of(world, opened)
    assert (case.open_tickets, case.at_work) == (2, 2)
    fact = next(fact for fact in facts_of(world, opened) if fact.kind == "ticket.tenant_added")
    assert (fact.tenant_id, fact.version, fact.data["to_ticket"]) == (world.water.id, 2, str(new))


def test_a_case_closes_with_its_last_ticket(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        new = actions.add_tenant(context, opened.ticket_id, 1, **TAX_TOO)
        actions.archive(context, opened.ticket_id, 2, reason="لديهم")
    assert case_of(world, opened).closed_at is None
    with world.as_staff(world.tax) as context:
        actions.archive(context, new, 1, reason="انتهى")
    assert case_of(world, opened).closed_at == world.clock.moment
    assert [fact.kind for fact in facts_of(world, opened)].count("case.closed") == 1


def test_each_citizen_ticket_is_answered_on_its_own(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        new = actions.add_tenant(context, opened.ticket_id, 1, **TAX_TOO)
        actions.resolve(context, opened.ticket_id, 2, resolution="أُصلحت")
    with world.as_citizen(opened.case_id, world.water, world.tax) as context:
        actions.confirm(context, opened.ticket_id, 3)
        actions.add_information(context, new, 1, text="ما زالت الرسوم")
    assert [ticket.status for ticket in tickets_of(world, opened)] == ["closed", "received"]
    assert case_of(world, opened).closed_at is None


def test_a_tenant_that_ended_its_part_can_be_brought_in_again(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        first = actions.add_tenant(context, opened.ticket_id, 1, **TAX_TOO)
    with world.as_staff(world.tax) as context:
        actions.archive(context, first, 1, reason="انتهى")
    with world.as_staff(world.water) as context:
        actions.add_tenant(context, opened.ticket_id, 2, **TAX_TOO)
    assert [ticket.status for ticket in tickets_of(world, opened)] == ["received", "archived", "received"]


def test_bringing_in_is_refused_like_a_transfer(world: World) -> None:
    opened = open_leak(world)
    with refused(SameTenant, "tenant"), world.as_staff(world.water) as context:
        actions.add_tenant(context, opened.ticket_id, 1, tenant="water", service="leak", reason="لنا")
    with world.as_staff(world.water) as context:
        actions.add_tenant(context, opened.ticket_id, 1, **TAX_TOO)
    with refused(AlreadyConcerned, "tenant"), world.as_staff(world.water) as context:
        actions.add_tenant(context, opened.ticket_id, 2, **TAX_TOO)
    with refused(StaleVersion, "version"), world.as_staff(world.water) as context:
        actions.add_tenant(context, opened.ticket_id, 1, **TAX_TOO)
    with world.as_staff(world.water) as context:
        actions.archive(context, opened.ticket_id, 2, reason="لديهم")
    with refused(CaseIsClosed, "ticket"), world.as_staff(world.water) as context:
        actions.add_tenant(context, opened.ticket_id, 3, **TAX_TOO)
    assert len(tickets_of(world, opened)) == 2
