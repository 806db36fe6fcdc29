"""Duplicates: a ticket that tells of the same thing follows another, until that one's fate is known."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from hub.events import TicketJoined, TicketReleased
from hub.journal.queries import newest_of_tickets
from hub.tickets.access import ticket_for
from hub.tickets.actions.ending import resolve_as_main
from hub.tickets.errors import NotItsOwnDuplicate
from hub.tickets.lifecycle import ENDED, MoveName, Status
from hub.tickets.models import Ticket
from hub.tickets.moving import make_move, subject_of
from hub.tickets.words import SOLVED_FOR_ALL
from tenants.context import ActorKind, Context
from tenants.errors import NotFound
from tenants.languages import Language

_NOT_FOLLOWED = ENDED | {Status.DUPLICATE, Status.RESOLVED}


def join(context: Context, ticket_id: UUID, version: int, *, main_ticket: UUID) -> int:
    """Let a ticket follow another of the same tenant that tells of the same thing; gives the new version.

    The main ticket must be open and follow none itself. Tickets that followed this one follow the main one too; but
    where that is confidential, those whose citizens joined by themselves are released: nobody showed it to them.
    Raises `NotItsOwnDuplicate` beside the refusals of moves.
    """
    for each, name in sorted([(ticket_id, "ticket"), (main_ticket, "main_ticket")]):
        # Held, so that the main ticket cannot end unseen; in one order, so that no two joins wait for each other.
        ticket_for(context, each, held=True, field=name)
    ticket, main = ticket_for(context, ticket_id), ticket_for(context, main_ticket)
    if main.id == ticket.id or main.tenant_id != ticket.tenant_id or Status(main.status) in _NOT_FOLLOWED:
        raise NotItsOwnDuplicate(field="main_ticket")
    new_version = _follow(context, ticket, version, main.id)
    followers = _followers(context, ticket.tenant_id, ticket.id)
    by_themselves = _by_themselves(context, ticket.tenant_id, followers)
    for follower in followers:
        themselves = follower.id in by_themselves
        released = release(context, follower.id, follower.version)
        if not (themselves and main.confidential):
            _follow(context, ticket_for(context, follower.id), released, main.id, themselves=themselves)
    return new_version


def held_to_follow(context: Context, ticket_id: UUID, service_id: UUID) -> Ticket | None:
    """The ticket that a new one of the context's tenant may follow, held so that it cannot end unseen, or None.

    It is the one named, or the one that this follows itself; None if that has ended or is solved meanwhile, or is
    confidential.
    Raises `NotFound` for one that is not of this service, or whose citizen is kept confidential.
    """
    named = context.session.get(Ticket, (context.tenant_id, ticket_id))
    if named is None or named.service_id != service_id or named.confidential:
        raise NotFound(field="earlier")
    main = context.session.scalar(
        select(Ticket)
        .where(Ticket.tenant_id == context.tenant_id, Ticket.id == (named.main_ticket_id or named.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if main is None or main.confidential or Status(main.status) in _NOT_FOLLOWED else main


def follow_from_the_start(context: Context, ticket_id: UUID, main: Ticket) -> None:
    """Let a ticket that was just opened follow another, which its opener holds (`held_to_follow`)."""
    ticket = ticket_for(context, ticket_id)
    themselves = context.actor.kind is ActorKind.CITIZEN
    _follow(context, ticket, ticket.version, main.id, themselves=themselves)


def release(context: Context, ticket_id: UUID, version: int) -> int:
    """Let a ticket go its own way again: it is screened anew; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    event = TicketReleased(**subject_of(ticket))
    return make_move(context, ticket, version, MoveName.RELEASE, event, main_ticket_id=None)


def settle_duplicates(context: Context, tenant_id: UUID, main_id: UUID) -> int:
    """Let the duplicates of a ticket share its fate; gives how many were settled.

    Each citizen is asked for themselves whether a resolved matter is solved. Who joined by themselves is a stranger to
    the citizen of the main ticket, and what was written to that one is not for them: they are told that it is solved.
    When the main ticket ended without being solved, its duplicates are released and screened anew: their citizens
    withdrew nothing.
    """
    main = ticket_for(context, main_id)
    followers = _followers(context, tenant_id, main_id)
    by_themselves = _by_themselves(context, tenant_id, followers)
    settled = 0
    for ticket in followers:
        if Status(main.status) in {Status.RESOLVED, Status.CLOSED} and main.resolution is not None:
            told = main.resolution
            if ticket.id in by_themselves:
                told = SOLVED_FOR_ALL.in_language(Language(ticket.language))
            resolve_as_main(context, ticket, told)
        elif Status(main.status) in ENDED | {Status.DUPLICATE}:
            release(context, ticket.id, ticket.version)
        else:
            # Reopened before this job came: the duplicates go on following.
            continue
        settled += 1
    return settled


def _follow(
    context: Context, ticket: Ticket, version: int, main_id: UUID, *, themselves: bool = False
) -> int:
    event = TicketJoined(**subject_of(ticket), main_ticket=main_id, themselves=themselves or None)
    return make_move(context, ticket, version, MoveName.JOIN, event, main_ticket_id=main_id)


def _by_themselves(context: Context, tenant_id: UUID, followers: Sequence[Ticket]) -> frozenset[UUID]:
    """Those of a ticket's followers whose own citizens had them follow it, or one that was joined to it later."""
    joined = newest_of_tickets(context, tenant_id, [each.id for each in followers], TicketJoined.kind)
    return frozenset(fact.ticket_id for fact in joined if fact.ticket_id and fact.data.get("themselves"))


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
