"""Every act on a ticket, for the machines of its body: what was decided on which version, and the ticket after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from hub.api import bodies, receipts
from hub.api.calls import Answer, Call
from hub.api.guards import Machine
from hub.api.routing import StrictRoute
from hub.stories.queries import ticket_for_staff
from hub.stories.views import StaffTicket
from hub.tickets import actions
from hub.tickets.access import ticket_for
from tenants.context import Context
from tenants.permissions import Permission

router = APIRouter(prefix="/tickets/{ticket_id}", route_class=StrictRoute, tags=["Acts"])


def _may(permission: Permission) -> object:
    return Depends(Machine(permission))


_Screens = Annotated[Call, _may(Permission.TICKETS_SCREEN)]
_Resolves = Annotated[Call, _may(Permission.TICKETS_RESOLVE)]
_Works = Annotated[Call, _may(Permission.TICKETS_WORK)]
_Replies = Annotated[Call, _may(Permission.TICKETS_REPLY)]
_Transfers = Annotated[Call, _may(Permission.TICKETS_TRANSFER)]
_Joins = Annotated[Call, _may(Permission.TICKETS_JOIN)]


@router.post("/forward", response_model=StaffTicket)
def forward(call: _Screens, ticket_id: UUID, body: bodies.NoMore) -> Response:
    """Let a screened ticket go to its team."""
    return _acted(call, ticket_id, actions.forward)


@router.post("/archive", response_model=StaffTicket)
def archive(
    call: Annotated[Call, _may(Permission.TICKETS_ARCHIVE)], ticket_id: UUID, body: bodies.ReasonGiven
) -> Response:
    """Put aside what needs no work: empty, abusive, or no matter of government."""
    return _acted(call, ticket_id, actions.archive, reason=body.reason)


@router.post("/reject", response_model=StaffTicket)
def reject(call: _Resolves, ticket_id: UUID, body: bodies.ReasonGiven) -> Response:
    """Refuse it, telling the citizen why."""
    return _acted(call, ticket_id, actions.reject, reason=body.reason)


@router.post("/assign", response_model=StaffTicket)
def assign(
    call: Annotated[Call, _may(Permission.TICKETS_ASSIGN)], ticket_id: UUID, body: bodies.AssignmentGiven
) -> Response:
    """Give it to a team, and perhaps to one of its members."""
    return _acted(call, ticket_id, actions.assign, team=body.team, assignee=body.assignee)


@router.post("/start", response_model=StaffTicket)
def start(call: _Works, ticket_id: UUID, body: bodies.NoMore) -> Response:
    """Begin to work on it."""
    return _acted(call, ticket_id, actions.start)


@router.post("/enter-stage", response_model=StaffTicket)
def enter_stage(call: _Works, ticket_id: UUID, body: bodies.StageGiven) -> Response:
    """Move it to one of the body's own stages of work."""
    return _acted(call, ticket_id, actions.enter_stage, stage=body.stage)


@router.post("/prioritise", response_model=StaffTicket)
def prioritise(
    call: Annotated[Call, _may(Permission.TICKETS_PRIORITISE)], ticket_id: UUID, body: bodies.PriorityGiven
) -> Response:
    """Have it worked faster or slower; its deadlines are chosen anew."""
    return _acted(call, ticket_id, actions.prioritise, priority=body.priority)


@router.post("/wait", response_model=StaffTicket)
def wait(call: _Works, ticket_id: UUID, body: bodies.ReasonGiven) -> Response:
    """Wait for somebody outside the hub; the citizen's own clock runs on."""
    return _acted(call, ticket_id, actions.wait, reason=body.reason)


@router.post("/go-on", response_model=StaffTicket)
def go_on(call: _Works, ticket_id: UUID, body: bodies.NoMore) -> Response:
    """End the waiting."""
    return _acted(call, ticket_id, actions.go_on)


@router.post("/add-note", response_model=StaffTicket)
def add_note(
    call: Annotated[Call, _may(Permission.TICKETS_NOTE)], ticket_id: UUID, body: bodies.TextGiven
) -> Response:
    """Write down something for the body's own staff; the citizen never sees it."""
    return _acted(call, ticket_id, actions.add_note, text=body.text, attachments=body.attachments)


@router.post("/reply", response_model=StaffTicket)
def reply(call: _Replies, ticket_id: UUID, body: bodies.TextGiven) -> Response:
    """Write to the citizen."""
    return _acted(call, ticket_id, actions.reply, text=body.text, attachments=body.attachments)


@router.post("/ask", response_model=StaffTicket)
def ask(call: _Replies, ticket_id: UUID, body: bodies.TextGiven) -> Response:
    """Ask the citizen; the body's clocks rest until the answer."""
    return _acted(call, ticket_id, actions.ask, text=body.text, attachments=body.attachments)


@router.post("/resolve", response_model=StaffTicket)
def resolve(call: _Resolves, ticket_id: UUID, body: bodies.ResolutionGiven) -> Response:
    """Say that it is solved and how; the citizen is asked to confirm."""
    return _acted(call, ticket_id, actions.resolve, resolution=body.resolution, attachments=body.attachments)


@router.post("/close-unreachable", response_model=StaffTicket)
def close_unreachable(
    call: Annotated[Call, _may(Permission.TICKETS_CLOSE)], ticket_id: UUID, body: bodies.ReasonGiven
) -> Response:
    """Close it because its citizen cannot be reached, saying what was tried."""
    return _acted(call, ticket_id, actions.close_unreachable, reason=body.reason)


@router.post("/join", response_model=StaffTicket)
def join(call: _Joins, ticket_id: UUID, body: bodies.JoiningGiven) -> Response:
    """Let it follow another ticket that tells of the same thing."""
    return _acted(call, ticket_id, actions.join, main_ticket=body.main_ticket)


@router.post("/release", response_model=StaffTicket)
def release(call: _Joins, ticket_id: UUID, body: bodies.NoMore) -> Response:
    """Let a duplicate go its own way again."""
    return _acted(call, ticket_id, actions.release)


@router.post("/transfer", response_model=receipts.HandedOn)
def transfer(call: _Transfers, ticket_id: UUID, body: bodies.HandingOnGiven) -> Response:
    """Pass it on to the body whose job it is; the case and the citizen's clock go on."""
    return _handed_on(call, ticket_id, body, actions.transfer)


@router.post("/add-tenant", response_model=receipts.HandedOn)
def add_tenant(call: _Transfers, ticket_id: UUID, body: bodies.HandingOnGiven) -> Response:
    """Bring in one more body beside this one."""
    return _handed_on(call, ticket_id, body, actions.add_tenant)


def _acted(call: Call, ticket_id: UUID, act: Callable[..., object], **said: object) -> Response:
    """Do one of the acts on the version of the ticket that the caller looked at."""

    def perform(context: Context) -> Answer:
        act(context, ticket_id, call.version, **said)
        view = ticket_for_staff(context, ticket_id)
        return Answer(view, version=view.version)

    return call.perform(perform)


def _handed_on(
    call: Call, ticket_id: UUID, body: bodies.HandingOnGiven, act: Callable[..., UUID]
) -> Response:
    def perform(context: Context) -> Answer:
        opened = act(
            context, ticket_id, call.version, tenant=body.tenant, service=body.service, reason=body.reason
        )
        version = ticket_for(context, ticket_id).version
        told = receipts.HandedOn(ticket_id=ticket_id, version=version, opened_ticket_id=opened)
        return Answer(told, version=version)

    return call.perform(perform)
