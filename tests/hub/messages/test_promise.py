from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from hub.journal.models import Fact
from hub.messages.actions import Promised, promise_code
from hub.messages.errors import BadMailSender, LetterRefused, MailPasswordUnprotected, MailSenderMissing
from hub.messages.queries import mail_is_sent
from hub.messages.settings import MailSettings, Security, mail_settings
from hub.people.actions import Reporter
from tenants.ids import HUB
from tests.factories.tickets import open_leak
from tests.hub.messages.conftest import SENDER
from tests.hub.messages.mail_server import Behaviour
from tests.hub.messages.writing import EMAIL, LINK, NUMBER, as_visitor, jobs, messages, promised
from tests.hub.tickets.refusals import refused
from tests.world import World, undone

PASSWORD = {"password": "secret-word"}


def test_without_a_mail_server_nothing_is_promised(world: World, set_mail: pytest.MonkeyPatch) -> None:
    assert not mail_is_sent()
    assert promised(world) is Promised.NO_MAIL
    with as_visitor(world) as context:
        assert promise_code(context, EMAIL, "123456", timedelta(minutes=10)) is Promised.NO_MAIL
    assert (messages(world), jobs(world)) == ([], [])


def test_with_one_a_message_and_its_job_are_promised_together(world: World, mails: Behaviour) -> None:
    assert mail_is_sent()
    assert promised(world) is Promised.PROMISED
    (message,), (job,) = messages(world), jobs(world)
    with world.as_system() as context:
        fact = context.session.get_one(Fact, (HUB, job.fact_id))
    assert fact.data == {"message_id": str(message.id), "purpose": "receipt"}
    assert mails.taken == []


def test_what_is_undone_promises_nothing(world: World, mails: Behaviour) -> None:
    with undone(as_visitor(world)) as context:
        promise_code(context, EMAIL, "123456", timedelta(minutes=10))
    assert (messages(world), jobs(world)) == ([], [])


def test_the_database_says_neither_to_whom_nor_what(world: World, mails: Behaviour) -> None:
    promised(world)
    with world.as_system() as context:
        rows = [
            row
            for table in ("messages", "journal", "jobs")
            for (row,) in context.session.execute(
                text(f"SELECT t::text FROM {table} t WHERE tenant_id = :hub"), {"hub": HUB}
            )
        ]
    assert len(rows) >= 3
    for word in (EMAIL, "mona", NUMBER, LINK, EMAIL.encode().hex(), LINK.encode().hex()):
        assert [row for row in rows if word in row] == []


@pytest.mark.parametrize("who", ["agent", "manager"])
def test_no_body_sees_who_is_written_to(world: World, mails: Behaviour, who: str) -> None:
    opened = open_leak(world, confidential=True, reporter=Reporter(email=EMAIL))
    with world.as_citizen(opened.case_id) as context:
        promise_code(context, EMAIL, "123456", timedelta(minutes=10))
        # The citizen's unit of work is again what it was.
        assert context.session.scalar(text("SELECT count(*) FROM messages")) == 0
    with world.as_staff(world.water, who) as context:
        assert context.session.scalar(text("SELECT count(*) FROM messages")) == 0
        told = context.session.scalars(
            select(Fact.kind).where(Fact.tenant_id == world.water.id, Fact.kind.like("message.%"))
        ).all()
        assert told == []
    assert len(messages(world)) == 1


def test_an_address_gets_one_receipt_an_hour_however_it_is_written(world: World, mails: Behaviour) -> None:
    assert promised(world) is Promised.PROMISED
    for same in (EMAIL, "MONA@example.com", "mona+1@Example.com"):
        assert promised(world, email=same) is Promised.TOO_SOON
    assert promised(world, email="nadia@example.com") is Promised.PROMISED
    world.clock.advance(timedelta(hours=2))
    assert promised(world) is Promised.PROMISED
    assert len(messages(world)) == 3


def test_five_hundred_reports_write_to_fifty_victims_once(world: World, mails: Behaviour) -> None:
    answers = [promised(world, email=f"victim{number % 50}@example.com") for number in range(500)]
    assert answers.count(Promised.PROMISED) == len(messages(world)) == 50


def test_a_receipt_that_is_undone_may_come_again(world: World, mails: Behaviour) -> None:
    with refused(LetterRefused, "link"):
        promised(world, link="nowhere")
    assert promised(world) is Promised.PROMISED


def settings(**given: str) -> MailSettings:
    return MailSettings.model_validate({"host": "mail.example", "sender": SENDER, **given})


def test_the_port_follows_the_protection() -> None:
    assert settings().port_in_force == 587
    assert settings(security="tls").port_in_force == 465
    assert settings(security="none").port_in_force == 25
    assert settings(security="tls", port="2525").port_in_force == 2525
    assert settings().security is Security.STARTTLS


def test_half_a_mail_server_is_refused(set_mail: pytest.MonkeyPatch) -> None:
    set_mail.setenv("HUB_MAIL_HOST", "mail.example")
    with refused(MailSenderMissing, "HUB_MAIL_SENDER"):
        mail_settings()
    with refused(MailPasswordUnprotected, "HUB_MAIL_SECURITY"):
        settings(user="hub", **PASSWORD, security="none")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sender", "nobody"),
        ("sender", f"{SENDER}\nBcc: x@example.com"),
        ("sender_name_ar", "أ\nب"),
        ("sender_name_en", " "),
    ],
)
def test_a_sender_that_is_none_is_refused(name: str, value: str) -> None:
    with refused(BadMailSender, f"HUB_MAIL_{name}".upper()):
        settings(**{name: value})


def test_a_password_is_never_shown() -> None:
    assert PASSWORD["password"] not in repr(settings(user="hub", **PASSWORD))
