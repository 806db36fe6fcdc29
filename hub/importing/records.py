"""From an imported row to what the hub keeps of it: case, ticket, clock and facts, all at their original times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hub.events import Event, TicketClosed, TicketImported
from hub.importing.labels import language_of
from hub.importing.rows import NO_LABEL, ImportedRow
from hub.sla.levels import BREACHED, ClockKind
from hub.tickets.lifecycle import Status
from hub.vocabulary import Priority
from tenants.ids import new_id


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A row with the identities it gets on the hub."""

    row: ImportedRow
    tenant_id: UUID
    case_id: UUID
    ticket_id: UUID
    number: str
    service_id: UUID
    team_id: UUID | None
    source: str


def case_columns(taken: TakenOver) -> dict[str, Any]:
    """The case: closed with its only ticket, and open as long as that is."""
    row = taken.row
    is_open = int(not row.closed)
    return {
        "id": taken.case_id,
        "number": taken.number,
        "channel": row.channel.value,
        "language": _language(row),
        "opened_at": row.opened_at,
        "closed_at": row.closed_at if row.closed else None,
        "open_tickets": is_open,
        "at_work": is_open,
    }


def ticket_columns(taken: TakenOver) -> dict[str, Any]:
    """The ticket, with every label and time as the row gives them, contradictions included."""
    row = taken.row
    if_open = Status.RECEIVED if taken.team_id is None else Status.ASSIGNED
    status = Status.CLOSED if row.closed else if_open
    return {
        "tenant_id": taken.tenant_id,
        "id": taken.ticket_id,
        "case_id": taken.case_id,
        "case_number": taken.number,
        "confidential": False,
        "service_id": taken.service_id,
        "kind": row.kind.value,
        "priority": Priority.NORMAL.value,
        "channel": row.channel.value,
        "channel_label": None if row.channel_label == NO_LABEL else row.channel_label,
        "language": _language(row),
        "status": status.value,
        "team_id": taken.team_id,
        "subject": row.subject or row.service_label,
        "description": row.description or "",
        "latitude": row.latitude,
        "longitude": row.longitude,
        "governorate": row.governorate,
        "district": row.district,
        "address": row.address,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "resolution": row.resolution,
        "reopened": 0,
        "source": taken.source,
        "external_id": row.external_id,
        "version": 1,
    }


def clock_columns(taken: TakenOver, now: datetime) -> dict[str, Any] | None:
    """The resolution clock of a row with a due time, or None.

    It has the deadline it was given and no target to count from. An open ticket's deadline that is still to come
    will fire like any other. One that had passed before the import is kept as missed and fires nothing: what
    happened in another system years ago is no alarm today. A closed ticket whose closing time nobody gave has a
    clock that neither runs nor was met.
    """
    row = taken.row
    if row.due_at is None:
        return None
    met_at = row.closed_at if row.closed else None
    decided_at = met_at if row.closed else now
    missed = decided_at is not None and decided_at > row.due_at
    return {
        "tenant_id": taken.tenant_id,
        "id": new_id(),
        "case_id": taken.case_id,
        "ticket_id": taken.ticket_id,
        "kind": ClockKind.RESOLUTION.value,
        "started_at": row.opened_at,
        "due_at": row.due_at,
        "pauses": [],
        "spent": timedelta(0),
        "reckoned_at": now,
        "met_at": met_at,
        "breached_at": row.due_at if missed else None,
        "rungs_done": [BREACHED] if missed else [],
        "next_action_at": None if row.closed or missed else row.due_at,
    }


def facts_of(taken: TakenOver, now: datetime) -> Iterator[tuple[datetime, Event]]:
    """What the journal says of the row: its coming in and, if it is closed, its closing.

    A closing whose time nobody gave stands at the time of the import, when the hub learnt of it.
    """
    row = taken.row
    imported = TicketImported(
        tenant_id=taken.tenant_id,
        case_id=taken.case_id,
        ticket_id=taken.ticket_id,
        version=1,
        source=taken.source,
        external_id=row.external_id,
    )
    yield row.opened_at, imported
    if row.closed:
        closed = TicketClosed(
            tenant_id=taken.tenant_id, case_id=taken.case_id, ticket_id=taken.ticket_id, version=1
        )
        yield row.closed_at or now, closed


def _language(row: ImportedRow) -> str:
    return language_of(row.subject, row.description, row.service_label).value
