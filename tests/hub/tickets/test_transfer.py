from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from hub.catalogue.errors import UnknownService, UnknownTenant
from hub.catalogue.models import Service
from hub.people.models import Person
from hub.sla.access import clock_of_case, clocks_of_ticket
from hub.tickets import actions
from hub.tickets.access import case_for, ticket_for
from hub.tickets.actions import Place
from hub.tickets.errors import AlreadyConcerned, CaseIsClosed, Missing, MoveNotAllowed, SameTenant
from hub.vocabulary import Channel, Priority
from tenants.errors import NotFound
from tenants.models import TenantState
from tenants.provisioning import set_state
from tests.factories.tickets import (
    case_of,
    facts_of,
    kinds_of,
    open_leak,
    resolve,
    ticket_by_id,
    ticket_of,
    tickets_of,
    version_of,
)
from tests.hub.tickets.refusals import refused
from tests.world import World

TO_TAX = {"tenant": "tax", "service": "leak", "reason": "رسوم الحفر لديهم"}
TO_WATER = {"tenant": "water", "service": "leak", "reason": "ليست لدينا"}


def test_a_transfer_keeps_the_number_and_the_story(world: World) -> None:
    place = Place(30.05, 31.24, "cairo", "abdin", "أمام المدرسة")
    opened = open_leak(world, place=place, priority=Priority.URGENT, subject="كسر كبير")
    with world.as_staff(world.water, "agent") as context:
        new = actions.transfer(context, opened.ticket_id, 1, **TO_TAX)
    old, taken = ticket_of(world, opened), ticket_by_id(world, new, world.tax)
    assert (old.status, old.handed_on_to, old.closed_at) == ("transferred", new, world.clock.moment)
    assert (taken.status, taken.handed_on_by, taken.version) == ("received", old.id, 1)
    kept = (
        "case_id",
        "case_number",
        "person_id",
        "subject",
        "description",
        "channel",
        "language",
        "priority",
    )
    assert [getattr(taken, name) for name in kept] == [getattr(old, name) for name in kept]
    where = ("latitude", "longitude", "governorate", "district", "address")
    assert tuple(getattr(taken, name) for name in where) == (30.05, 31.24, "cairo", "abdin", "أمام المدرسة")
    assert taken.team_id is not None


def test_the_answers_go_along_in_words(world: World) -> None:
    opened = open_leak(world, answers={"hazard": True, "hazard_kind": "هبوط"})
    with world.as_staff(world.water) as context:
        new = actions.transfer(context, opened.ticket_id, 1, **TO_TAX)
    taken = ticket_by_id(world, new, world.tax)
    assert taken.answers is None
    assert taken.carried_answers == [
        {
            "question": {"ar": "هل هناك خطر على الناس؟", "en": "Is anybody in danger?"},
            "kind": "yes_no",
            "answer": True,
        },
        {"question": {"ar": "ما الخطر؟", "en": "What is the danger?"}, "kind": "text", "answer": "هبوط"},
    ]


def test_the_citizens_clock_goes_on_and_the_tenants_stop(world: World) -> None:
    opened = open_leak(world)
    with world.as_system(world.water) as context:
        before = clock_of_case(context, opened.case_id)
        assert before is not None
        due, started = before.due_at, before.started_at
    world.clock.advance(timedelta(hours=3))
    with world.as_staff(world.water) as context:
        new = actions.transfer(context, opened.ticket_id, 1, **TO_TAX)
    with world.as_system(world.water, world.tax) as context:
        case = clock_of_case(context, opened.case_id)
        assert case is not None
        assert (case.started_at, case.due_at, case.paused_at, case.met_at) == (started, due, None, None)
        old = clocks_of_ticket(context, ticket_for(context, opened.ticket_id))
        assert {clock.stopped_at for clock in old} == {world.clock.moment}
        taken = clocks_of_ticket(context, ticket_for(context, new))
        assert [clock.started_at for clock in taken] == [world.clock.moment] * 2
    case_row = case_of(world, opened)
    assert (case_row.open_tickets, case_row.at_work, case_row.closed_at) == (1, 1, None)
    assert not {"case.closed", "case.reopened", "case.rested"} & set(kinds_of(world, opened))


def test_a_transfer_stands_in_both_journals(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        new = actions.transfer(context, opened.ticket_id, 1, **TO_TAX)
    facts = {(fact.tenant_id, fact.kind): fact for fact in facts_of(world, opened)}
    sent = facts[world.water.id, "ticket.transferred"]
    assert sent.version == 2
    assert sent.data == {
        "to_tenant": str(world.tax.id),
        "to_ticket": str(new),
        "reason": "رسوم الحفر لديهم",
    }
    taken = facts[world.tax.id, "ticket.opened"]
    assert (taken.ticket_id, taken.data["handed_on_by"]) == (new, str(opened.ticket_id))


def test_the_other_tenant_sees_the_case_only_from_then_on(world: World) -> None:
    opened = open_leak(world)
    with pytest.raises(NotFound), world.as_staff(world.tax) as context:
        case_for(context, opened.case_id)
    with world.as_staff(world.water) as context:
        new = actions.transfer(context, opened.ticket_id, 1, **TO_TAX)
    with world.as_staff(world.tax) as context:
        assert case_for(context, opened.case_id).number == opened.number
        person_id = ticket_for(context, new).person_id
        assert context.session.get_one(Person, person_id).name == "منى"
    with pytest.raises(NotFound), world.as_staff(world.tax) as context:
        ticket_for(context, opened.ticket_id)


def test_a_confidential_citizen_stays_hidden_from_the_next_tenant(world: World) -> None:
    opened = open_leak(world, confidential=True)
    with world.as_staff(world.water) as context:
        new = actions.transfer(context, opened.ticket_id, 1, **TO_TAX)
    taken = ticket_by_id(world, new, world.tax)
    assert (taken.confidential, taken.person_id) == (True, None)
    with world.as_staff(world.tax) as context:
        assert context.session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_case_goes_there_and_back_again(world: World) -> None:
    opened = open_leak(world, answers={"hazard": True, "hazard_kind": "هبوط"})
    with world.as_staff(world.water) as context:
        there = actions.transfer(context, opened.ticket_id, 1, **TO_TAX)
    with world.as_staff(world.tax) as context:
        back = actions.transfer(context, there, 1, **TO_WATER)
    returned = ticket_by_id(world, back)
    assert (returned.case_number, returned.status) == (opened.number, "received")
    assert [answer["answer"] for answer in returned.carried_answers or []] == [True, "هبوط"]
    assert [ticket.status for ticket in tickets_of(world, opened)] == [
        "transferred",
        "transferred",
        "received",
    ]
    assert (case_of(world, opened).open_tickets, case_of(world, opened).at_work) == (1, 1)
    with world.as_citizen(opened.case_id, world.water, world.tax) as context:
        actions.withdraw(context, back, 1)
    assert case_of(world, opened).closed_at == world.clock.moment


def test_a_transfer_to_oneself_is_refused(world: World) -> None:
    opened = open_leak(world)
    with refused(SameTenant, "tenant"), world.as_staff(world.water) as context:
        actions.transfer(context, opened.ticket_id, 1, **TO_WATER)
    assert version_of(world, opened) == 1


@pytest.mark.parametrize("state", [TenantState.PREPARING, TenantState.SUSPENDED])
def test_a_tenant_that_does_not_work_gets_nothing(world: World, state: TenantState) -> None:
    opened = open_leak(world)
    with world.as_system() as context:
        set_state(context, world.tax.id, state)
    for act in (actions.transfer, actions.add_tenant):
        with refused(UnknownTenant, "tenant"), world.as_staff(world.water) as context:
            act(context, opened.ticket_id, 1, **TO_TAX)
    assert len(tickets_of(world, opened)) == 1


def test_unknown_tenants_and_services_are_refused(world: World) -> None:
    opened = open_leak(world)
    for code in ("nothing", "", "hub ", "\0", "\udfff"):
        with refused(UnknownTenant, "tenant"), world.as_staff(world.water) as context:
            actions.transfer(context, opened.ticket_id, 1, tenant=code, service="leak", reason="لهم")
        with refused(UnknownService, "service"), world.as_staff(world.water) as context:
            actions.transfer(context, opened.ticket_id, 1, tenant="tax", service=code, reason="لهم")
    with refused(Missing, "reason"), world.as_staff(world.water) as context:
        actions.transfer(context, opened.ticket_id, 1, tenant="tax", service="leak", reason=" ")
    assert [ticket.version for ticket in tickets_of(world, opened)] == [1]
    assert len(facts_of(world, opened)) == 3


def test_a_solved_or_ended_ticket_is_not_passed_on(world: World) -> None:
    opened = open_leak(world)
    resolve(world, opened)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.transfer(context, opened.ticket_id, 2, **TO_TAX)
    with world.as_citizen(opened.case_id) as context:
        actions.confirm(context, opened.ticket_id, 2)
    with refused(CaseIsClosed, "ticket"), world.as_staff(world.water) as context:
        actions.transfer(context, opened.ticket_id, 3, **TO_TAX)
    assert len(tickets_of(world, opened)) == 1


def test_a_refused_transfer_opens_nothing_even_if_the_work_goes_on(world: World) -> None:
    opened = open_leak(world)
    resolve(world, opened)
    with world.as_staff(world.water) as context:
        with refused(MoveNotAllowed, "ticket"):
            actions.transfer(context, opened.ticket_id, 2, **TO_TAX)
        actions.add_note(context, opened.ticket_id, 2, text="لا تُحوَّل")
    assert len(tickets_of(world, opened)) == 1
    assert case_of(world, opened).open_tickets == 1


def test_a_tenant_with_an_open_ticket_gets_no_second_one(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.add_tenant(context, opened.ticket_id, 1, **TO_TAX)
    with refused(AlreadyConcerned, "tenant"), world.as_staff(world.water) as context:
        actions.transfer(context, opened.ticket_id, 2, **TO_TAX)
    assert [ticket.status for ticket in tickets_of(world, opened)] == ["received", "received"]


def test_after_a_transfer_the_work_sees_no_more_than_before(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.transfer(context, opened.ticket_id, 1, **TO_TAX)
        seen = context.session.scalars(text("SELECT DISTINCT tenant_id FROM services")).all()
        assert seen == [world.water.id]


def test_after_opening_a_case_the_work_still_sees_the_others(world: World) -> None:
    other, service = open_leak(world), select(func.count()).select_from(Service)
    with world.as_staff(world.water) as context:
        before = context.session.scalar(service.where(Service.tenant_id == world.water.id))
        actions.open_case(context, service="bill", description="فاتورة", channel=Channel.PHONE)
        assert context.session.scalar(service.where(Service.tenant_id == world.water.id)) == before
        assert ticket_for(context, other.ticket_id).status == "received"
