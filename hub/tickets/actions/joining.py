"""Duplicates: a ticket that tells of the same thing follows another, until that one's fate is known."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from hub.events import TicketJoined, TicketReleased
from hub.tickets.access import ticket_for
from hub.tickets.actions.ending import resolve_as_main
from hub.tickets.errors import NotItsOwnDuplicate
from hub.tickets.lifecycle import ENDED, MoveName, Status
from hub.tickets.models import Ticket
from hub.tickets.moving import make_move, subject_of
from tenants.context import Context


def join(context: Context, ticket_id: UUID, version: int, *, main_ticket: UUID) -> int:
    """Let a ticket follow another of the same tenant that tells of the same thing; gives the new version.

    The main ticket must be open and follow none itself. Tickets that followed this one follow the main one too.
    Raises `NotItsOwnDuplicate` beside the refusals of moves.
    """
    for each, name in sorted([(ticket_id, "ticket"), (main_ticket, "main_ticket")]):
        # Held, so that the main ticket cannot end unseen; in one order, so that no two joins wait for each other.
        ticket_for(context, each, held=True, field=name)
    ticket, main = ticket_for(context, ticket_id), ticket_for(context, main_ticket)
    if (
        main.id == ticket.id
        or main.tenant_id != ticket.tenant_id
        or Status(main.status) in ENDED | {Status.DUPLICATE, Status.RESOLVED}
    ):
        raise NotItsOwnDuplicate(field="main_ticket")
    new_version = _follow(context, ticket, version, main.id)
    for follower in _followers(context, ticket.tenant_id, ticket.id):
        released = release(context, follower.id, follower.version)
        _follow(context, ticket_for(context, follower.id), released, main.id)
    return new_version


def release(context: Context, ticket_id: UUID, version: int) -> int:
    """Let a ticket go its own way again: it is screened anew; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    event = TicketReleased(**subject_of(ticket))
    return make_move(context, ticket, version, MoveName.RELEASE, event, main_ticket_id=None)


def settle_duplicates(context: Context, tenant_id: UUID, main_id: UUID) -> int:
    """Let the duplicates of a ticket share its fate; gives how many were settled.

    Each citizen is asked for themselves whether a resolved matter is solved. When the main ticket ended without
    being solved, its duplicates are released and screened anew: their citizens withdrew nothing.
    """
    main = ticket_for(context, main_id)
    settled = 0
    for ticket in _followers(context, tenant_id, main_id):
        if Status(main.status) in {Status.RESOLVED, Status.CLOSED} and main.resolution is not None:
            resolve_as_main(context, ticket, main.resolution)
        elif Status(main.status) in ENDED | {Status.DUPLICATE}:
            release(context, ticket.id, ticket.version)
        else:
            # Reopened before this job came: the duplicates go on following.
            continue
        settled += 1
    return settled


def _follow(context: Context, ticket: Ticket, version: int, main_id: UUID) -> int:
    event = TicketJoined(**subject_of(ticket), main_ticket=main_id)
    return make_move(context, ticket, version, MoveName.JOIN, event, main_ticket_id=main_id)


def _followers(context: Context, tenant_id: UUID, main_id: UUID) -> list[Ticket]:
    return list(
        context.session.scalars(
            select(Ticket)
            .where(
                Ticket.tenant_id == tenant_id,
                Ticket.main_ticket_id == main_id,
                Ticket.status == Status.DUPLICATE,
            )
            .order_by(Ticket.case_id, Ticket.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
