from __future__ import annotations

import smtplib
from email.message import EmailMessage
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from infra.demo.mailbox import mailbox
from infra.mail_catcher import MailCatcher
from tenants.languages import Language
from tests.pages.checker import parse


def send(catcher: MailCatcher, subject: str, text: str) -> None:
    mail = EmailMessage()
    mail["Subject"] = subject
    mail.set_content(text)
    port = int(catcher.environment["HUB_MAIL_PORT"])
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("a@example.com", ["mona@example.com"], mail.as_bytes())


def read(address: str) -> str:
    with urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        body: bytes = answer.read()
        return body.decode()


@pytest.mark.parametrize("language", Language)
def test_what_was_sent_is_read_in_a_browser_and_its_links_lead_on(language: Language) -> None:
    with mailbox(language) as (catcher, address):
        assert "<ol" not in read(address)
        send(catcher, "رقم حالتك 123", "افتح الحالة:\nhttp://127.0.0.1:8019/ar/cases/123/secret\nشكرًا")
        whole, one = parse(read(address)), parse(read(f"{address}/1"))
    assert whole.get("lang") == language.value
    assert [link.get("href") for link in whole.iter("a")] == ["/1"]
    assert "mona@example.com" in "".join(one.itertext())
    assert "http://127.0.0.1:8019/ar/cases/123/secret" in [link.get("href") for link in one.iter("a")]


def test_what_a_mail_holds_is_only_text() -> None:
    with mailbox(Language.ENGLISH) as (catcher, address):
        send(catcher, "<script>alert(1)</script>", "<img src=x onerror=alert(1)> http://a.example/<b>\"'")
        for page in (read(address), read(f"{address}/1")):
            assert "<script" not in page
            assert "<img" not in page


@pytest.mark.parametrize("path", ["2", "nothing", "-1", "1/2", "9" * 5000, "%D9%A1"])
def test_a_mail_that_is_not_there_is_not_found(path: str) -> None:
    with mailbox(Language.ARABIC) as (catcher, address):
        send(catcher, "one", "one")
        with pytest.raises(HTTPError) as answered:
            urlopen(f"{address}/{path}", timeout=10)  # noqa: S310 - our own address
        assert answered.value.code == 404
        answered.value.close()
