from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, text

from hub.journal.models import Fact
from hub.people.actions import Reporter
from hub.people.models import Person
from hub.tickets import actions
from hub.tickets.actions import Opened
from tenants.ids import HUB
from tenants.servers import OwnServer
from tests.factories.tickets import open_bill, open_leak, ticket_of
from tests.hub.people.seeing import person_of, record_of
from tests.hub.tickets.seeing import everything
from tests.world import World

PHONE, EMAIL = "01001234567", "mona@example.com"


def test_a_verified_phone_joins_records_across_tenants(world: World) -> None:
    first = open_leak(world, reporter=Reporter(name="منى", phone=PHONE, phone_verified=True))
    second = open_leak(
        world, world.tax, reporter=Reporter(name="منى أحمد", phone="+20 100 123 4567", phone_verified=True)
    )
    assert record_of(world, first) != record_of(world, second)
    assert person_of(world, first) == person_of(world, second)


def test_a_verified_address_joins_records_too(world: World) -> None:
    first = open_leak(world, reporter=Reporter(email=EMAIL, email_verified=True))
    second = open_bill(world, reporter=Reporter(email=" mona@EXAMPLE.com ", email_verified=True))
    assert person_of(world, first) == person_of(world, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Reporter(phone=PHONE), Reporter(phone=PHONE)),
        (Reporter(phone=PHONE, phone_verified=True), Reporter(phone=PHONE)),
        (Reporter(phone=PHONE), Reporter(phone=PHONE, phone_verified=True)),
        (Reporter(email=EMAIL, email_verified=True), Reporter(email=EMAIL)),
        (Reporter(phone=PHONE, phone_verified=True), Reporter(phone="01001234568", phone_verified=True)),
        (Reporter(name="منى"), Reporter(name="منى")),
        (Reporter(phone_verified=True), Reporter(phone_verified=True)),
    ],
)
def test_nothing_unverified_ever_joins(world: World, first: Reporter, second: Reporter) -> None:
    cases = [open_leak(world, reporter=first), open_leak(world, world.tax, reporter=second)]
    assert person_of(world, cases[0]) != person_of(world, cases[1])


def test_a_person_is_found_by_whatever_contact_they_ever_proved(world: World) -> None:
    by_phone = open_leak(world, reporter=Reporter(phone=PHONE, phone_verified=True))
    both = open_leak(
        world, reporter=Reporter(phone=PHONE, phone_verified=True, email=EMAIL, email_verified=True)
    )
    by_email = open_leak(world, world.tax, reporter=Reporter(email=EMAIL, email_verified=True))
    assert person_of(world, by_phone) == person_of(world, both) == person_of(world, by_email)


def test_two_people_turn_out_to_be_one(world: World) -> None:
    by_phone = open_leak(world, reporter=Reporter(phone=PHONE, phone_verified=True))
    by_email = open_leak(world, world.tax, reporter=Reporter(email=EMAIL, email_verified=True))
    assert person_of(world, by_phone) != person_of(world, by_email)
    both = open_leak(
        world, reporter=Reporter(phone=PHONE, phone_verified=True, email=EMAIL, email_verified=True)
    )
    assert person_of(world, by_phone) == person_of(world, by_email) == person_of(world, both)
    assert person_of(world, both) == record_of(world, by_phone)


def test_joining_is_a_fact_of_the_hub_and_of_no_tenant(world: World) -> None:
    reporter = Reporter(phone=PHONE, phone_verified=True)
    first = open_leak(world, reporter=reporter)
    second = open_leak(world, world.tax, reporter=reporter, confidential=True)
    with world.as_system() as context:
        facts = context.session.scalars(
            select(Fact).where(Fact.tenant_id == HUB, Fact.kind == "person.joined")
        ).all()
        assert [fact.data for fact in facts] == [
            {"person_id": str(record_of(world, second)), "joined_to": str(record_of(world, first))}
        ]
    with world.as_system(world.water, world.tax) as context:
        said = context.session.scalars(
            select(Fact.data).where(Fact.tenant_id.in_((world.water.id, world.tax.id)))
        ).all()
    assert str(record_of(world, second)) not in str(said)


def test_a_tenant_sees_only_the_records_its_own_tickets_show(world: World) -> None:
    mine = open_leak(world, reporter=Reporter(name="منى", phone=PHONE, phone_verified=True))
    theirs = open_leak(
        world,
        world.tax,
        reporter=Reporter(name="منى أحمد", phone=PHONE, phone_verified=True, email=EMAIL),
    )
    open_leak(world, reporter=Reporter(name="سرية", phone=PHONE, phone_verified=True), confidential=True)
    for agency, opened, name in ((world.water, mine, "منى"), (world.tax, theirs, "منى أحمد")):
        with world.as_staff(agency, "manager") as context:
            people = context.session.scalars(select(Person)).all()
            assert [(person.id, person.name) for person in people] == [
                (ticket_of(world, opened, agency).person_id, name)
            ]


def test_nobody_can_be_looked_up_or_changed_from_another_tenant(world: World) -> None:
    opened = open_leak(world, reporter=Reporter(name="منى", phone=PHONE, phone_verified=True))
    record = record_of(world, opened)
    with world.as_staff(world.tax, "manager") as context:
        assert context.session.get(Person, record) is None
        for change in ("name = 'x'", "phone = NULL", "joined_to = id"):
            done = context.session.execute(text(f"UPDATE people SET {change} WHERE id = :id"), {"id": record})
            assert done.rowcount == 0  # type: ignore[attr-defined]
        # Whoever holds the exact contact learns that it is known, and an id; nothing else.
        found = context.session.execute(text("SELECT person_of_contact('phone', '+201001234567')"))
        assert found.scalar_one() == record
        assert context.session.execute(text("SELECT current_contact(), current_person()")).one() == (
            None,
            None,
        )
        assert context.session.scalars(select(Person)).all() == []


def test_a_citizen_sees_their_own_record_and_no_other(world: World) -> None:
    opened = open_leak(world, reporter=Reporter(name="منى", phone=PHONE))
    open_leak(world, reporter=Reporter(name="غيرها", phone="01001234568"))
    with world.as_citizen(opened.case_id) as context:
        assert context.session.scalars(select(Person.name)).all() == ["منى"]


def test_a_case_may_be_opened_by_nobody_known(world: World) -> None:
    opened = open_leak(world, reporter=None)
    assert ticket_of(world, opened).person_id is None
    with world.as_citizen(opened.case_id) as context:
        actions.withdraw(context, opened.ticket_id, 1)


def test_parallel_openings_with_the_same_new_phone_are_one_person(
    own_world: World, server: OwnServer
) -> None:
    reporter = Reporter(name="منى", phone=PHONE, phone_verified=True)
    _at_once(
        *[
            lambda agency=agency: open_leak(own_world, agency, reporter=reporter)
            for agency in (own_world.water, own_world.tax) * 6
        ]
    )
    with everything(own_world, server) as see:
        assert see("SELECT count(*), count(joined_to), count(DISTINCT joined_to) FROM people") == [
            (12, 11, 1)
        ]
        assert see(
            "SELECT count(*) FROM people p JOIN people k ON p.joined_to = k.id WHERE k.joined_to IS NULL"
        ) == [(11,)]


def test_parallel_joins_of_many_contacts_end_in_one_person_and_no_circle(
    own_world: World, server: OwnServer
) -> None:
    phones = [f"0100123456{digit}" for digit in range(8)]
    emails = [f"mona{digit}@example.com" for digit in range(8)]

    def both(phone: str, email: str) -> Callable[[], Opened]:
        reporter = Reporter(phone=phone, phone_verified=True, email=email, email_verified=True)
        return lambda: open_bill(own_world, reporter=reporter)

    # A chain: each record shares its phone with one neighbour and its address with the other.
    pairs = [(phones[n], emails[n]) for n in range(8)] + [(phones[n], emails[n - 1]) for n in range(1, 8)]
    _at_once(*[both(phone, email) for phone, email in pairs])
    with everything(own_world, server) as see:
        assert see("SELECT count(*), count(joined_to) FROM people") == [(15, 14)]
        assert see("SELECT count(*) FROM people WHERE joined_to >= id") == [(0,)]


def _at_once(*acts: Callable[[], Opened]) -> list[Opened]:
    start = Barrier(min(len(acts), 8))

    def run(turn: int) -> list[Opened]:
        start.wait()
        return [act() for act in acts[turn::8]]

    with ThreadPoolExecutor(8) as pool:
        return [
            opened
            for each in [pool.submit(run, turn) for turn in range(min(len(acts), 8))]
            for opened in each.result()
        ]
