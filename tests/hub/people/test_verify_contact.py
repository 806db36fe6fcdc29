from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from hub.journal.models import Fact
from hub.people.actions import Reporter, verify_contact
from hub.people.models import Person
from tenants.context import CITIZEN, Actor, ActorKind
from tenants.errors import NotAllowed, NotFound
from tenants.ids import HUB
from tenants.permissions import Permission
from tests.factories.tickets import open_bill, open_leak
from tests.hub.people.seeing import person_behind, person_of, record_of
from tests.hub.tickets.refusals import refused
from tests.world import World

PHONE, EMAIL = "01001234567", "mona@example.com"


def test_a_citizen_proves_their_phone_and_is_known_by_it(world: World) -> None:
    opened = open_leak(world, reporter=Reporter(phone=PHONE))
    record = record_of(world, opened)
    with world.as_citizen(opened.case_id) as context:
        assert verify_contact(context, record, "phone") == record
        person = context.session.get_one(Person, record, populate_existing=True)
        assert (person.phone_verified_at, person.email_verified_at) == (world.clock.moment, None)
    later = open_leak(world, world.tax, reporter=Reporter(phone=PHONE, phone_verified=True))
    assert person_of(world, later) == record


def test_proving_a_known_contact_joins_the_record_to_its_person(world: World) -> None:
    known = open_leak(world, world.tax, reporter=Reporter(email=EMAIL, email_verified=True))
    opened = open_leak(world, reporter=Reporter(email=EMAIL))
    record, earlier = record_of(world, opened), record_of(world, known)
    with world.as_citizen(opened.case_id) as context:
        assert verify_contact(context, record, "email") == earlier
    assert person_of(world, opened) == record_of(world, known)


def test_a_second_proof_joins_two_people_and_loses_neither(world: World) -> None:
    by_phone = open_leak(world, reporter=Reporter(phone=PHONE, phone_verified=True))
    by_email = open_leak(world, world.tax, reporter=Reporter(email=EMAIL, email_verified=True))
    opened = open_leak(world, reporter=Reporter(phone=PHONE, email=EMAIL))
    record, earliest = record_of(world, opened), record_of(world, by_phone)
    with world.as_citizen(opened.case_id) as context:
        assert verify_contact(context, record, "phone") == earliest
        assert verify_contact(context, record, "email") == earliest
    assert person_of(world, opened) == person_of(world, by_phone) == person_of(world, by_email)


def test_whoever_others_were_joined_to_takes_them_along(world: World) -> None:
    elsewhere = open_leak(world, world.tax, reporter=Reporter(email=EMAIL, email_verified=True))
    first = open_leak(world, reporter=Reporter(phone=PHONE, phone_verified=True, email=EMAIL))
    second = open_bill(world, reporter=Reporter(phone=PHONE, phone_verified=True))
    record = record_of(world, first)
    with world.as_citizen(first.case_id) as context:
        verify_contact(context, record, "email")
    assert person_of(world, second) == record_of(world, elsewhere)


def test_proving_twice_is_fine(world: World) -> None:
    opened = open_leak(world, reporter=Reporter(phone=PHONE))
    record = record_of(world, opened)
    for _ in range(2):
        with world.as_citizen(opened.case_id) as context:
            assert verify_contact(context, record, "phone") == record
    assert person_behind(world, record) == record


def test_proof_is_a_fact_of_the_hub_without_the_contact(world: World) -> None:
    opened = open_leak(world, reporter=Reporter(phone=PHONE), confidential=True)
    record = record_of(world, opened)
    with world.as_citizen(opened.case_id) as context:
        verify_contact(context, record, "phone")
    with world.as_system() as context:
        facts = context.session.scalars(
            select(Fact).where(Fact.tenant_id == HUB, Fact.kind == "person.contact_verified")
        ).all()
        assert [fact.data for fact in facts] == [{"person_id": str(record), "contact": "phone"}]
    with world.as_system(world.water) as context:
        mine = context.session.scalars(select(Fact.kind).where(Fact.tenant_id == world.water.id)).all()
    assert "person.contact_verified" not in mine


@pytest.mark.parametrize(("contact", "field"), [("email", "email"), ("name", "contact"), ("id", "contact")])
def test_what_was_not_told_cannot_be_proved(world: World, contact: str, field: str) -> None:
    opened = open_leak(world, reporter=Reporter(name="منى", phone=PHONE))
    record = record_of(world, opened)
    with refused(NotFound, field), world.as_citizen(opened.case_id) as context:
        verify_contact(context, record, contact)


def test_the_system_says_what_a_channel_has_proved(world: World) -> None:
    opened = open_leak(world, reporter=Reporter(phone=PHONE))
    record = record_of(world, opened)
    with world.as_system(world.water) as context:
        assert verify_contact(context, record, "phone") == record


def test_nobody_proves_for_a_stranger(world: World) -> None:
    opened, other = open_leak(world, reporter=Reporter(phone=PHONE)), open_bill(world)
    record = record_of(world, opened)
    for entered, asked in (
        (world.as_system(world.tax), record),
        (world.as_citizen(other.case_id), record),
        (world.as_citizen(opened.case_id), uuid4()),
    ):
        with refused(NotFound, "phone"), entered as context:
            verify_contact(context, asked, "phone")


@pytest.mark.parametrize("who", ["agent", "manager", "key", "citizen without a case"])
def test_nobody_but_the_citizen_and_the_system_says_that_a_contact_is_proved(world: World, who: str) -> None:
    opened = open_leak(world, reporter=Reporter(phone=PHONE))
    record = record_of(world, opened)
    known = open_leak(world, world.tax, reporter=Reporter(phone=PHONE, phone_verified=True))
    actor = {
        "key": Actor(ActorKind.API_KEY, uuid4(), {world.water.id: frozenset(Permission)}),
        "citizen without a case": CITIZEN,
    }.get(who) or world.water[who]
    with (
        refused(NotAllowed, None),
        world.database.unit_of_work(actor=actor, tenants=(world.water.id,), clock=world.clock) as context,
    ):
        verify_contact(context, record, "phone")
    assert person_of(world, opened) == record != record_of(world, known)
