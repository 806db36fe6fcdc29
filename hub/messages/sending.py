"""Handing a letter to the mail server (SMTP, RFC 5321), and what its answers mean."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final
from uuid import UUID

from hub.messages.letters import Letter
from hub.messages.settings import MailSettings, Security

# What is put on the line is ASCII: servers without 8BITMIME (RFC 6152) take it too.
_POLICY: Final = SMTP.clone(cte_type="7bit")
_ENHANCED: Final = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})(?!\S)")
_OK: Final = 250
# Servers look into a text before they take it (RFC 5321, 4.5.3.2.6); whoever gives up meanwhile sends it twice.
_TAKING_SECONDS: Final = 60.0
_PERMANENT: Final = range(500, 600)
# Said of us and not of the recipient: commands out of order, no sign-in, sign-in needed.
_OUR_FAULT: Final = frozenset({503, 530, 535})


class NotSentYet(Exception):  # noqa: N818 - says how things are
    """The mail server did not take a letter; another attempt may succeed. Its words hold no data of people."""


class RefusedForGood(Exception):  # noqa: N818 - says how things are
    """The mail server will never take this letter; `reason` is its status, such as `550 5.1.1`, without its words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def mail_of(letter: Letter, settings: MailSettings, message_id: UUID, at: datetime) -> EmailMessage:
    """A letter as an e-mail; the same letter has the same Message-ID however often it is sent."""
    domain = _domain_of(settings)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(settings.sender_name(letter.language), addr_spec=settings.sender or "")
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = at
    mail["Message-ID"] = f"<{message_id}@{domain}>"
    # RFC 3834: no robot answers it; RFC 2919: readers can sort by it.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["List-Id"] = f"<citizens.{domain}>"
    mail.set_content(letter.text, subtype="plain", charset="utf-8")
    mail.add_alternative(letter.html, subtype="html", charset="utf-8")
    # Last: what is called content would move into the first part.
    mail["Content-Language"] = letter.language.value
    return mail


def send_mail(settings: MailSettings, mail: EmailMessage) -> None:
    """Give an e-mail to the mail server.

    Raises `RefusedForGood` when it refuses this recipient or text for good (5xx), and `NotSentYet` for whatever may
    pass: a server that is down, cut off, busy (4xx), badly set up or that refuses us ourselves.
    """
    failure = _attempt(settings, mail)
    if failure is not None:
        raise failure


def _attempt(settings: MailSettings, mail: EmailMessage) -> NotSentYet | RefusedForGood | None:
    """Why it was not taken, as something to be raised elsewhere: logs show what stood in the frames that raised."""
    try:
        client = _connected(settings)
    except (smtplib.SMTPException, OSError) as problem:
        return NotSentYet(_told(problem))
    try:
        _hand_over(client, settings, mail)
    except (NotSentYet, RefusedForGood) as answer:
        return answer.with_traceback(None)
    except (smtplib.SMTPException, OSError) as problem:
        return NotSentYet(_told(problem))
    finally:
        # It has been taken or not by now; how the line ends changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            client.quit()
        client.close()
    return None


def _connected(settings: MailSettings) -> smtplib.SMTP:
    host, port, patience = settings.host or "", settings.port_in_force, settings.timeout_seconds
    # Our own machine's name is nobody's business.
    named = _domain_of(settings)
    trusted = ssl.create_default_context(cafile=settings.ca_file)
    client: smtplib.SMTP
    if settings.security is Security.TLS:
        client = smtplib.SMTP_SSL(host, port, local_hostname=named, timeout=patience, context=trusted)
    else:
        client = smtplib.SMTP(host, port, local_hostname=named, timeout=patience)
    try:
        if settings.security is Security.STARTTLS:
            client.starttls(context=trusted)
        if settings.user is not None:
            client.login(settings.user, settings.password.get_secret_value() if settings.password else "")
        client.ehlo_or_helo_if_needed()
    except BaseException:
        client.close()
        raise
    return client


def _hand_over(client: smtplib.SMTP, settings: MailSettings, mail: EmailMessage) -> None:
    code, words = client.mail(settings.sender or "")
    if code != _OK:
        raise NotSentYet(f"the server refused our sender: {_status(code, words)}")
    code, words = client.rcpt(mail["To"].addresses[0].addr_spec)
    _demand_taken("the recipient", code, words)
    if client.sock is not None:
        client.sock.settimeout(max(settings.timeout_seconds, _TAKING_SECONDS))
    try:
        code, words = client.data(mail.as_bytes())
    except smtplib.SMTPDataError as problem:
        code, words = problem.smtp_code, _as_bytes(problem.smtp_error)
    _demand_taken("the text", code, words)


def _demand_taken(what: str, code: int, words: bytes) -> None:
    if code in (_OK, _OK + 1):
        return
    if code in _PERMANENT and code not in _OUR_FAULT:
        raise RefusedForGood(_status(code, words))
    raise NotSentYet(f"the server did not take {what}: {_status(code, words)}")


def _status(code: int, words: bytes) -> str:
    """The codes of an answer (RFC 5321, RFC 3463); its words may repeat the address and are left out."""
    enhanced = _ENHANCED.match(words)
    return f"{code} {enhanced.group(1).decode()}" if enhanced else str(code)


def _told(problem: Exception) -> str:
    """What went wrong on the way, without the words of the server."""
    kind = type(problem).__name__
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{kind}: {_status(problem.smtp_code, _as_bytes(problem.smtp_error))}"
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"{kind}: {problem.verify_message}"
    return kind


def _as_bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode("ascii", "replace")


def _domain_of(settings: MailSettings) -> str:
    return (settings.sender or "").rpartition("@")[2]
