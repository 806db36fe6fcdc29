"""Pages that go wrong in every way there is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from sqlalchemy.exc import OperationalError
from starlette.responses import Response

from hub.attachments.errors import FileTooLarge
from hub.catalogue.errors import UnknownTenant
from hub.tickets.errors import CaseIsClosed, StaleVersion, Throttled, WrongKey
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from tenants.errors import NotAllowed, NotFound, Refusal
from tenants.languages import Text
from tenants.rate_limits import TooManyRequests

CANARY = "canary-of-a-person"


class Odd(Refusal):
    """A refusal that no table of statuses names."""

    says = Text(ar="لا يمكن هذا.", en="This cannot be done.")


REFUSALS: dict[str, tuple[Exception, int]] = {
    "closed": (CaseIsClosed(), 409),
    "stale": (StaleVersion(changes=Text(ar="شيء", en="something")), 412),
    "throttled": (Throttled(minutes=3), 429),
    "too-many": (TooManyRequests(seconds=9), 429),
    "key": (WrongKey(), 401),
    "not-allowed": (NotAllowed(), 403),
    "not-found": (NotFound(field="ticket"), 404),
    "no-tenant": (UnknownTenant(field="tenant", code="x"), 404),
    "too-large": (FileTooLarge(most=5), 413),
    "odd": (Odd(), 422),
    "database": (OperationalError(CANARY, {}, Exception(CANARY)), 503),
    "broken": (ValueError(CANARY), 500),
}

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]


@router.get("/fail/{how}")
def fail(visit: _Anybody, how: str) -> Response:
    """Go wrong."""
    visit.admitted()
    raise REFUSALS[how][0]


@router.get("/number/{number}")
def number(visit: _Anybody, number: int) -> Response:
    """A page whose address holds a number."""
    return visit.page("asked.html", answers=str(number))


@router.get("/agencies/{tenant}")
def agency(visit: _Anybody) -> Response:
    """A page of a body that works on the hub."""
    return visit.page("asked.html", answers="here")


@router.post("/remember")
def remember(visit: _Anybody) -> Response:
    """Keep what was sent in a cookie."""
    response = visit.go_to("/ask")
    visit.keep(response, "hub_kept", visit.sent.value("word"), 60)
    return response


@router.post("/echo")
def echo(visit: _Anybody) -> Response:
    """Show what was sent."""
    files = [upload.file.read().decode() for uploads in visit.sent.files.values() for upload in uploads]
    return visit.page("asked.html", answers="|".join([*visit.sent.values("word"), *files]))
