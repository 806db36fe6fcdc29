"""What may be told of messages."""

from __future__ import annotations

from hub.messages.settings import mail_settings


def mail_is_sent() -> bool:
    """Whether this hub sends e-mail at all, so that a page may promise some."""
    return mail_settings().host is not None
