"""Tickets by the dozen, made by copying one that was opened through the real act; and lists read to their end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from hub.sla.models import TicketClock
from hub.tickets.models import Ticket
from hub.worklists.filters import Sort, TicketFilters
from hub.worklists.queries import list_tickets
from hub.worklists.rows import TicketRow
from tenants.context import Context
from tenants.ids import new_id


def copy_ticket(context: Context, of: UUID, *, due_in: timedelta | None = None, **columns: Any) -> UUID:
    """Another ticket like one of the context's, with other columns; gives its id.

    With `due_in` it has a running resolution clock that is due so long after the context's moment, otherwise no clock.
    """
    values = _values(
        context.session.scalars(
            select(Ticket).where(Ticket.tenant_id.in_(context.tenants), Ticket.id == of)
        ).one()
    )
    ticket_id = new_id()
    context.session.execute(insert(Ticket).values(values | {"id": ticket_id} | columns))
    if due_in is not None:
        like = context.session.scalars(
            select(TicketClock).where(
                TicketClock.tenant_id == values["tenant_id"],
                TicketClock.ticket_id == of,
                TicketClock.kind == "resolution",
            )
        ).one()
        due = {"id": new_id(), "ticket_id": ticket_id, "due_at": context.now + due_in}
        context.session.execute(insert(TicketClock).values(_values(like) | due))
    return ticket_id


def read_to_the_end(
    context: Context, filters: TicketFilters | None = None, sort: Sort | None = None, *, limit: int = 50
) -> list[TicketRow]:
    """Every row of a list, page by page."""
    rows: list[TicketRow] = []
    after: str | None = None
    while True:
        page = list_tickets(context, filters, sort, after=after, limit=limit)
        assert 0 < len(page.rows) <= limit or (not page.rows and page.next_cursor is None)
        rows += page.rows
        after = page.next_cursor
        if after is None:
            return rows


def ids(rows: Sequence[TicketRow]) -> list[UUID]:
    """The ids of rows, in order."""
    return [row.id for row in rows]


def moment_after(context: Context, minutes: int) -> datetime:
    """So many minutes after the context's moment; negative for before."""
    return context.now + timedelta(minutes=minutes)


def _values(row: Ticket | TicketClock) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
