"""Jobs of messages."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from hub.journal.models import Fact
from hub.journal.tasks import job
from hub.messages import actions
from tenants.context import Context

# With waits that double up to an hour these are about two days: mail servers are mended over weekends.
_ATTEMPTS: Final = 58


@job("messages.send", attempts=_ATTEMPTS)
def send(context: Context, fact: Fact) -> None:
    """Send a message that was promised."""
    actions.send_message(context, UUID(fact.data["message_id"]))
