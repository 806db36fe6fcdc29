from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.proofs.queries import MOST, case_by_proof, proven_cases
from hub.stories.queries import case_for_citizen
from hub.tickets import actions
from hub.tickets.errors import WrongNumber
from hub.tickets.keys import case_by_pin
from hub.tickets.lifecycle import Status
from tenants.context import CITIZEN
from tenants.errors import NotFound
from tenants.languages import Text
from tests.factories.tickets import work_on
from tests.hub.messages.mail_server import Behaviour
from tests.hub.proofs.proving import EMAIL, case_with, listed, proved
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_all_cases_of_the_address_in_all_bodies_newest_first(world: World, mails: Behaviour) -> None:
    first = case_with(world)
    world.clock.advance(timedelta(days=1))
    second = case_with(world, agency=world.tax, verified=True)
    secret = proved(world, mails)
    assert listed(world, secret) == [second.number, first.number]


def test_a_case_is_listed_by_number_service_body_date_and_status(world: World, mails: Behaviour) -> None:
    opened = case_with(world)
    work_on(world, opened)
    with world.as_staff(world.water) as context:
        actions.add_tenant(context, opened.ticket_id, 3, tenant="tax", service="bill", reason="وفاتورته")
    (case,) = proven_cases(world.database, proved(world, mails), clock=world.clock).cases
    assert (case.number, case.opened_at, case.closed_at) == (opened.number, world.clock.moment, None)
    assert [(part.service.en, part.body, part.status) for part in case.parts] == [
        ("Burst pipe", Text(ar="شركة المياه", en="Water company"), Status.IN_PROGRESS),
        ("Question about a bill", Text(ar="مصلحة الضرائب", en="Tax authority"), Status.ASSIGNED),
    ]
    assert "ماسورة مكسورة" not in repr(case)


def test_a_case_that_was_handed_on_is_told_by_who_has_it(world: World, mails: Behaviour) -> None:
    opened = case_with(world)
    with world.as_staff(world.water) as context:
        actions.transfer(context, opened.ticket_id, 1, tenant="tax", service="bill", reason="ليست لنا")
    (case,) = proven_cases(world.database, proved(world, mails), clock=world.clock).cases
    assert [part.body.en for part in case.parts] == ["Tax authority"]


def test_nobody_else_s_case_is_shown(world: World, mails: Behaviour) -> None:
    for email in ("nadia@example.com", "mona@example.org", "mona+1@example.com", "amona@example.com", None):
        case_with(world, email)
    assert listed(world, proved(world, mails)) == []


@pytest.mark.parametrize("email", ["%@example.com", "_ona@example.com"])
def test_no_pattern_finds_anything(world: World, mails: Behaviour, email: str) -> None:
    case_with(world)
    with world.as_citizen(case_with(world).case_id) as context:
        found = context.session.scalars(
            text("SELECT case_id FROM cases_of_email(:email, 50)"), {"email": email}
        )
        assert found.all() == []


def test_who_shares_a_telephone_shares_no_cases(world: World, mails: Behaviour) -> None:
    phone = "01112223334"
    mine = case_with(world, verified=True, phone=phone)
    case_with(world, "nadia@example.com", phone=phone)
    case_with(world, None, phone=phone)
    assert listed(world, proved(world, mails)) == [mine.number]


def test_a_confidential_case_is_shown_only_if_the_address_was_proved_on_it(
    world: World, mails: Behaviour
) -> None:
    hidden = case_with(world, confidential=True)
    shown = case_with(world, confidential=True, verified=True)
    assert listed(world, proved(world, mails)) == [shown.number]
    # Whoever holds its PIN proves the address there, and finds it in the list from then on.
    opened = case_by_pin(world.database, hidden.number, hidden.pin, clock=world.clock)
    assert set(listed(world, proved(world, mails, case=opened))) == {hidden.number, shown.number}
    assert set(listed(world, proved(world, mails))) == {hidden.number, shown.number}


def test_a_case_of_the_list_is_opened_for_its_citizen(world: World, mails: Behaviour) -> None:
    opened = case_with(world, agency=world.tax)
    secret = proved(world, mails)
    case = case_by_proof(world.database, secret, opened.number, clock=world.clock)
    assert (case.case_id, case.tenants) == (opened.case_id, frozenset({world.tax.id}))
    with world.database.unit_of_work(
        actor=CITIZEN, tenants=case.tenants, case_id=case.case_id, clock=world.clock
    ) as context:
        assert case_for_citizen(context).number == opened.number


def test_a_case_out_of_the_list_is_answered_as_if_it_were_not(world: World, mails: Behaviour) -> None:
    secret = proved(world, mails)
    for opened in (case_with(world, "nadia@example.com"), case_with(world, confidential=True)):
        with refused(NotFound, "number"):
            case_by_proof(world.database, secret, opened.number, clock=world.clock)
    with refused(WrongNumber, "number"):
        case_by_proof(world.database, secret, "1234567890"[::-1], clock=world.clock)


def test_of_very_many_cases_the_newest_are_shown(world: World, mails: Behaviour) -> None:
    numbers = []
    for _ in range(MOST + 2):
        numbers.append(case_with(world).number)
        world.clock.advance(timedelta(minutes=1))
    assert listed(world, proved(world, mails)) == numbers[:1:-1]


def test_asking_leaves_nothing_open(world: World) -> None:
    """What opened the keys of one person for a moment is closed again, and staff never open any."""
    case_with(world)
    asked_for = text("SELECT count(*) FROM cases_of_email(:email, 50)")
    with world.database.unit_of_work(actor=CITIZEN, tenants=(world.water.id,)) as context:
        assert context.session.execute(asked_for, {"email": EMAIL}).scalar_one() == 1
        assert context.session.scalar(text("SELECT count(*) FROM case_keys")) == 0
        assert context.session.scalar(text("SELECT current_person()")) is None
    with world.as_staff(world.water, "manager") as context:
        assert context.session.execute(asked_for, {"email": EMAIL}).scalar_one() == 0
