"""What becomes of messages to citizens. Neither to whom nor what they say ever comes here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hub.events.event import Event


@dataclass(frozen=True, kw_only=True)
class MessagePromised(Event):
    """A citizen is to get an e-mail."""

    kind = "message.promised"
    message_id: UUID
    purpose: str


@dataclass(frozen=True, kw_only=True)
class MessageSent(Event):
    """The mail server took an e-mail for delivery."""

    kind = "message.sent"
    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class MessageGivenUp(Event):
    """An e-mail will not be sent: refused for good, or of no use any more; `reason` says nothing of people."""

    kind = "message.given_up"
    message_id: UUID
    reason: str
