from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest
from sqlalchemy import update

from hub.tickets.errors import WrongLink, WrongNumber
from hub.tickets.keys import OpenedCase, case_by_pass, case_by_secret, pass_to
from hub.tickets.models import CaseKey
from hub.tickets.numbers import new_number
from tests.factories.tickets import open_bill, open_leak
from tests.hub.tickets.refusals import refused
from tests.world import World

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def held(world: World) -> tuple[str, str, OpenedCase]:
    """A case's number, a pass to it for an hour, and what it opens."""
    opened = open_leak(world)
    found = case_by_secret(world.database, opened.number, opened.secret, clock=world.clock)
    return opened.number, pass_to(world.database, found, lasting=AN_HOUR, clock=world.clock), found


def test_a_pass_opens_its_case_until_its_time_is_over(
    world: World, held: tuple[str, str, OpenedCase]
) -> None:
    number, presented, found = held
    world.clock.advance(AN_HOUR - timedelta(seconds=1))
    assert case_by_pass(world.database, number, presented, clock=world.clock) == found
    world.clock.advance(timedelta(seconds=1))
    with refused(WrongLink, "pass"):
        case_by_pass(world.database, number, presented, clock=world.clock)


def test_a_pass_opens_no_other_case(world: World, held: tuple[str, str, OpenedCase]) -> None:
    _, presented, _ = held
    for other in (open_bill(world), open_leak(world, world.tax)):
        with refused(WrongLink, "pass"):
            case_by_pass(world.database, other.number, presented, clock=world.clock)


def test_a_pass_cannot_be_made_to_last_longer(world: World, held: tuple[str, str, OpenedCase]) -> None:
    number, presented, _ = held
    whole = urlsafe_b64decode(presented + "==")
    later = (int.from_bytes(whole[:8]) + 3600).to_bytes(8)
    for forged in (later + whole[8:], whole[:-1], whole + b"\0", whole[:8], b"", bytes(40)):
        with refused(WrongLink, "pass"):
            case_by_pass(world.database, number, urlsafe_b64encode(forged).decode(), clock=world.clock)


@pytest.mark.parametrize("presented", ["", "=", "a", "é", "\x00", "a" * 10**5, "../" * 30])
def test_what_is_no_pass_opens_nothing(
    world: World, held: tuple[str, str, OpenedCase], presented: str
) -> None:
    with refused(WrongLink, "pass"):
        case_by_pass(world.database, held[0], presented, clock=world.clock)
    with refused(WrongNumber, "number"):
        case_by_pass(world.database, "123", presented, clock=world.clock)


@pytest.mark.parametrize("column", ["pin_digest", "secret_digest"])
def test_a_new_key_voids_every_pass(world: World, held: tuple[str, str, OpenedCase], column: str) -> None:
    number, presented, found = held
    with world.as_citizen(found.case_id) as context:
        context.session.execute(
            update(CaseKey).where(CaseKey.case_id == found.case_id).values({column: bytes(32)})
        )
    with refused(WrongLink, "pass"):
        case_by_pass(world.database, number, presented, clock=world.clock)


def test_a_number_without_a_case_is_opened_by_nothing_not_even_by_all_zeros(
    world: World, held: tuple[str, str, OpenedCase]
) -> None:
    later = (int(world.clock.moment.timestamp()) + 3600).to_bytes(8)
    zeros = urlsafe_b64encode(later + bytes(32)).decode()
    for number in (new_number(), held[0]):
        with refused(WrongLink, "pass"):
            case_by_pass(world.database, number, zeros, clock=world.clock)
