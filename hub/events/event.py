"""What every fact is: whose it is, what kind it is, and how the journal writes it down."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from tenants.languages import Text

_COLUMNS = {"tenant_id", "case_id", "ticket_id", "version"}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One fact of one tenant; `version` is the ticket's version after it, where a ticket changed."""

    kind: ClassVar[str]
    tenant_id: UUID
    case_id: UUID | None = None
    ticket_id: UUID | None = None
    version: int | None = None

    def at_version(self, version: int) -> Self:
        """The same fact, with the ticket's version after it."""
        return replace(self, version=version)

    def data(self) -> dict[str, Any]:
        """What this kind of fact says beyond whose it is, ready for JSON; what is unknown is left out."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _COLUMNS}
        return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return {"ar": value.ar, "en": value.en}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
