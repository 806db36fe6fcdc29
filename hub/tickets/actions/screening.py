"""Screening: looking at what came in before a team gets it."""

from __future__ import annotations

from uuid import UUID

from hub.events import TicketArchived, TicketForwarded, TicketRejected
from hub.tickets.access import ticket_for
from hub.tickets.errors import Missing
from hub.tickets.lifecycle import MoveName
from hub.tickets.moving import make_move, subject_of
from hub.tickets.texts import read_text
from tenants.context import Context
from tenants.languages import Text


def forward(context: Context, ticket_id: UUID, version: int) -> int:
    """Let a received ticket through to the team routing chose; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    if ticket.team_id is None:
        raise Missing(field="team", name=Text(ar="الفريق", en="Team"))
    event = TicketForwarded(**subject_of(ticket), team_id=ticket.team_id)
    return make_move(context, ticket, version, MoveName.FORWARD, event)


def archive(context: Context, ticket_id: UUID, version: int, *, reason: str) -> int:
    """Put a received ticket aside: there is nothing to do; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    why = read_text("reason", reason)
    event = TicketArchived(**subject_of(ticket), reason=why)
    return make_move(context, ticket, version, MoveName.ARCHIVE, event, closed_at=context.now)


def reject(context: Context, ticket_id: UUID, version: int, *, reason: str) -> int:
    """Tell the citizen that the tenant will not take it up, and why; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    why = read_text("reason", reason)
    event = TicketRejected(**subject_of(ticket), reason=why)
    return make_move(
        context,
        ticket,
        version,
        MoveName.REJECT,
        event,
        closed_at=context.now,
        resolution=why,
        first_response_at=ticket.first_response_at or context.now,
    )
