from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, event, select, text

from hub.journal.models import Fact
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.tickets.errors import Throttled, WrongKey, WrongLink, WrongNumber
from hub.tickets.keys import OpenedCase, case_by_pin, case_by_secret
from hub.tickets.models import CaseKey, KeyAttempts
from hub.tickets.numbers import grouped, new_number
from hub.tickets.settings import key_settings
from tenants.context import CITIZEN
from tenants.errors import NotFound
from tenants.ids import HUB
from tenants.servers import OwnServer
from tests.factories.tickets import open_bill, open_leak
from tests.hub.tickets.refusals import refused
from tests.hub.tickets.seeing import everything
from tests.world import World

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
FREE = 5


def test_number_and_pin_open_the_case(world: World) -> None:
    opened = open_leak(world)
    found = case_by_pin(world.database, opened.number, opened.pin, clock=world.clock)
    assert found == OpenedCase(opened.case_id, frozenset({world.water.id}))


def test_the_link_opens_the_case(world: World) -> None:
    opened = open_leak(world)
    found = case_by_secret(world.database, opened.number, opened.secret, clock=world.clock)
    assert found == OpenedCase(opened.case_id, frozenset({world.water.id}))


def test_numbers_and_pins_are_taken_as_people_type_them(world: World) -> None:
    opened = open_leak(world)
    number = "\u200f " + grouped(opened.number).translate(ARABIC) + "\u200e"
    pin = opened.pin[:3].translate(ARABIC) + " " + opened.pin[3:]
    assert case_by_pin(world.database, number, pin, clock=world.clock).case_id == opened.case_id


def test_an_opened_case_is_the_citizens_in_every_tenant_it_concerns(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        new = actions.transfer(
            context, opened.ticket_id, 1, tenant="tax", service="leak", reason="رسوم الحفر"
        )
    found = case_by_pin(world.database, opened.number, opened.pin, clock=world.clock)
    assert found.tenants == {world.water.id, world.tax.id}
    other = open_leak(world, world.tax)
    with world.database.unit_of_work(
        actor=CITIZEN, tenants=found.tenants, case_id=found.case_id, clock=world.clock
    ) as context:
        assert ticket_for(context, opened.ticket_id).status == "transferred"
        actions.withdraw(context, new, 1)
        with pytest.raises(NotFound):
            ticket_for(context, other.ticket_id)


def test_a_slip_in_the_number_is_told_as_such_and_costs_no_attempt(world: World) -> None:
    opened = open_leak(world)
    slip = opened.number[:-1] + str((int(opened.number[-1]) + 1) % 10)
    for _ in range(FREE + 1):
        with refused(WrongNumber, "number"):
            case_by_pin(world.database, slip, opened.pin, clock=world.clock)
        with refused(WrongNumber, "number"):
            case_by_secret(world.database, slip, opened.secret, clock=world.clock)
    assert _attempts(world) == []


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "12345x", "\0", "\ud800", "１２３４５６", "-12345"])
def test_what_is_no_pin_opens_nothing_and_costs_no_attempt(world: World, pin: str) -> None:
    opened = open_leak(world)
    for _ in range(FREE + 1):
        with refused(WrongKey, "pin"):
            case_by_pin(world.database, opened.number, pin, clock=world.clock)
    assert _attempts(world) == []


def test_an_unknown_number_and_a_wrong_pin_get_the_same_answers_all_along(world: World) -> None:
    opened, unknown = open_leak(world), _unknown(world)
    answers = {
        number: [_answer(world, number, pin) for pin in _wrong(opened, FREE + 3)]
        for number in (opened.number, unknown)
    }
    assert answers[opened.number] == answers[unknown]
    assert [name for name, _ in answers[unknown]] == ["WrongKey"] * FREE + ["Throttled"] * 3


def test_an_unknown_number_costs_the_database_the_same_work(world: World) -> None:
    opened, unknown = open_leak(world), _unknown(world)
    for pin in _wrong(opened, FREE + 1):
        with _statements(world) as known:
            _answer(world, opened.number, pin)
        with _statements(world) as none:
            _answer(world, unknown, pin)
        assert known == none
        assert len(known) > 3


def test_a_case_without_keys_is_like_no_case(own_world: World, server: OwnServer) -> None:
    # Cases of older systems are taken over without a PIN.
    opened = open_bill(own_world)
    with everything(own_world, server) as see:
        see("DELETE FROM case_keys RETURNING 1")
    for pin in ("000000", opened.pin):
        assert _answer(own_world, opened.number, pin)[0] == "WrongKey"
    for secret in ("", opened.secret):
        with refused(WrongLink, "secret"):
            case_by_secret(own_world.database, opened.number, secret, clock=own_world.clock)


@pytest.mark.parametrize("secret", ["", "x", "\0", "سر", "\ud800", "a" * 1_000_000])
def test_a_wrong_link_opens_nothing(world: World, secret: str) -> None:
    opened, other = open_leak(world), open_leak(world)
    for wrong in (secret, other.secret, opened.secret[:-1], opened.secret.swapcase(), opened.pin):
        with refused(WrongLink, "secret"):
            case_by_secret(world.database, opened.number, wrong, clock=world.clock)


def test_waits_double_and_the_right_pin_is_not_looked_at_meanwhile(world: World) -> None:
    opened = open_leak(world)
    for pin in _wrong(opened, FREE):
        _answer(world, opened.number, pin)
    for doubling in range(6):
        wait = timedelta(seconds=60 * 2**doubling)
        with refused(Throttled, "pin") as caught:
            case_by_pin(world.database, opened.number, opened.pin, clock=world.clock)
        assert caught.value.facts["minutes"] == 2**doubling
        world.clock.advance(wait - timedelta(microseconds=1))
        assert _answer(world, opened.number, opened.pin) == ("Throttled", {"minutes": 1})
        world.clock.advance(timedelta(microseconds=1))
        assert _answer(world, opened.number, _wrong(opened, 1)[0])[0] == "WrongKey"
    world.clock.advance(timedelta(seconds=60 * 2**6))
    assert case_by_pin(world.database, opened.number, opened.pin, clock=world.clock)


def test_the_longest_wait_is_a_day(world: World) -> None:
    opened = open_leak(world)
    for pin in _wrong(opened, 60):
        _answer(world, opened.number, pin)
        world.clock.advance(timedelta(days=1))
    assert _answer(world, opened.number, opened.pin) == ("opened", {})
    assert key_settings().longest_wait_seconds == 86400


def test_a_right_pin_forgives_the_wrong_ones(world: World) -> None:
    opened = open_leak(world)
    for _ in range(3):
        for pin in _wrong(opened, FREE - 1):
            assert _answer(world, opened.number, pin)[0] == "WrongKey"
        assert _answer(world, opened.number, opened.pin)[0] == "opened"
        assert _attempts(world) == []


def test_guessing_at_one_case_does_not_lock_another(world: World) -> None:
    opened, other = open_leak(world), open_leak(world)
    for pin in _wrong(opened, FREE + 2):
        _answer(world, opened.number, pin)
    assert _answer(world, other.number, other.pin)[0] == "opened"


def test_the_link_opens_the_case_while_somebody_guesses_at_its_pin(world: World) -> None:
    opened = open_leak(world)
    for pin in _wrong(opened, FREE + 2):
        _answer(world, opened.number, pin)
    assert case_by_secret(world.database, opened.number, opened.secret, clock=world.clock)
    assert _answer(world, opened.number, opened.pin)[0] == "Throttled"


def test_throttling_stands_in_the_hubs_journal_and_names_no_key(world: World) -> None:
    opened = open_leak(world)
    wrong = _wrong(opened, FREE + 2)
    for pin in wrong:
        _answer(world, opened.number, pin)
    with world.as_system() as context:
        facts = context.session.scalars(
            select(Fact).where(Fact.tenant_id == HUB, Fact.kind == "case.keys_throttled")
        ).all()
    until = world.clock.moment + timedelta(seconds=60)
    assert [(fact.case_id, fact.data) for fact in facts] == [(opened.case_id, {"until": until.isoformat()})]


def test_keys_are_in_no_log_and_no_refusal(world: World, caplog: pytest.LogCaptureFixture) -> None:
    opened = open_leak(world)
    wrong = _wrong(opened, 1)[0]
    with caplog.at_level(logging.DEBUG):
        found = case_by_pin(world.database, opened.number, opened.pin, clock=world.clock)
        for key in (wrong, "canary"):
            with pytest.raises((WrongKey, WrongLink)) as caught:
                (case_by_pin if key == wrong else case_by_secret)(
                    world.database, opened.number, key, clock=world.clock
                )
            assert key not in repr(caught.value) + str(caught.value) + str(caught.value.facts)
    said = caplog.text + repr(found) + repr(opened)
    for secret in (opened.pin, opened.secret, "canary"):
        assert secret not in said


def test_old_attempts_are_forgotten_and_cleared_by_later_ones(world: World) -> None:
    opened = open_leak(world)
    for pin in _wrong(opened, FREE - 1):
        _answer(world, opened.number, pin)
    numbers = {_unknown(world) for _ in range(30)}
    for number in numbers:
        _answer(world, number, "123456")
    assert len(_attempts(world)) == 1 + len(numbers)
    world.clock.advance(timedelta(days=7, seconds=1))
    for pin in _wrong(opened, FREE):
        assert _answer(world, opened.number, pin)[0] == "WrongKey"
    assert [row.number for row in _attempts(world)] == [opened.number]


def test_no_tenant_sees_keys_or_attempts(world: World) -> None:
    opened = open_leak(world)
    _answer(world, opened.number, _wrong(opened, 1)[0])
    assert len(_attempts(world)) == 1
    for who in ("agent", "manager"):
        with world.as_staff(world.water, who) as context:
            assert context.session.scalars(select(CaseKey)).all() == []
            assert context.session.scalars(select(KeyAttempts)).all() == []
            context.session.execute(delete(KeyAttempts).where(KeyAttempts.tenant_id == HUB))
    assert len(_attempts(world)) == 1


def test_a_rolled_back_refusal_would_not_count_so_it_is_committed(own_world: World) -> None:
    opened = open_bill(own_world)
    for pin in _wrong(opened, FREE):
        with pytest.raises(WrongKey):
            case_by_pin(own_world.database, opened.number, pin, clock=own_world.clock)
    with pytest.raises(Throttled):
        case_by_pin(own_world.database, opened.number, opened.pin, clock=own_world.clock)


@pytest.mark.parametrize("exists", [True, False])
def test_of_two_hundred_guesses_at_once_no_more_than_the_free_ones_are_looked_at(
    own_world: World, exists: bool
) -> None:
    opened = open_bill(own_world)
    number = opened.number if exists else _unknown(own_world)
    start, guesses = Barrier(20), _wrong(opened, 199)
    # The right one comes last: it must not be looked at any more.
    guesses.append(opened.pin)

    def guess(turn: int) -> list[str]:
        start.wait()
        return [_answer(own_world, number, pin)[0] for pin in guesses[turn::20]]

    with ThreadPoolExecutor(20) as pool:
        turns = [pool.submit(guess, turn) for turn in range(20)]
    answers = [answer for turn in turns for answer in turn.result()]
    assert len(answers) == 200
    assert answers.count("WrongKey") == FREE
    assert answers.count("Throttled") == 200 - FREE


def test_what_is_stored_is_no_pin_and_no_secret(own_world: World, server: OwnServer) -> None:
    opened = open_bill(own_world)
    with everything(own_world, server) as see:
        pin, secret = see("SELECT pin_digest, secret_digest FROM case_keys")[0]
        assert len(pin) == len(secret) == 32
        for table in ("case_keys", "journal", "tickets", "cases", "people", "jobs"):
            stored = str(see(f"SELECT t::text FROM {table} t"))
            assert opened.secret not in stored


def _answer(world: World, number: str, pin: str) -> tuple[str, dict[str, object]]:
    try:
        case_by_pin(world.database, number, pin, clock=world.clock)
    except (WrongKey, Throttled) as refusal:
        return type(refusal).__name__, refusal.facts
    return "opened", {}


def _wrong(opened: Opened, count: int) -> list[str]:
    """So many wrong PINs of a case."""
    start = int(opened.pin) + 1
    return [f"{each % 1_000_000:06d}" for each in range(start, start + count)]


def _unknown(world: World) -> str:
    while True:
        number = new_number()
        with world.as_system() as context:
            if context.session.scalar(text("SELECT case_of_number(:n)"), {"n": number}) is None:
                return number


def _attempts(world: World) -> list[KeyAttempts]:
    with world.as_system() as context:
        return list(context.session.scalars(select(KeyAttempts).where(KeyAttempts.tenant_id == HUB)))


@contextmanager
def _statements(world: World) -> Iterator[list[str]]:
    """The statements sent to the database within a block, without their values."""
    sent: list[str] = []

    def note(*details: object) -> None:
        # Of a fact about no case the column is left out.
        sent.append(re.sub(r"savepoint_\d+|case_id, |%\(case_id\)s::UUID, ", "", str(details[2])))

    event.listen(world.database.bind, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(world.database.bind, "before_cursor_execute", note)
