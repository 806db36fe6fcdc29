"""How others' cases are named to somebody who is shown them: by a mark that says nothing to anybody else."""

from __future__ import annotations

import hmac
from typing import Final
from uuid import UUID

from hub.tickets.settings import key_settings

_BYTES: Final = 12


def mark_of(asker: str, ticket_id: UUID) -> str:
    """The mark of a ticket for whoever holds a secret; without the hub's pepper nobody can make or read one."""
    pepper = key_settings().pepper.get_secret_value().encode()
    named = b"earlier report" + asker.encode() + b"\0" + ticket_id.bytes
    return hmac.digest(pepper, named, "sha256")[:_BYTES].hex()
