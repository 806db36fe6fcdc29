"""Ids in the addresses of pages."""

from __future__ import annotations

from uuid import UUID

from hub.web.errors import NoSuchPage


def id_in(written: str) -> UUID:
    """The id that an address holds; raises `NoSuchPage` for what is none."""
    try:
        return UUID(written)
    except ValueError:
        raise NoSuchPage() from None
