"""Reading a rating, and until when it may still be given or changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from hub.ratings.models import Rating
from hub.tickets.lifecycle import Status
from hub.tickets.models import Ticket
from tenants.context import ActorKind, Context

CHANGEABLE_FOR: Final = timedelta(days=14)
_RATED_IN: Final = frozenset({Status.RESOLVED, Status.CLOSED})


def rating_of(context: Context, ticket: Ticket) -> Rating | None:
    """How its citizen rated a ticket, for whoever was let in to it (`hub.tickets.access.ticket_for`)."""
    return context.session.scalar(
        select(Rating)
        .where(Rating.tenant_id == ticket.tenant_id, Rating.ticket_id == ticket.id)
        .execution_options(populate_existing=True)
    )


def changeable_until(ticket: Ticket, rating: Rating) -> datetime:
    """Until when a rating can be changed: two weeks from rating it, and anew when it was solved again since."""
    return max(rating.rated_at, ticket.resolved_at or rating.rated_at) + CHANGEABLE_FOR


def may_rate(context: Context, ticket: Ticket) -> bool:
    """Whether this caller may rate the ticket as it stands now, so that a page may ask."""
    if context.actor.kind is not ActorKind.CITIZEN or context.case_id != ticket.case_id:
        return False
    if Status(ticket.status) not in _RATED_IN:
        return False
    rating = rating_of(context, ticket)
    return rating is None or context.now <= changeable_until(ticket, rating)
