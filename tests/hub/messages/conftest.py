"""A mail server of the test's own, and the settings that lead to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.messages.settings import mail_settings
from tests.hub.messages.mail_server import Behaviour, mail_server

SENDER = "no-reply@hub.example"


@pytest.fixture
def set_mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings of mail that a test may change; read anew before and after it."""
    for name in ("HOST", "PORT", "SECURITY", "SENDER", "USER", "PASSWORD", "CA_FILE"):
        monkeypatch.delenv(f"HUB_MAIL_{name}", raising=False)
    mail_settings.cache_clear()
    yield monkeypatch
    mail_settings.cache_clear()


def lead_to(monkeypatch: pytest.MonkeyPatch, port: int, **more: str) -> None:
    """Set a mail server on this machine."""
    given = {"HOST": "127.0.0.1", "PORT": str(port), "SECURITY": "none", "SENDER": SENDER}
    for name, value in {**given, **more}.items():
        monkeypatch.setenv(f"HUB_MAIL_{name}", value)
    mail_settings.cache_clear()


@pytest.fixture
def mails(set_mail: pytest.MonkeyPatch) -> Iterator[Behaviour]:
    """A mail server that takes all mail, and is the hub's."""
    behaviour = Behaviour()
    with mail_server(behaviour) as port:
        lead_to(set_mail, port)
        yield behaviour
