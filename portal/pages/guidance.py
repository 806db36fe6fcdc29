"""What citizens may read about the portal itself: how it works, privacy, accessibility, terms."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]


@router.get("/help")
def read_help(visit: _Anybody) -> Response:
    """How it works."""
    return visit.page("guidance/help.html")


@router.get("/privacy")
def read_privacy(visit: _Anybody) -> Response:
    """What is kept of whom."""
    return visit.page("guidance/privacy.html")


@router.get("/accessibility")
def read_accessibility(visit: _Anybody) -> Response:
    """For whom the pages were made to work, and whom to tell where they do not."""
    return visit.page("guidance/accessibility.html")


@router.get("/terms")
def read_terms(visit: _Anybody) -> Response:
    """What may be sent, and what comes of it."""
    return visit.page("guidance/terms.html")
