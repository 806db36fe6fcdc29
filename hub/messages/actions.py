"""Promising e-mails in the transaction of what causes them, sending them later, and giving up what came too late."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import insert, select, text, update

from hub.emails import mailbox
from hub.events import Event, MessageGivenUp, MessagePromised, MessageSent
from hub.journal.actions import record
from hub.messages.letters import Letter
from hub.messages.models import Message, MessageState, Purpose
from hub.messages.queries import mail_is_sent
from hub.messages.sending import NotSentYet, RefusedForGood, mail_of, send_mail
from hub.messages.settings import mail_settings
from hub.messages.wording import Receipt, code_letter, receipt_letter
from hub.sealing import NotSealedHere, drawer_of, seal, unseal
from tenants.context import Context, set_fence
from tenants.ids import HUB, new_id
from tenants.languages import Language
from tenants.quotas import Limit
from tenants.rate_limits import per_contact, take_within

RECEIPTS_USEFUL_FOR: Final = timedelta(days=4)
_HOUR: Final = 3600

_log = structlog.get_logger()


class Promised(StrEnum):
    """Whether an e-mail will come, for a page to say so."""

    PROMISED = "promised"
    NO_MAIL = "no_mail"
    TOO_SOON = "too_soon"


def promise_receipt(context: Context, receipt: Receipt) -> Promised:
    """Promise the receipt of a case, in the unit of work that opened it and in the reader's language.

    Anybody may write anybody's address into a form: an address gets one receipt an hour (a setting), and nothing in
    it was written by whoever reported. Raises `EmailRefused`, and `LetterRefused` for a link that is none.
    """
    if not mail_is_sent():
        return Promised.NO_MAIL
    letter = receipt_letter(receipt, context.language)
    settings = mail_settings()
    limit = Limit("receipts", settings.receipts_per_hour, _HOUR)
    counted = per_contact(
        limit,
        mailbox(letter.to),
        pepper=settings.pepper.get_secret_value().encode(),
        day=context.now.date(),
    )
    if take_within(context, [counted]).refused:
        return Promised.TOO_SOON
    _promise(context, Purpose.RECEIPT, letter, RECEIPTS_USEFUL_FOR)
    return Promised.PROMISED


def promise_code(context: Context, email: str, code: str, valid_for: timedelta) -> Promised:
    """Promise a one-time code to an address; how often is for the caller to limit. Raises `EmailRefused`."""
    if not mail_is_sent():
        return Promised.NO_MAIL
    _promise(context, Purpose.CODE, code_letter(email, code, valid_for, context.language), valid_for)
    return Promised.PROMISED


def send_message(context: Context, message_id: UUID) -> None:
    """Send a message unless it is settled, for its job: sent or refused for good, its content goes.

    The mail server may have taken a message whose settling was lost with its transaction; it gets the same
    Message-ID again then. Raises `NotSentYet` to be called again later.
    """
    message = context.session.scalar(
        select(Message).where(Message.tenant_id == HUB, Message.id == message_id).with_for_update()
    )
    if message is None or message.sealed is None:
        return
    if message.useful_until <= context.now:
        _settle(context, message_id, MessageState.LATE, "late")
        return
    if not mail_is_sent():
        raise NotSentYet("no mail server is set any more")
    try:
        letter = _opened(message_id, message.sealed)
    except NotSealedHere:
        _settle(context, message_id, MessageState.REFUSED, "unreadable")
        return
    settings = mail_settings()
    # The transaction is open while the mail server thinks, which it may do for longer than the hub's own work takes.
    context.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '5min'"))
    try:
        send_mail(settings, mail_of(letter, settings, message_id, message.promised_at))
    except RefusedForGood as refused:
        _log.warning(
            "message_refused", message=str(message_id), purpose=message.purpose, reason=refused.reason
        )
        _settle(context, message_id, MessageState.REFUSED, refused.reason)
        return
    _settle(context, message_id, MessageState.SENT)


def give_up_late_messages(context: Context, *, limit: int) -> int:
    """Erase what was not sent while it was of use, for the hub itself; gives the number.

    Messages that are being sent at this moment are left.
    """
    late = context.session.scalars(
        select(Message.id)
        .where(
            Message.tenant_id == HUB,
            Message.state == MessageState.WAITING,
            Message.useful_until <= context.now,
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for message_id in late:
        _settle(context, message_id, MessageState.LATE, "late")
    return len(late)


def _promise(context: Context, purpose: Purpose, letter: Letter, useful_for: timedelta) -> None:
    message_id = new_id()
    with _as_the_hub(context) as hub:
        hub.session.execute(
            insert(Message).values(
                tenant_id=HUB,
                id=message_id,
                purpose=purpose.value,
                state=MessageState.WAITING.value,
                sealed=_sealed(message_id, letter),
                promised_at=context.now,
                useful_until=context.now + useful_for,
            )
        )
        record(hub, MessagePromised(tenant_id=HUB, message_id=message_id, purpose=purpose.value))


def _settle(context: Context, message_id: UUID, state: MessageState, reason: str | None = None) -> None:
    context.session.execute(
        update(Message)
        .where(Message.tenant_id == HUB, Message.id == message_id)
        .values(state=state.value, sealed=None, settled_at=context.now, reason=reason)
        .execution_options(synchronize_session=False)
    )
    fact: Event = (
        MessageSent(tenant_id=HUB, message_id=message_id)
        if reason is None
        else MessageGivenUp(tenant_id=HUB, message_id=message_id, reason=reason)
    )
    record(context, fact)


@contextmanager
def _as_the_hub(context: Context) -> Iterator[Context]:
    """The unit of work joined by the hub itself for a block: a body's journal would tell who was written to."""
    yield set_fence(replace(context, tenants=context.tenants | {HUB}))
    set_fence(context)


def _key(message_id: UUID) -> bytes:
    return drawer_of(mail_settings().pepper.get_secret_value().encode(), f"message {message_id}").key


def _sealed(message_id: UUID, letter: Letter) -> bytes:
    return seal(_key(message_id), json.dumps(asdict(letter)).encode(), message_id.bytes)


def _opened(message_id: UUID, sealed: bytes) -> Letter:
    told = json.loads(unseal(_key(message_id), sealed, message_id.bytes))
    return Letter(**{**told, "language": Language(told["language"])})
