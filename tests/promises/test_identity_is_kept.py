"""Who asked, and what opens their case, is kept from whom they complain about, by the database and not by a page."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from hub.people.actions import Reporter
from hub.people.models import Person
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.tickets.models import CaseKey, Ticket
from hub.tickets.settings import key_settings
from tests.factories.tickets import open_leak, resolve, ticket_of, work_on
from tests.promises.populated import Connection, Populated
from tests.promises.reach import give_context
from tests.world import World

NAME, PHONE, EMAIL = "سميرة كناري", "01112223334", "canary@example.org"


@dataclass(frozen=True)
class Canary:
    """A confidential case, through much of its life, and everything of it that may stand nowhere else."""

    opened: Opened
    words: tuple[str, ...]


@pytest.fixture
def canary(world: World) -> Canary:
    reporter = Reporter(name=NAME, phone=PHONE, email=EMAIL, phone_verified=True, email_verified=True)
    opened = open_leak(world, confidential=True, reporter=reporter)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        actions.ask(context, opened.ticket_id, version, text="أين؟")
    with world.as_citizen(opened.case_id) as context:
        actions.answer(context, opened.ticket_id, version + 1, text="هنا")
    resolve(world, opened)
    with world.as_citizen(opened.case_id) as context:
        actions.reopen(
            context, opened.ticket_id, ticket_for(context, opened.ticket_id).version, reason="لا يزال"
        )
    with world.as_staff(world.water) as context:
        version = ticket_for(context, opened.ticket_id).version
        actions.transfer(context, opened.ticket_id, version, tenant="tax", service="leak", reason="ليست لنا")
    pepper = key_settings().pepper.get_secret_value().encode()
    digests = (
        hmac.digest(pepper, opened.case_id.bytes + opened.pin.encode(), "sha256"),
        hashlib.sha256(opened.secret.encode()).digest(),
    )
    return Canary(
        opened,
        (
            NAME,
            "كناري",
            PHONE,
            PHONE.lstrip("0"),
            EMAIL,
            opened.pin,
            opened.secret,
            *(digest.hex() for digest in digests),
        ),
    )


def rows(world: World, table: str) -> list[str]:
    """All rows of a table that any tenant can see, as text."""
    with world.as_system(world.water, world.tax) as context:
        found = context.session.connection().exec_driver_sql(f"SELECT t::text FROM {table} t")
        return [text for (text,) in found]


@pytest.mark.parametrize(
    "table", ["journal", "jobs", "tickets", "ticket_entries", "ticket_clocks", "cases", "case_clocks"]
)
def test_no_row_that_a_tenant_sees_holds_a_word_of_who_asked(
    world: World, canary: Canary, table: str
) -> None:
    seen = rows(world, table)
    assert table == "jobs" or any(str(canary.opened.case_id) in row for row in seen)
    for row in seen:
        # Six digits of a PIN also stand inside ids and times; as a word of its own it stands nowhere.
        words = {*row.replace('"', " ").replace(",", " ").replace(":", " ").split()}
        assert canary.opened.pin not in words
        assert not [word for word in canary.words if word != canary.opened.pin and word in row]


def test_no_tenant_sees_the_person_of_a_confidential_case(world: World, canary: Canary) -> None:
    for agency in (world.water, world.tax):
        for who in ("lead", "manager"):
            with world.as_staff(agency, who) as context:
                assert context.session.scalars(select(Person).where(Person.name == NAME)).all() == []
                assert context.session.scalars(select(CaseKey)).all() == []
        with world.as_system(agency) as context:
            assert context.session.scalars(select(Person).where(Person.phone == "+201112223334")).all() == []
            assert context.session.scalars(select(CaseKey)).all() == []


def test_the_citizen_sees_themselves(world: World, canary: Canary) -> None:
    with world.as_citizen(canary.opened.case_id, world.water, world.tax) as context:
        assert context.session.scalars(select(Person.name)).all() == [NAME]
        assert context.session.scalars(select(CaseKey.case_id)).all() == [canary.opened.case_id]


def test_staff_bound_to_a_case_read_neither_its_keys_nor_its_person(world: World, canary: Canary) -> None:
    with world.as_staff(world.tax) as context:
        bound = context.reaching(canary.opened.case_id)
        assert bound.session.scalars(
            select(Ticket.case_id).where(Ticket.tenant_id == world.tax.id)
        ).all() == [canary.opened.case_id]
        assert bound.session.scalars(select(CaseKey)).all() == []
        assert bound.session.scalars(select(Person)).all() == []


def test_a_tenant_sees_a_person_only_as_its_own_ticket_shows_them(world: World) -> None:
    """Two records of one person, told to two tenants, are joined; neither tenant learns what the other was told."""
    told_water = Reporter(name="منى علي", phone=PHONE, phone_verified=True)
    told_tax = Reporter(name="م. ع.", phone=PHONE, phone_verified=True, email=EMAIL)
    open_leak(world, world.water, reporter=told_water)
    open_leak(world, world.tax, reporter=told_tax)
    for agency, name in ((world.water, "منى علي"), (world.tax, "م. ع.")):
        with world.as_staff(agency) as context:
            assert context.session.scalars(select(Person.name)).all() == [name]


def test_transfer_carries_the_person_only_if_they_are_not_confidential(world: World) -> None:
    for confidential in (False, True):
        opened = open_leak(world, confidential=confidential)
        with world.as_staff(world.water) as context:
            moved = actions.transfer(
                context, opened.ticket_id, 1, tenant="tax", service="leak", reason="ليست لنا"
            )
        with world.as_staff(world.tax) as context:
            assert (ticket_for(context, moved).person_id is None) is confidential
        assert (ticket_of(world, opened).person_id is None) is confidential


def test_what_is_taken_home_shows_no_secret_when_printed(world: World) -> None:
    opened = open_leak(world)
    assert opened.pin not in repr(opened).replace(str(opened.case_id), "").replace(str(opened.ticket_id), "")
    assert opened.secret not in repr(opened)


def test_a_number_finds_its_case_and_lists_none(populated: Populated, app: Connection) -> None:
    opened = populated.water.tickets["received"]
    assert app.execute("SELECT case_of_number(%s)", (opened.number,)).fetchone() == (opened.case_id,)
    # What opened one case for a moment is closed again.
    assert app.execute("SELECT count(*) FROM cases").fetchone() == (0,)
    assert app.execute("SELECT case_of_number('0000000000')").fetchone() == (None,)
    assert app.execute("SELECT case_of_number('%%')").fetchone() == (None,)


def test_a_contact_finds_its_person_and_lists_none(populated: Populated, app: Connection) -> None:
    give_context(app, [populated.tax.agency.id])
    before = app.execute("SELECT count(*) FROM people").fetchone()
    for contact in ("%", "", "+20%", "01234567890"):
        assert app.execute("SELECT person_of_contact('phone', %s)", (contact,)).fetchone() == (None,)
    assert app.execute("SELECT count(*) FROM people").fetchone() == before
