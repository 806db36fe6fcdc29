"""Finding the service for what is wrong: by what somebody types, or by what happens in their life."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import select

from hub.codes import echoed
from hub.finder.access import Offer, offer_of
from hub.finder.errors import UnknownLifeEvent, WrongNumberOfServices
from hub.finder.index import understood
from hub.finder.views import Findings, LifeEvent, ServiceAt, found
from hub.reference import life_events
from tenants.clock import Clock
from tenants.context import CITIZEN, Context
from tenants.database import Database
from tenants.ids import HUB
from tenants.languages import Language
from tenants.models import Tenant, TenantState

MOST: Final = 50
# The code of the hub's own service for what nobody knows whose job it is (tenants/packs/hub).
NOT_SURE: Final = "unsure"


@contextmanager
def looking_everywhere(
    database: Database, *, language: Language, clock: Clock | None = None
) -> Iterator[Context]:
    """A citizen's unit of work that sees every body that works on the hub now, for what they offer together."""
    with database.unit_of_work(actor=CITIZEN, tenants=(HUB,)) as context:
        live = context.session.scalars(select(Tenant.id).where(Tenant.state == TenantState.LIVE)).all()
    with database.unit_of_work(
        actor=CITIZEN, tenants={HUB, *live}, language=language, clock=clock
    ) as context:
        yield context


def find_services(context: Context, typed: str, *, limit: int = 10) -> Findings:
    """The services of the context's live bodies for what somebody typed, in Arabic, English or both, best first.

    Whatever was typed is taken; a text that says nothing finds nothing. Raises `WrongNumberOfServices`.
    """
    if not 1 <= limit <= MOST:
        raise WrongNumberOfServices(field="limit", most=MOST)
    offer = offer_of(context)
    return Findings(
        understood=understood(typed),
        services=tuple(
            found(offer.services[hit.document.body, hit.document.code], hit)
            for hit in offer.index.search(typed, limit=limit)
        ),
        not_sure=_not_sure(offer),
    )


def life_events_on_offer(context: Context) -> Sequence[LifeEvent]:
    """The events for which the context's live bodies have services, in the order of a life."""
    services = offer_of(context).by_life_event
    return [
        LifeEvent(code, name, len(services[code])) for code, name in life_events().items() if code in services
    ]


def services_for_life_event(context: Context, code: str) -> Sequence[ServiceAt]:
    """What the context's live bodies offer for an event, by the codes of the bodies and of the services.

    Raises `UnknownLifeEvent`.
    """
    if code not in life_events():
        raise UnknownLifeEvent(field="life_event", code=echoed(code))
    return offer_of(context).by_life_event.get(code, ())


def _not_sure(offer: Offer) -> ServiceAt | None:
    return next(
        (each for each in offer.services.values() if each.tenant_id == HUB and each.code == NOT_SURE), None
    )
