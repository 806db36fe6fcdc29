"""Rating a ticket."""

from __future__ import annotations

from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hub.events import TicketRated
from hub.journal.actions import record
from hub.ratings.errors import BadStars, NotToBeRatedYet, RatingSettled
from hub.ratings.models import Rating
from hub.ratings.queries import changeable_until, may_rate, rating_of
from hub.tickets.access import ticket_for
from hub.tickets.moving import subject_of
from hub.tickets.texts import read_optional_text
from tenants.context import ActorKind, Context
from tenants.errors import NotAllowed
from tenants.models import Tenant

_STARS: Final = range(1, 6)
_LONGEST: Final = 2_000


def rate(context: Context, ticket_id: UUID, *, stars: int, comment: str | None = None) -> None:
    """The citizen says how their ticket was dealt with, from 1 to 5 stars, and may say why; again within two weeks.

    The body reads it beside the ticket, from whom it does not learn more than it knew: of a confidential case not who
    it is. The words stay out of the journal. Raises `NotAllowed` for anybody but the ticket's citizen,
    `NotToBeRatedYet`, `RatingSettled`, `BadStars` and the refusals of texts; then nothing is changed.
    """
    # Held, so that it is rated as it stands, and of two clicks at once the second changes what the first said.
    ticket = ticket_for(context, ticket_id, held=True)
    if context.actor.kind is not ActorKind.CITIZEN:
        raise NotAllowed()
    if isinstance(stars, bool) or stars not in _STARS:
        raise BadStars(field="stars")
    words = read_optional_text("comment", comment, longest=_LONGEST)
    rating = rating_of(context, ticket)
    if not may_rate(context, ticket):
        if rating is None or context.now <= changeable_until(ticket, rating):
            raise NotToBeRatedYet(field="ticket")
        zone = context.session.scalars(select(Tenant.zone).where(Tenant.id == ticket.tenant_id)).one()
        until = changeable_until(ticket, rating).astimezone(ZoneInfo(zone))
        raise RatingSettled(field="ticket", until=f"{until:%Y-%m-%d}")
    if rating is not None and (rating.stars, rating.comment) == (stars, words):
        return
    context.session.execute(
        insert(Rating)
        .values(**subject_of(ticket), stars=stars, comment=words, rated_at=context.now, changed_at=None)
        .on_conflict_do_update(
            index_elements=["tenant_id", "ticket_id"],
            set_={"stars": stars, "comment": words, "changed_at": context.now},
        )
    )
    record(context, TicketRated(**subject_of(ticket), stars=stars, changed=rating is not None))
