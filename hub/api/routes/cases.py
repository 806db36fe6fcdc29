"""Cases, as citizens open and follow them; machines of a body may open them too."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from hub.api import bodies, receipts
from hub.api.calls import Answer, Call
from hub.api.guards import AnybodyOrMachine, CitizenOfCase
from hub.api.routing import StrictRoute
from hub.people.actions import Reporter
from hub.stories.queries import case_for_citizen
from hub.stories.views import CitizenCase
from hub.tickets import actions
from hub.tickets.actions import Place
from hub.vocabulary import Channel
from tenants.context import ActorKind, Context
from tenants.errors import NotAllowed
from tenants.permissions import Permission

router = APIRouter(route_class=StrictRoute, tags=["Cases"])
_Citizen = Annotated[Call, Depends(CitizenOfCase())]
_Opening = Annotated[Call, Depends(AnybodyOrMachine(Permission.TICKETS_OPEN))]
_OWN_CHANNELS: Final = frozenset({Channel.WEB, Channel.MOBILE})


@router.post("/tenants/{tenant}/cases", response_model=receipts.OpenedCase, status_code=HTTPStatus.CREATED)
def open_case(call: _Opening, tenant: str, body: bodies.CaseGiven) -> Response:
    """Open a case in a body: by citizens themselves without any key, or by the body's machines for them."""
    return call.perform(lambda context: _opened(context, body), new_case=True)


@router.get("/cases/{number}", response_model=CitizenCase)
def read_case(call: _Citizen, number: str) -> Response:
    """Read a case as its citizen: what every body did, what is promised and why, and what can be done now."""
    return call.read(lambda context: Answer(case_for_citizen(context)))


@router.post("/cases/{number}/tickets/{ticket_id}/answer", response_model=CitizenCase)
def answer(call: _Citizen, number: str, ticket_id: UUID, body: bodies.TextGiven) -> Response:
    """Answer the question that a body asked; its clocks go on."""
    return _acted(call, ticket_id, actions.answer, text=body.text, attachments=body.attachments)


@router.post("/cases/{number}/tickets/{ticket_id}/add-information", response_model=CitizenCase)
def add_information(call: _Citizen, number: str, ticket_id: UUID, body: bodies.TextGiven) -> Response:
    """Tell a body something more."""
    return _acted(call, ticket_id, actions.add_information, text=body.text, attachments=body.attachments)


@router.post("/cases/{number}/tickets/{ticket_id}/confirm", response_model=CitizenCase)
def confirm(call: _Citizen, number: str, ticket_id: UUID, body: bodies.NoMore) -> Response:
    """Say that it is solved."""
    return _acted(call, ticket_id, actions.confirm)


@router.post("/cases/{number}/tickets/{ticket_id}/reopen", response_model=CitizenCase)
def reopen(call: _Citizen, number: str, ticket_id: UUID, body: bodies.ReopeningGiven) -> Response:
    """Say that it is not solved, and why."""
    return _acted(call, ticket_id, actions.reopen, reason=body.reason, attachments=body.attachments)


@router.post("/cases/{number}/tickets/{ticket_id}/withdraw", response_model=CitizenCase)
def withdraw(call: _Citizen, number: str, ticket_id: UUID, body: bodies.ReasonPerhaps) -> Response:
    """Take it back."""
    return _acted(call, ticket_id, actions.withdraw, reason=body.reason)


def _opened(context: Context, body: bodies.CaseGiven) -> Answer:
    by_machine = context.actor.kind is ActorKind.API_KEY
    channel = body.channel or (Channel.INTEGRATION if by_machine else Channel.WEB)
    if not by_machine and (body.priority is not None or channel not in _OWN_CHANNELS):
        raise NotAllowed(field="priority" if body.priority is not None else "channel")
    reporter = body.reporter
    opened = actions.open_case(
        context,
        service=body.service,
        description=body.description,
        channel=channel,
        subject=body.subject,
        answers=body.answers,
        place=Place(**body.place.model_dump()) if body.place else None,
        reporter=Reporter(**reporter.model_dump(), language=context.language) if reporter else None,
        confidential=body.confidential,
        priority=body.priority,
        attachments=body.attachments,
    )
    receipt = receipts.OpenedCase(
        number=opened.number,
        pin=opened.pin,
        secret=opened.secret,
        ticket_id=opened.ticket_id,
    )
    headers = {"Location": f"/api/v1/cases/{opened.number}", "Cache-Control": "no-store"}
    return Answer(receipt, HTTPStatus.CREATED, headers=headers)


def _acted(call: Call, ticket_id: UUID, act: Callable[..., object], **said: object) -> Response:
    """Do one of the citizen's acts on the version of the ticket that they looked at."""

    def perform(context: Context) -> Answer:
        act(context, ticket_id, call.version, **said)
        return Answer(case_for_citizen(context))

    return call.perform(perform)
