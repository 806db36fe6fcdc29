from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text

from hub.people.actions import Reporter
from hub.people.models import Person
from hub.proofs.actions import PROVEN_FOR, TRIES, VALID_FOR, enter_code, forget_proofs
from hub.proofs.codes import new_proof_secret
from hub.proofs.errors import CodeOver, NotACode, WrongCode
from hub.proofs.queries import proven_cases
from hub.tickets.actions import Opened
from hub.tickets.keys import OpenedCase, case_by_pin
from tests.factories.tickets import open_leak
from tests.hub.messages.mail_server import Behaviour
from tests.hub.people.seeing import person_of, record_of
from tests.hub.proofs.proving import EMAIL, asked, case_with, code_of, listed, other, proved
from tests.hub.tickets.refusals import refused
from tests.world import World


def enter(world: World, secret: str, code: str) -> None:
    enter_code(world.database, secret, code, clock=world.clock)


def by_pin(world: World, opened: Opened) -> OpenedCase:
    return case_by_pin(world.database, opened.number, opened.pin, clock=world.clock)


def proved_at(world: World, opened: Opened) -> object:
    with world.as_citizen(opened.case_id, world.water, world.tax) as context:
        return context.session.scalar(
            select(Person.email_verified_at).where(Person.id == record_of(world, opened))
        )


def test_the_code_that_was_sent_proves_the_address(world: World, mails: Behaviour) -> None:
    secret = proved(world, mails)
    assert proven_cases(world.database, secret, clock=world.clock).email == EMAIL


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: f" {code[:3]} {code[3:]} ",
        lambda code: f"{code[:3]}-{code[3:]}",
        lambda code: code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        lambda code: f"\u2066{code}\u2069",
    ],
)
def test_a_code_may_be_typed_in_any_digits_and_groups(
    world: World, mails: Behaviour, typed: Callable[[str], str]
) -> None:
    secret = asked(world)
    enter(world, secret, typed(code_of(world, mails)))
    assert listed(world, secret) == []


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "½23456", "1" * 1000, "\0" * 6])
def test_what_is_no_code_costs_no_try(world: World, mails: Behaviour, typed: str) -> None:
    secret = asked(world)
    for _ in range(TRIES + 1):
        with refused(NotACode, "code"):
            enter(world, secret, typed)
    enter(world, secret, code_of(world, mails))


def test_five_wrong_codes_make_the_right_one_void(world: World, mails: Behaviour) -> None:
    secret = asked(world)
    code = code_of(world, mails)
    for left in (4, 3, 2, 1):
        with refused(WrongCode, "code") as told:
            enter(world, secret, other(code))
        assert told.value.facts == {"left": left}
    with refused(CodeOver, "code"):
        enter(world, secret, other(code))
    with refused(CodeOver, "code"):
        enter(world, secret, code)
    with refused(CodeOver, "code"):
        proven_cases(world.database, secret, clock=world.clock)


def test_two_hundred_guesses_at_once_are_five(own_world: World, mails: Behaviour) -> None:
    secret = asked(own_world)
    code = code_of(own_world, mails)
    together = Barrier(8)

    def guess(number: int) -> type[Exception]:
        if number < 8:
            together.wait()
        try:
            enter(own_world, secret, other(code))
        except (WrongCode, CodeOver) as answer:
            return type(answer)
        raise AssertionError

    with ThreadPoolExecutor(8) as guessers:
        answers = list(guessers.map(guess, range(200)))
    assert answers.count(WrongCode) == TRIES - 1
    assert answers.count(CodeOver) == 200 - (TRIES - 1)


def test_a_code_is_over_after_ten_minutes(world: World, mails: Behaviour) -> None:
    secret = asked(world)
    code = code_of(world, mails)
    world.clock.advance(VALID_FOR - timedelta(seconds=1))
    with pytest.raises(WrongCode):
        enter(world, secret, other(code))
    world.clock.advance(timedelta(seconds=1))
    with refused(CodeOver, "code"):
        enter(world, secret, code)


def test_a_code_works_once(world: World, mails: Behaviour) -> None:
    secret = asked(world)
    code = code_of(world, mails)
    enter(world, secret, code)
    with refused(CodeOver, "code"):
        enter(world, secret, code)


def test_a_code_opens_nothing_in_another_browser(world: World, mails: Behaviour) -> None:
    mine = asked(world)
    code = code_of(world, mails)
    theirs = asked(world)
    if code_of(world, mails) != code:
        with refused(WrongCode, "code"):
            enter(world, theirs, code)
    enter(world, mine, code)


@pytest.mark.parametrize(
    "secret", [pytest.param(new_proof_secret(), id="of nobody"), "", "made up", "é" * 43, "\0"]
)
def test_a_secret_that_nobody_was_given_is_answered_like_an_old_code(world: World, secret: str) -> None:
    with refused(CodeOver, "code"):
        enter(world, secret, "123456")
    with refused(CodeOver, "code"):
        proven_cases(world.database, secret, clock=world.clock)


def test_what_was_proved_is_shown_for_half_an_hour(world: World, mails: Behaviour) -> None:
    secret = proved(world, mails)
    world.clock.advance(PROVEN_FOR - timedelta(seconds=1))
    assert listed(world, secret) == []
    world.clock.advance(timedelta(seconds=1))
    with refused(CodeOver, "code"):
        listed(world, secret)


def test_proofs_that_are_over_are_forgotten(world: World, mails: Behaviour) -> None:
    asked(world)
    secret = proved(world, mails)
    world.clock.advance(VALID_FOR)
    with world.as_system(world.water) as context:
        assert forget_proofs(context, limit=10) == 0
    with world.as_system() as context:
        assert forget_proofs(context, limit=10) == 1
    assert listed(world, secret) == []
    world.clock.advance(PROVEN_FOR)
    with world.as_system() as context:
        assert forget_proofs(context, limit=10) == 1


def test_the_code_alone_marks_no_record_and_joins_nobody(world: World, mails: Behaviour) -> None:
    """Somebody puts a victim's address beside their own telephone, and waits for the victim to enter a code."""
    victim = case_with(world, verified=True)
    trap = case_with(world, phone="01112223334")
    proved(world, mails)
    assert proved_at(world, trap) is None
    assert person_of(world, trap) == record_of(world, trap) != person_of(world, victim)


def test_on_a_case_that_was_opened_by_its_pin_the_address_is_noted(world: World, mails: Behaviour) -> None:
    earlier = case_with(world, verified=True)
    opened = case_with(world, agency=world.tax)
    proved(world, mails, case=by_pin(world, opened))
    assert proved_at(world, opened) == world.clock.moment
    assert person_of(world, opened) == record_of(world, earlier)


def test_another_address_than_the_case_s_is_not_noted_on_it(world: World, mails: Behaviour) -> None:
    opened = case_with(world, "nadia@example.com")
    secret = proved(world, mails, case=by_pin(world, opened))
    assert proved_at(world, opened) is None
    assert listed(world, secret) == []


def test_a_case_of_nobody_takes_no_proof(world: World, mails: Behaviour) -> None:
    opened = open_leak(world, reporter=None)
    assert listed(world, proved(world, mails, case=by_pin(world, opened))) == []
    only_phone = open_leak(world, reporter=Reporter(phone="01001234567"))
    proved(world, mails, case=by_pin(world, only_phone))
    assert proved_at(world, only_phone) is None


def test_a_wrong_code_notes_nothing_on_a_case(world: World, mails: Behaviour) -> None:
    opened = case_with(world)
    secret = asked(world)
    with refused(WrongCode, "code"):
        enter_code(
            world.database,
            secret,
            other(code_of(world, mails)),
            case=by_pin(world, opened),
            clock=world.clock,
        )
    assert proved_at(world, opened) is None


def test_staff_see_no_proofs(world: World, mails: Behaviour) -> None:
    asked(world)
    for who in ("agent", "manager"):
        with world.as_staff(world.water, who) as context:
            assert context.session.scalar(text("SELECT count(*) FROM proofs")) == 0
