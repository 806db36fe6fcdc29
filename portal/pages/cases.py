"""A case as its citizen sees it: how it stands in every body, what is promised and why, what can be done, its files."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response, StreamingResponse

from hub.attachments.queries import read
from hub.looks.queries import faces
from hub.ratings.queries import may_rate, rating_of
from hub.stories.given import given_answers
from hub.stories.happenings import Happening, happenings_for_citizen
from hub.stories.queries import case_for_citizen
from hub.stories.views import CitizenTicket
from hub.tickets.access import ticket_for
from hub.tickets.lifecycle import ENDED, Closure
from hub.tickets.numbers import grouped
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal import wording
from portal.guards import CitizenOfCase
from portal.pages.acts import ACTS, open_acts
from portal.pages.identifiers import id_in
from portal.pages.rating import STARS_IN_WORDS
from tenants.context import Context
from tenants.languages import Text

router = page_router()
_Citizen = Annotated[Visit, Depends(CitizenOfCase())]
_CLOSURES: Final = {
    Closure.CONFIRMED: wording.CONFIRMED,
    Closure.SILENT: wording.SILENT,
    Closure.UNREACHABLE: wording.UNREACHABLE,
}


_DONE: Final = {
    **{name: act.done for name, act in ACTS.items()},
    "rate": Text(ar="شكرًا لك، وصل تقييمك.", en="Thank you, your rating has arrived."),
}


@router.get("/cases/{number}")
def read_case(visit: _Citizen, number: str) -> Response:
    """The whole case on one page."""
    with visit.work() as context:
        case = case_for_citizen(context)
        happened = happenings_for_citizen(context)
        given = given_answers(context)
        looks = faces(context)
        rated = {each.id: _rated(context, each.id) for each in case.tickets}
    done = _DONE.get(visit.asked("done"))
    return visit.page(
        "cases/case.html",
        personal=True,
        case=case,
        number=grouped(case.number),
        # Those at work come first, the last one to begin before all.
        tickets=sorted(case.tickets, key=lambda each: (each.status in ENDED, -each.opened_at.timestamp())),
        story={
            ticket.id: [(each, _sentence(each)) for each in happened if each.ticket_id == ticket.id]
            for ticket in case.tickets
        },
        acts={ticket.id: open_acts(ticket) for ticket in case.tickets},
        questions={ticket.id: _open_question(ticket) for ticket in case.tickets},
        given=given,
        looks=looks,
        done=done,
        rated=rated,
        stars=STARS_IN_WORDS,
        words=wording,
    )


@router.get("/cases/{number}/files/{file}")
def read_file(visit: _Citizen, number: str, file: str) -> Response:
    """A file of the case, always to be kept and never shown as a page."""
    with visit.work() as context:
        found = read(context, id_in(file))
    response = StreamingResponse(found.chunks, media_type=found.media_type)
    response.headers["Content-Length"] = str(found.size)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(visit.headers)
    return response


def _rated(context: Context, ticket_id: UUID) -> tuple[bool, int | None]:
    """Whether a body's part may be rated now, and how it was rated."""
    ticket = ticket_for(context, ticket_id)
    rating = rating_of(context, ticket)
    return may_rate(context, ticket), None if rating is None else rating.stars


def _sentence(happening: Happening) -> Text:
    if happening.closure is not None:
        return _CLOSURES[Closure(happening.closure)]
    return wording.HAPPENED[happening.kind]


def _open_question(ticket: CitizenTicket) -> str | None:
    """What a body asked and waits for."""
    asked = [entry.text for entry in ticket.entries if entry.kind == "question"]
    return asked[-1] if ticket.waiting_for_you and asked else None
