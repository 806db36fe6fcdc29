"""Identifiers: UUIDs of version 7, which sort by the time they were made (RFC 9562)."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

# The hub itself is a tenant too: it owns cases nobody owns yet, the floor of service levels, and hub-wide facts.
HUB = UUID("00000000-0000-7000-8000-000000000019")


def new_id() -> UUID:
    """A fresh identifier, later ones sorting after earlier ones."""
    return uuid7()
