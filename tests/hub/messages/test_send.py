from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from hub.journal.models import Fact, JobState
from hub.journal.running import Outcome
from hub.journal.settings import JobSettings
from hub.journal.tasks import JOBS
from hub.messages.actions import RECEIPTS_USEFUL_FOR, give_up_late_messages, promise_code
from hub.messages.models import MessageState
from hub.messages.settings import mail_settings
from tenants.ids import HUB
from tests.hub.messages.conftest import SENDER, lead_to
from tests.hub.messages.mail_server import Behaviour, certificate, mail_server
from tests.hub.messages.writing import (
    EMAIL,
    LINK,
    as_visitor,
    jobs,
    messages,
    promised,
    run,
    run_all,
)
from tests.infra.harm import closed_port
from tests.world import World

RIGHT, WRONG = "right", "wrong"


def facts(world: World) -> list[tuple[str, dict[str, str]]]:
    with world.as_system() as context:
        found = context.session.scalars(
            select(Fact).where(Fact.tenant_id == HUB, Fact.kind.like("message.%")).order_by(Fact.id)
        )
        return [(fact.kind, {k: v for k, v in fact.data.items() if k != "message_id"}) for fact in found]


def test_a_message_is_sent_once_and_its_content_goes(world: World, mails: Behaviour) -> None:
    promised(world)
    (job,) = jobs(world)
    assert run(world, job.id) is Outcome.DONE
    assert run(world, job.id) is Outcome.NOT_OURS
    (message,) = messages(world)
    assert (message.state, message.sealed, message.settled_at) == ("sent", None, world.clock.moment)
    (mail,) = mails.mails()
    assert mails.recipients == [EMAIL]
    assert mail["Message-ID"] == f"<{message.id}@hub.example>"
    assert LINK in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert facts(world) == [("message.promised", {"purpose": "receipt"}), ("message.sent", {})]


def test_a_server_that_is_down_gets_the_mail_when_it_is_up(
    world: World, set_mail: pytest.MonkeyPatch
) -> None:
    port, settings = closed_port(), JobSettings(attempts=9, first_wait_seconds=5)
    lead_to(set_mail, port)
    promised(world)
    (job,) = jobs(world)
    waits = []
    for _ in range(3):
        assert run(world, job.id, settings) is Outcome.FAILED
        (now,) = jobs(world)
        waits.append((now.next_attempt_at - world.clock.moment).total_seconds())
        assert now.last_error == "NotSentYet: ConnectionRefusedError"
    assert waits == [5, 10, 20]
    behaviour = Behaviour()
    with mail_server(behaviour, port):
        assert run(world, job.id, settings) is Outcome.DONE
    assert len(behaviour.taken) == 1
    assert [message.state for message in messages(world)] == [MessageState.SENT]


def test_a_name_that_nobody_has_is_tried_again(world: World, set_mail: pytest.MonkeyPatch) -> None:
    lead_to(set_mail, 25, HOST="mail.invalid")
    promised(world)
    assert run_all(world) == [Outcome.FAILED]
    assert jobs(world)[0].last_error == "NotSentYet: gaierror"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"rcpt": "450 4.2.1 <{address}> is busy"}, "the recipient: 450 4.2.1"),
        ({"data": "452 4.3.1 no room"}, "the text: 452 4.3.1"),
        ({"mail": "451 wait a moment"}, "our sender: 451"),
        # Not the recipient's fault: an operator has to mend it.
        ({"mail": "550 5.7.1 you are nobody"}, "our sender: 550 5.7.1"),
        ({"rcpt": "530 5.7.0 sign in first"}, "the recipient: 530 5.7.0"),
    ],
)
def test_what_may_pass_is_tried_again(
    world: World, mails: Behaviour, said: dict[str, str], told: str
) -> None:
    for name, value in said.items():
        setattr(mails, name, value)
    promised(world)
    assert run_all(world) == [Outcome.FAILED]
    (job,) = jobs(world)
    assert (job.last_error or "").endswith(told)
    assert EMAIL not in (job.last_error or "")
    (message,) = messages(world)
    assert message.state == MessageState.WAITING
    for name in said:
        setattr(mails, name, getattr(Behaviour(), name))
    assert run_all(world) == [Outcome.DONE]
    assert len(mails.taken) == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"rcpt": "550 5.1.1 <{address}> nobody of this name"}, "550 5.1.1"),
        ({"rcpt": "553 no such place"}, "553"),
        ({"data": "554 5.6.0 mona@example.com does not want this"}, "554 5.6.0"),
        ({"data": "554 5.6.0abc"}, "554"),
    ],
)
def test_what_is_refused_for_good_is_set_aside_without_any_data_of_people(
    world: World,
    mails: Behaviour,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    said: dict[str, str],
    reason: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, value in said.items():
        setattr(mails, name, value)
    promised(world)
    assert run_all(world) == [Outcome.DONE]
    (message,) = messages(world)
    assert (message.state, message.reason, message.sealed) == (MessageState.REFUSED, reason, None)
    assert jobs(world) == []
    assert facts(world)[-1] == ("message.given_up", {"reason": reason})
    logged = capsys.readouterr()
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith("mail.")]
    for words in (logged.out, logged.err, *ours):
        assert EMAIL not in words
        assert LINK not in words


def test_a_line_cut_before_the_text_was_taken_is_tried_again(world: World, mails: Behaviour) -> None:
    mails.cut = "data"
    promised(world)
    assert run_all(world) == [Outcome.FAILED]
    assert mails.taken == []
    assert "SMTPServerDisconnected" in (jobs(world)[0].last_error or "")
    mails.cut = ""
    assert run_all(world) == [Outcome.DONE]
    assert len(mails.taken) == 1


def test_a_line_cut_after_the_text_was_taken_sends_the_same_message_id_again(
    world: World, mails: Behaviour
) -> None:
    mails.cut = "taken"
    promised(world)
    assert run_all(world) == [Outcome.FAILED]
    mails.cut = ""
    assert run_all(world) == [Outcome.DONE]
    first, second = mails.mails()
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


def test_no_words_of_the_server_reach_a_log(
    world: World, mails: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    mails.rcpt = "450 4.2.1 {address} is away"
    promised(world)
    assert run_all(world) == [Outcome.FAILED]
    logged = capsys.readouterr()
    assert EMAIL not in logged.out + logged.err
    assert "4.2.1" in logged.out + logged.err
    assert "is away" not in logged.out + logged.err


def test_the_way_is_protected_and_signed_in_on(
    world: World, set_mail: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, context = certificate(tmp_path)
    behaviour = Behaviour()
    with mail_server(behaviour, starttls=context, password=RIGHT) as port:
        given = {"SECURITY": "starttls", "USER": "hub", "CA_FILE": str(file)}
        promised_with(world, set_mail, port, **given, PASSWORD=RIGHT)
        assert run_all(world) == [Outcome.DONE]
        assert behaviour.signed_in == [b"hub"]
        world.clock.advance(timedelta(hours=2))
        promised_with(world, set_mail, port, **given, PASSWORD=WRONG)
        assert run_all(world) == [Outcome.FAILED]
        assert (jobs(world)[0].last_error or "").startswith("NotSentYet: SMTPAuthenticationError: 535")
    assert len(behaviour.taken) == 1


def test_tls_from_the_first_byte(world: World, set_mail: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file, context = certificate(tmp_path)
    behaviour = Behaviour()
    with mail_server(behaviour, implicit_tls=context) as port:
        promised_with(world, set_mail, port, SECURITY="tls", CA_FILE=str(file))
        assert run_all(world) == [Outcome.DONE]
    assert len(behaviour.taken) == 1


def test_a_server_that_nobody_vouches_for_gets_nothing(
    world: World, set_mail: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, context = certificate(tmp_path)
    behaviour = Behaviour()
    with mail_server(behaviour, starttls=context) as port:
        promised_with(world, set_mail, port, SECURITY="starttls")
        assert run_all(world) == [Outcome.FAILED]
    assert "SSLCertVerificationError" in (jobs(world)[0].last_error or "")
    assert behaviour.taken == []


def test_a_server_without_starttls_gets_nothing_in_the_open(
    world: World, mails: Behaviour, set_mail: pytest.MonkeyPatch
) -> None:
    set_mail.setenv("HUB_MAIL_SECURITY", "starttls")
    promised_with(world, set_mail, None)
    assert run_all(world) == [Outcome.FAILED]
    assert jobs(world)[0].last_error == "NotSentYet: SMTPNotSupportedError"
    assert mails.taken == []


def promised_with(world: World, set_mail: pytest.MonkeyPatch, port: int | None, **more: str) -> None:
    if port is not None:
        lead_to(set_mail, port, **more)
    else:
        mail_settings.cache_clear()
    promised(world)


def test_what_comes_too_late_is_not_sent(world: World, mails: Behaviour) -> None:
    with as_visitor(world) as context:
        promise_code(context, EMAIL, "123456", timedelta(minutes=10))
    world.clock.advance(timedelta(minutes=10))
    assert run_all(world) == [Outcome.DONE]
    (message,) = messages(world)
    assert (message.state, message.sealed, message.reason) == (MessageState.LATE, None, "late")
    assert mails.taken == []


def test_what_was_never_sent_is_erased_in_time(world: World, set_mail: pytest.MonkeyPatch) -> None:
    lead_to(set_mail, closed_port())
    promised(world)
    (job,) = jobs(world)
    assert run(world, job.id, JobSettings(attempts=1)) is Outcome.FAILED
    assert jobs(world)[0].state == JobState.FAILED
    world.clock.advance(RECEIPTS_USEFUL_FOR - timedelta(seconds=1))
    with world.as_system() as context:
        assert give_up_late_messages(context, limit=10) == 0
    world.clock.advance(timedelta(seconds=1))
    with world.as_system() as context:
        assert give_up_late_messages(context, limit=10) == 1
        assert give_up_late_messages(context, limit=10) == 0
    assert [message.sealed for message in messages(world)] == [None]
    assert facts(world)[-1] == ("message.given_up", {"reason": "late"})


def test_a_message_sealed_with_a_lost_pepper_is_given_up(world: World, mails: Behaviour) -> None:
    promised(world)
    with world.as_system() as context:
        context.session.execute(
            text("UPDATE messages SET sealed = sha256('changed') WHERE tenant_id = :hub"), {"hub": HUB}
        )
    assert run_all(world) == [Outcome.DONE]
    assert [message.reason for message in messages(world)] == ["unreadable"]
    assert mails.taken == []


def test_the_job_of_messages_is_declared_and_patient() -> None:
    assert "messages.send" in JOBS
    assert JobSettings(attempts=8).at_least(58).attempts == 58
    assert JobSettings(attempts=80).at_least(58).attempts == 80
    assert JobSettings(attempts=8).at_least(None).attempts == 8


def test_mail_comes_from_the_hub_in_the_reader_s_language(world: World, mails: Behaviour) -> None:
    promised(world)
    run_all(world)
    (mail,) = mails.mails()
    sender = mail["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("المنظومة ١٩", SENDER)
