"""A mail server for demonstrations: takes every e-mail, delivers none, and keeps the newest for a page to show."""

from __future__ import annotations

import socket
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as parsing
from types import TracebackType
from typing import Any, Final, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MOST: Final = 200
_LARGEST: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """An e-mail as it came; `number` counts from 1. `html` is somebody else's: show it in a sandboxed frame."""

    number: int
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


class MailCatcher:
    """A mail server on this machine alone, for as long as it is entered; any number of threads may look into it."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, most: int = MOST) -> None:
        """`port` 0 takes any that is free; of more than `most` mails the oldest are forgotten."""
        self._host = host
        self._wanted_port = port
        self._kept: deque[CaughtMail] = deque(maxlen=most)
        self._number = 0
        self._lock = threading.Lock()
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        """Begins to listen; raises `OSError` when the port is taken."""
        self._server = _Server(self, _listening(self._host, self._wanted_port))
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops; what was caught can still be read."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which processes of the hub send their mail here."""
        if self._server is None:
            raise RuntimeError("the catcher is not listening")
        return {
            "HUB_MAIL_HOST": self._host,
            "HUB_MAIL_PORT": str(self._server.port),
            "HUB_MAIL_SECURITY": "none",
            "HUB_MAIL_SENDER": "no-reply@hub19.example",
        }

    def caught(self) -> list[CaughtMail]:
        """The mails kept, the newest first."""
        with self._lock:
            return list(reversed(self._kept))

    def mail(self, number: int) -> CaughtMail | None:
        """One of the mails kept, by its number."""
        with self._lock:
            return next((each for each in self._kept if each.number == number), None)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's own name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Takes a mail; called by aiosmtpd."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        with self._lock:
            self._number += 1
            self._kept.append(
                _read(self._number, content, envelope.mail_from or "", tuple(envelope.rcpt_tos))
            )
        return "250 2.0.0 caught"


class _Server(Controller):
    """aiosmtpd on a socket that listens already: no port is chosen twice, none asked for and lost to somebody else."""

    def __init__(self, catcher: MailCatcher, listening: socket.socket) -> None:
        host, port = listening.getsockname()[:2]
        super().__init__(catcher, hostname=host, port=port, data_size_limit=_LARGEST, ident="Hub19 catcher")
        self._listening = listening

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


def _listening(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port))


def _read(number: int, content: bytes, sender: str, recipients: tuple[str, ...]) -> CaughtMail:
    mail = message_from_bytes(content, policy=parsing)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - what this policy makes
    return CaughtMail(
        number=number,
        at=datetime.now(UTC),
        sender=sender,
        recipients=recipients,
        subject=str(mail.get("Subject", "")),
        headers=tuple((name, str(value)) for name, value in mail.items()),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except LookupError:
        # A charset that nobody has heard of.
        return str(part.get_payload())
