"""Working on a ticket: who has it, what stage it is at, how urgent it is, whom outside it waits for."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select

from hub.catalogue.models import Stage, Team, TeamMember
from hub.codes import can_name, echoed
from hub.events import (
    PriorityChanged,
    StageEntered,
    TicketAssigned,
    TicketStarted,
    WaitingEnded,
    WaitingStarted,
)
from hub.journal.actions import record
from hub.tickets.access import ticket_for
from hub.tickets.errors import CaseIsClosed, NotOfTheTeam, UnknownStage, UnknownTeam
from hub.tickets.lifecycle import ENDED, MoveName, Status, WaitingOn
from hub.tickets.moving import change_ticket, demand_version, make_move, subject_of
from hub.tickets.texts import read_text
from hub.vocabulary import Priority
from tenants.context import Context
from tenants.permissions import Permission


def assign(
    context: Context, ticket_id: UUID, version: int, *, team: str, assignee: UUID | None = None
) -> int:
    """Give a ticket to a team (by code) and perhaps to one of its members; gives the new version.

    Raises `UnknownTeam` and `NotOfTheTeam` beside the refusals of moves.
    """
    ticket = ticket_for(context, ticket_id)
    session = context.session
    team_id = can_name(team) and session.scalar(
        select(Team.id).where(Team.tenant_id == ticket.tenant_id, Team.code == team)
    )
    if not team_id:
        raise UnknownTeam(field="team", code=echoed(team))
    if assignee is not None and not session.scalar(
        select(
            exists().where(
                TeamMember.tenant_id == ticket.tenant_id,
                TeamMember.team_id == team_id,
                TeamMember.user_id == assignee,
            )
        )
    ):
        raise NotOfTheTeam(field="assignee")
    event = TicketAssigned(
        **subject_of(ticket),
        team_id=team_id,
        assignee_id=assignee,
    )
    return make_move(
        context, ticket, version, MoveName.ASSIGN, event, team_id=team_id, assignee_id=assignee, stage=None
    )


def start(context: Context, ticket_id: UUID, version: int) -> int:
    """Begin to work on a ticket; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    event = TicketStarted(**subject_of(ticket))
    return make_move(context, ticket, version, MoveName.START, event)


def enter_stage(context: Context, ticket_id: UUID, version: int, *, stage: str) -> int:
    """Move a ticket in progress to one of the tenant's own stages; gives the new version.

    Raises `UnknownStage` beside the refusals of moves.
    """
    ticket = ticket_for(context, ticket_id)
    if not can_name(stage) or context.session.get(Stage, (ticket.tenant_id, stage)) is None:
        raise UnknownStage(field="stage", code=echoed(stage))
    event = StageEntered(**subject_of(ticket), stage=stage)
    return make_move(context, ticket, version, MoveName.ENTER_STAGE, event, stage=stage)


def wait(context: Context, ticket_id: UUID, version: int, *, reason: str) -> int:
    """Wait for somebody outside the hub: the tenant's clocks rest, the citizen's runs on; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    event = WaitingStarted(
        **subject_of(ticket),
        reason=read_text("reason", reason),
    )
    return make_move(context, ticket, version, MoveName.WAIT, event, waiting_on=WaitingOn.EXTERNAL)


def go_on(context: Context, ticket_id: UUID, version: int) -> int:
    """End the waiting, whether or not anybody was heard from; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    event = WaitingEnded(**subject_of(ticket))
    return make_move(context, ticket, version, MoveName.GO_ON, event)


def prioritise(context: Context, ticket_id: UUID, version: int, *, priority: Priority) -> int:
    """Have an open ticket worked faster or slower: its targets are chosen anew; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    context.demand(Permission.TICKETS_PRIORITISE, ticket.tenant_id)
    demand_version(context, ticket, version)
    if Status(ticket.status) in ENDED:
        raise CaseIsClosed(field="ticket")
    new_version = change_ticket(context, ticket, version, priority=priority.value)
    record(
        context,
        PriorityChanged(
            **subject_of(ticket),
            version=new_version,
            priority=priority.value,
            before=ticket.priority,
        ),
    )
    return new_version
