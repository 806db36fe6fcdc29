from __future__ import annotations

import smtplib
from datetime import timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest

from hub.messages.sending import mail_of, send_mail
from hub.messages.settings import MailSettings
from hub.messages.wording import code_letter
from infra.mail_catcher import MailCatcher
from tenants.languages import Language
from tests.world import SUNDAY_TEN


def settings_of(catcher: MailCatcher) -> MailSettings:
    given = {name.removeprefix("HUB_MAIL_").lower(): value for name, value in catcher.environment.items()}
    return MailSettings.model_validate(given)


def send(catcher: MailCatcher, mail: EmailMessage | bytes) -> None:
    content = mail if isinstance(mail, bytes) else mail.as_bytes()
    port = int(catcher.environment["HUB_MAIL_PORT"])
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("a@example.com", ["b@example.com", "c@example.com"], content)


def test_what_the_hub_sends_can_be_read() -> None:
    with MailCatcher() as catcher:
        settings = settings_of(catcher)
        letter = code_letter("mona@example.com", "482913", timedelta(minutes=10), Language.ARABIC)
        send_mail(settings, mail_of(letter, settings, uuid4(), SUNDAY_TEN))
        (mail,) = catcher.caught()
        assert catcher.mail(1) == mail
    assert mail.recipients == ("mona@example.com",)
    assert mail.sender == "no-reply@hub19.example"
    assert mail.subject == "الرمز الذي طلبته"
    assert "482913" in mail.text
    assert 'dir="rtl"' in mail.html
    assert ("Auto-Submitted", "auto-generated") in mail.headers


def test_the_newest_mails_are_kept_and_come_first() -> None:
    with MailCatcher(most=3) as catcher:
        for number in range(5):
            mail = EmailMessage()
            mail["Subject"] = f"mail {number}"
            send(catcher, mail)
        assert [mail.subject for mail in catcher.caught()] == ["mail 4", "mail 3", "mail 2"]
        assert [mail.number for mail in catcher.caught()] == [5, 4, 3]
        assert catcher.mail(1) is None
    # What was caught can still be read.
    assert len(catcher.caught()) == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"no headers at all", b"Content-Type: text/html; charset=nonsense\r\n\r\n\xff\xfe", b"\0"],
)
def test_what_is_hardly_a_mail_is_caught_all_the_same(content: bytes) -> None:
    with MailCatcher() as catcher:
        send(catcher, content)
        assert len(catcher.caught()) == 1


def test_a_mail_too_large_is_refused_and_the_next_one_taken() -> None:
    with MailCatcher() as catcher:
        with pytest.raises(smtplib.SMTPResponseException):
            send(catcher, b"Subject: large\r\n\r\n" + b"x\r\n" * 500_000)
        send(catcher, b"Subject: small\r\n\r\n")
        assert [mail.subject for mail in catcher.caught()] == ["small"]


def test_nobody_listens_after_the_end() -> None:
    with MailCatcher() as catcher:
        port = int(catcher.environment["HUB_MAIL_PORT"])
    with pytest.raises(OSError, match="refused"):
        smtplib.SMTP("127.0.0.1", port, timeout=5)
    with pytest.raises(RuntimeError):
        _ = catcher.environment
