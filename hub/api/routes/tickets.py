"""Tickets, as the machines of their body read them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from hub.api.calls import Answer, Call
from hub.api.guards import Machine
from hub.api.lists import ListAsked, SearchAsked, TicketPageView, TicketsFound, listed
from hub.api.routing import StrictRoute
from hub.stories.queries import clocks_for_staff, history_for_staff, ticket_for_staff
from hub.stories.views import Clocks, History, StaffTicket
from hub.worklists import queries as worklists
from tenants.context import Context
from tenants.permissions import Permission

router = APIRouter(route_class=StrictRoute, tags=["Tickets"])
_Reads = Annotated[Call, Depends(Machine(Permission.TICKETS_READ))]


@router.get("/tickets", response_model=TicketPageView)
def list_tickets(call: _Reads, asked: Annotated[ListAsked, Query()]) -> Response:
    """List the body's tickets, page by page; a page's `next` is the `after` of the following one."""

    def look(context: Context) -> Answer:
        page = worklists.list_tickets(
            context, asked.filters, asked.order, after=asked.after, limit=asked.limit
        )
        rows = [listed(row, context.language) for row in page.rows]
        return Answer(TicketPageView(tickets=rows, next=page.next_cursor))

    return call.read(look)


@router.get("/search", response_model=TicketsFound)
def search_tickets(call: _Reads, asked: Annotated[SearchAsked, Query()]) -> Response:
    """Find tickets by case number, phone number or words; spelling variants of Arabic count as one."""

    def look(context: Context) -> Answer:
        found = worklists.search_tickets(context, asked.q, limit=asked.limit)
        rows = [listed(row, context.language) for row in found.rows]
        return Answer(TicketsFound(meant=found.meant, tickets=rows))

    return call.read(look)


@router.get("/tickets/{ticket_id}", response_model=StaffTicket)
def read_ticket(call: _Reads, ticket_id: UUID) -> Response:
    """Read a ticket whole. Its ETag is what an act on it sends back as If-Match."""

    def look(context: Context) -> Answer:
        view = ticket_for_staff(context, ticket_id)
        return Answer(view, version=view.version)

    return call.read(look)


@router.get("/tickets/{ticket_id}/history", response_model=History)
def read_history(call: _Reads, ticket_id: UUID) -> Response:
    """Read what happened to a ticket, fact by fact, oldest first."""
    return call.read(lambda context: Answer(history_for_staff(context, ticket_id)))


@router.get("/tickets/{ticket_id}/clocks", response_model=Clocks)
def read_clocks(call: _Reads, ticket_id: UUID) -> Response:
    """Read a ticket's deadlines, each with every step that led to it."""
    return call.read(lambda context: Answer(clocks_for_staff(context, ticket_id)))
