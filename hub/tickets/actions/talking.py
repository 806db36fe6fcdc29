"""What is written on a ticket: notes among staff, replies and questions to the citizen, and what the citizen says.

Files that come with it are the caller's own uploads; beside the refusals of moves the acts raise what
`hub.attachments.actions.claim` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from uuid import UUID

from sqlalchemy import insert, select

from hub.attachments.actions import claim
from hub.events import Event, InformationAdded, NoteAdded, QuestionAnswered, QuestionAsked, ReplySent
from hub.journal.actions import record
from hub.tickets.access import ticket_for
from hub.tickets.errors import CaseIsClosed, MoveNotAllowed
from hub.tickets.lifecycle import ENDED, MoveName, Status, WaitingOn
from hub.tickets.models import Entry, EntryKind, Ticket
from hub.tickets.moving import change_ticket, demand_move, demand_version, make_move, subject_of
from hub.tickets.texts import read_text
from hub.tickets.words import MOVE_NAMES, WAITING_OUTSIDE
from tenants.context import ActorKind, Context
from tenants.errors import NotAllowed
from tenants.ids import new_id
from tenants.permissions import Permission


def add_note(
    context: Context, ticket_id: UUID, version: int, *, text: str, attachments: Sequence[UUID] = ()
) -> int:
    """Write something for colleagues that the citizen never sees, on a ticket in any status; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    context.demand(Permission.TICKETS_NOTE, ticket.tenant_id)
    demand_version(context, ticket, version)
    entry_id = _write(context, ticket, EntryKind.NOTE, text, attachments)
    return _recorded(context, ticket, version, NoteAdded(**subject_of(ticket), entry_id=entry_id))


def reply(
    context: Context, ticket_id: UUID, version: int, *, text: str, attachments: Sequence[UUID] = ()
) -> int:
    """Write to the citizen on an open ticket; the first reply meets the first-response clock; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    context.demand(Permission.TICKETS_REPLY, ticket.tenant_id)
    demand_version(context, ticket, version)
    _demand_open(ticket)
    entry_id = _write(context, ticket, EntryKind.REPLY, text, attachments)
    return _recorded(
        context,
        ticket,
        version,
        ReplySent(**subject_of(ticket), entry_id=entry_id),
        first_response_at=ticket.first_response_at or context.now,
    )


def ask(
    context: Context, ticket_id: UUID, version: int, *, text: str, attachments: Sequence[UUID] = ()
) -> int:
    """Ask the citizen and stop the tenant's clocks until the answer; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    demand_move(context, ticket, version, MoveName.ASK)
    entry_id = _write(context, ticket, EntryKind.QUESTION, text, attachments)
    return make_move(
        context,
        ticket,
        version,
        MoveName.ASK,
        QuestionAsked(**subject_of(ticket), entry_id=entry_id),
        waiting_on=WaitingOn.CITIZEN,
        first_response_at=ticket.first_response_at or context.now,
    )


def answer(
    context: Context, ticket_id: UUID, version: int, *, text: str, attachments: Sequence[UUID] = ()
) -> int:
    """The citizen answers the question a ticket waits for; the clocks go on; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    demand_move(context, ticket, version, MoveName.ANSWER)
    if ticket.waiting_on == WaitingOn.EXTERNAL:
        raise MoveNotAllowed(field="ticket", move=MOVE_NAMES[MoveName.ANSWER], status=WAITING_OUTSIDE)
    question_id = context.session.scalar(
        select(Entry.id)
        .where(
            Entry.tenant_id == ticket.tenant_id,
            Entry.ticket_id == ticket.id,
            Entry.kind == EntryKind.QUESTION,
        )
        .order_by(Entry.id.desc())
        .limit(1)
    )
    entry_id = _write(context, ticket, EntryKind.ANSWER, text, attachments, question_id=question_id)
    return make_move(
        context, ticket, version, MoveName.ANSWER, QuestionAnswered(**subject_of(ticket), entry_id=entry_id)
    )


def add_information(
    context: Context, ticket_id: UUID, version: int, *, text: str, attachments: Sequence[UUID] = ()
) -> int:
    """The citizen adds something unasked to an open ticket; no clock changes; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    if context.actor.kind is not ActorKind.CITIZEN:
        raise NotAllowed()
    demand_version(context, ticket, version)
    _demand_open(ticket)
    entry_id = _write(context, ticket, EntryKind.INFORMATION, text, attachments)
    return _recorded(context, ticket, version, InformationAdded(**subject_of(ticket), entry_id=entry_id))


def _recorded(context: Context, ticket: Ticket, version: int, event: Event, **values: object) -> int:
    new_version = change_ticket(context, ticket, version, **values)
    record(context, event.at_version(new_version))
    return new_version


def _demand_open(ticket: Ticket) -> None:
    if Status(ticket.status) in ENDED:
        raise CaseIsClosed(field="ticket")


def _write(
    context: Context,
    ticket: Ticket,
    kind: EntryKind,
    text: str,
    attachments: Sequence[UUID],
    *,
    question_id: UUID | None = None,
) -> UUID:
    entry_id, words = new_id(), read_text("text", text)
    # Files that are refused leave no words behind, even where the caller goes on with something else.
    with context.session.begin_nested() if attachments else nullcontext():
        context.session.execute(
            insert(Entry).values(
                tenant_id=ticket.tenant_id,
                id=entry_id,
                case_id=ticket.case_id,
                ticket_id=ticket.id,
                kind=kind.value,
                text=words,
                author_kind=context.actor.kind.value,
                author_id=context.actor.id,
                at=context.now,
                question_id=question_id,
            )
        )
        claim(
            context,
            attachments,
            **subject_of(ticket),
            entry_id=entry_id,
            internal=kind is EntryKind.NOTE,
            from_citizen=context.actor.kind is ActorKind.CITIZEN,
        )
    return entry_id
