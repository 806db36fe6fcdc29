from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from hub.people.errors import EmailRefused
from hub.proofs.actions import ask_code
from hub.proofs.errors import NoMailHere
from tenants.errors import Refusal
from tenants.languages import Language
from tenants.rate_limits import TooManyRequests
from tests.hub.messages.mail_server import Behaviour
from tests.hub.messages.writing import messages, run_all
from tests.hub.proofs.proving import EMAIL, asked, case_with, code_of
from tests.hub.tickets.refusals import refused
from tests.world import World


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database."""
    sent: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", look)


def test_a_code_comes_by_mail(world: World, mails: Behaviour) -> None:
    asked(world)
    assert len(code_of(world, mails)) == 6
    assert mails.recipients == [EMAIL]


@pytest.mark.parametrize("language", list(Language))
def test_the_mail_is_in_the_reader_s_language(world: World, mails: Behaviour, language: Language) -> None:
    ask_code(world.database, EMAIL, address=None, language=language, clock=world.clock)
    run_all(world)
    assert mails.mails()[0]["Content-Language"] == language.value


def test_known_and_unknown_addresses_are_told_apart_by_nothing(world: World, mails: Behaviour) -> None:
    case_with(world, EMAIL, verified=True)
    case_with(world, EMAIL)
    with statements() as for_known:
        known = asked(world, EMAIL)
    with statements() as for_unknown:
        unknown = asked(world, "nobody@example.com")
    assert len(known) == len(unknown) == 43
    assert for_known == for_unknown
    assert len(for_known) >= 3
    run_all(world)
    first, second = mails.mails()
    assert first["Subject"] == second["Subject"]
    assert mails.recipients == [EMAIL, "nobody@example.com"]


def test_the_database_says_neither_address_nor_code(world: World, mails: Behaviour) -> None:
    secret = asked(world)
    code = code_of(world, mails)
    with world.as_system() as context:
        (row,) = context.session.execute(text("SELECT name, sealed, code_digest FROM proofs"))
    for word in (EMAIL, code, secret):
        assert word.encode() not in bytes(row.name) + bytes(row.sealed) + bytes(row.code_digest)


def test_five_codes_an_hour_and_ten_a_day_go_to_an_address(world: World, mails: Behaviour) -> None:
    for _ in range(5):
        asked(world)
    for same in (EMAIL, "Mona+more@EXAMPLE.com"):
        with refused(TooManyRequests, "email") as told:
            asked(world, same)
        assert 0 < int(str(told.value.facts["seconds"])) <= 7_200
    asked(world, "nadia@example.com")
    world.clock.advance(timedelta(hours=2))
    for _ in range(5):
        asked(world)
    world.clock.advance(timedelta(hours=2))
    with refused(TooManyRequests, "email"):
        asked(world)
    assert len(messages(world)) == 11


def test_one_network_asks_for_no_more_than_an_office_needs(world: World, mails: Behaviour) -> None:
    def ask(number: int, address: str) -> None:
        ask_code(world.database, f"a{number}@example.com", address=ip_address(address), clock=world.clock)

    for number in range(30):
        ask(number, "192.0.2.1")
    with refused(TooManyRequests, "email"):
        ask(31, "192.0.2.1")
    ask(32, "192.0.2.2")


def test_whoever_is_refused_leaves_nothing(world: World, mails: Behaviour) -> None:
    for _ in range(5):
        asked(world)
    before = len(messages(world))
    with pytest.raises(TooManyRequests):
        asked(world)
    with world.as_system() as context:
        assert context.session.scalar(text("SELECT count(*) FROM proofs")) == before == 5


@pytest.mark.parametrize(
    "email", ["", "mona", "a@example.com\nBcc: b@example.com", "a@example.com,b@example.com"]
)
def test_what_is_no_address_is_refused(world: World, mails: Behaviour, email: str) -> None:
    with refused(EmailRefused, "email"):
        asked(world, email)


def test_without_mail_no_code_is_promised(world: World, set_mail: pytest.MonkeyPatch) -> None:
    with refused(NoMailHere, "email"):
        asked(world)
    assert issubclass(NoMailHere, Refusal)
