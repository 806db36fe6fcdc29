"""Finding the service: by what somebody typed, or by what happens in their life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import Depends
from starlette.responses import Response

from hub.finder.errors import UnknownLifeEvent
from hub.finder.queries import (
    find_services,
    life_events_on_offer,
    looking_everywhere,
    services_for_life_event,
)
from hub.finder.views import LifeEvent, ServiceAt
from hub.looks.queries import faces
from hub.reference import life_events
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal.wording import KINDS
from tenants.errors import NotFound

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]
LONGEST: Final = 300


@router.get("/find")
def find(visit: _Anybody) -> Response:
    """The services for what somebody typed, best first, and where to go when none of them is right."""
    typed = visit.asked("q")[:LONGEST]
    visit.admitted()
    with looking_everywhere(visit.database, language=visit.language) as context:
        found = find_services(context, typed)
        events = () if found.services else life_events_on_offer(context)
        looks = faces(context)
    return visit.page("finding/found.html", typed=typed, found=found, events=events, looks=looks, kinds=KINDS)


@router.get("/life-events/{event}")
def for_life_event(visit: _Anybody, event: str) -> Response:
    """All services for something that happens in a life, whichever body offers them."""
    visit.admitted()
    with looking_everywhere(visit.database, language=visit.language) as context:
        try:
            services: Sequence[ServiceAt] = services_for_life_event(context, event)
        except UnknownLifeEvent:
            raise NotFound(field="event") from None
        not_sure = find_services(context, "").not_sure
        looks = faces(context)
        others: Sequence[LifeEvent] = [each for each in life_events_on_offer(context) if each.code != event]
    return visit.page(
        "finding/life_event.html",
        name=life_events()[event],
        services=services,
        others=others,
        not_sure=not_sure,
        looks=looks,
        kinds=KINDS,
    )
