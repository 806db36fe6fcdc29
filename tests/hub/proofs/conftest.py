"""Codes come by mail: the mail server of the tests of messages."""

from __future__ import annotations

from tests.hub.messages.conftest import mails, set_mail

__all__ = ["mails", "set_mail"]
