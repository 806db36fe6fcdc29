"""The first page: what is wrong? Type it, or choose an agency."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from hub.catalogue.queries import tenants_on_offer
from hub.finder.queries import life_events_on_offer, looking_everywhere
from hub.looks.queries import faces
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]


@router.get("")
def home(visit: _Anybody) -> Response:
    """Where everybody begins."""
    visit.admitted()
    with looking_everywhere(visit.database, language=visit.language) as context:
        agencies = tenants_on_offer(context)
        looks = faces(context)
        events = life_events_on_offer(context)
    return visit.page("home.html", agencies=agencies, looks=looks, events=events)
