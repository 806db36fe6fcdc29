"""Handing a case on: to another tenant altogether, or to one more beside this one; the citizen keeps their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from hub.attachments.access import files_going_along
from hub.attachments.actions import carry
from hub.attachments.models import Attachment
from hub.catalogue.access import OfferedService, live_tenant, service_offered
from hub.events import TenantAdded, TicketTransferred
from hub.forms.access import read_answers
from hub.forms.shape import QuestionKind
from hub.journal.actions import record
from hub.tickets.access import ticket_for
from hub.tickets.actions.opening import insert_ticket
from hub.tickets.errors import AlreadyConcerned, CaseIsClosed, SameTenant
from hub.tickets.lifecycle import ENDED, MOVES, MoveName, Status
from hub.tickets.models import Case, CaseTenant, Ticket
from hub.tickets.moving import (
    change_ticket,
    count_on_case,
    demand_caller,
    demand_move,
    demand_version,
    make_move,
    reaching,
    subject_of,
)
from hub.tickets.texts import read_text
from tenants.context import Context


def transfer(
    context: Context, ticket_id: UUID, version: int, *, tenant: str, service: str, reason: str
) -> UUID:
    """Pass on what is not ours: the ticket ends here and a new one opens in the other tenant, on the same case.

    The case number, the story and the citizen's clock go on; gives the new ticket's id. `tenant` and `service` are
    codes. Raises `SameTenant`, `AlreadyConcerned`, `UnknownService`, `NotFound` and the refusals of moves.
    """
    ticket = ticket_for(context, ticket_id, held=True)
    why = read_text("reason", reason)
    demand_move(context, ticket, version, MoveName.TRANSFER)
    other = _other_tenant(context, ticket, tenant)
    files = _files_going_along(context, ticket)
    carried = _carried_answers(context, ticket, files)
    with reaching(context, ticket.case_id, other) as wide:
        new_id = _open_elsewhere(wide, ticket, other, service, carried, files)
        event = TicketTransferred(**subject_of(ticket), to_tenant=other, to_ticket=new_id, reason=why)
        make_move(wide, ticket, version, MoveName.TRANSFER, event, closed_at=context.now, handed_on_to=new_id)
    return new_id


def add_tenant(
    context: Context, ticket_id: UUID, version: int, *, tenant: str, service: str, reason: str
) -> UUID:
    """Bring in one more tenant: it gets a ticket of its own on the case, this one goes on; gives the new one's id.

    Raises what `transfer` raises, and `CaseIsClosed`.
    """
    ticket = ticket_for(context, ticket_id, held=True)
    why = read_text("reason", reason)
    demand_caller(context, MOVES[MoveName.TRANSFER], ticket)
    demand_version(context, ticket, version)
    if Status(ticket.status) in ENDED:
        raise CaseIsClosed(field="ticket")
    other = _other_tenant(context, ticket, tenant)
    files = _files_going_along(context, ticket)
    carried = _carried_answers(context, ticket, files)
    with reaching(context, ticket.case_id, other) as wide:
        new_id = _open_elsewhere(wide, ticket, other, service, carried, files)
        event = TenantAdded(**subject_of(ticket), to_tenant=other, to_ticket=new_id, reason=why)
        record(wide, event.at_version(change_ticket(wide, ticket, version)))
    return new_id


def _other_tenant(context: Context, ticket: Ticket, code: str) -> UUID:
    other = live_tenant(context, code)
    if other == ticket.tenant_id:
        raise SameTenant(field="tenant")
    return other


def _open_elsewhere(
    wide: Context,
    ticket: Ticket,
    other: UUID,
    service: str,
    carried: list[Any] | None,
    files: Mapping[UUID, Attachment],
) -> UUID:
    offered = service_offered(wide, other, service)
    # Two bodies may bring in the same third one at once: the case is held while its tickets are looked at.
    wide.session.execute(select(Case.id).where(Case.id == ticket.case_id).with_for_update())
    if wide.session.scalar(
        select(
            exists().where(
                Ticket.tenant_id == other,
                Ticket.case_id == ticket.case_id,
                Ticket.status.not_in([status.value for status in ENDED]),
            )
        )
    ):
        raise AlreadyConcerned(field="tenant")
    wide.session.execute(
        insert_or_skip(CaseTenant)
        .values(tenant_id=other, case_id=ticket.case_id)
        .on_conflict_do_nothing(index_elements=["tenant_id", "case_id"])
    )
    opened = insert_ticket(wide, other, offered, _copied(ticket, offered, carried))
    carry(wide, files, tenant_id=other, case_id=ticket.case_id, ticket_id=opened)
    count_on_case(wide, other, ticket.case_id, open_tickets=1, at_work=1)
    return opened


def _copied(ticket: Ticket, offered: OfferedService, carried: list[Any] | None) -> dict[str, Any]:
    return {
        "case_id": ticket.case_id,
        "case_number": ticket.case_number,
        "person_id": ticket.person_id,
        "confidential": ticket.confidential,
        "priority": max(ticket.priority, offered.priority.value, key=_urgency),
        "channel": ticket.channel,
        "language": ticket.language,
        "subject": ticket.subject,
        "description": ticket.description,
        "carried_answers": carried,
        "latitude": ticket.latitude,
        "longitude": ticket.longitude,
        "governorate": ticket.governorate,
        "district": ticket.district,
        "address": ticket.address,
        "handed_on_by": ticket.id,
    }


def _urgency(priority: str) -> int:
    return ["low", "normal", "high", "urgent"].index(priority)


def _files_going_along(context: Context, ticket: Ticket) -> dict[UUID, Attachment]:
    """The citizen's files by the ids that they will have in the other tenant, random like those of any upload."""
    return {uuid4(): file for file in files_going_along(context, ticket.tenant_id, ticket.id)}


def _carried_answers(context: Context, ticket: Ticket, files: Mapping[UUID, Attachment]) -> list[Any] | None:
    """The answers in words, since the other tenant does not see this tenant's form, nor this tenant's files."""
    answered: list[Any] = list(ticket.carried_answers or [])
    if ticket.form_id is not None and ticket.form_version is not None:
        answered += [
            {
                "question": {"ar": each.question.ar, "en": each.question.en},
                "kind": each.kind.value,
                "answer": each.answer,
            }
            for each in read_answers(
                context, ticket.tenant_id, ticket.form_id, ticket.form_version, ticket.answers or {}
            )
        ]
    theirs = {str(file.id): str(new) for new, file in files.items()}
    return [
        {**each, "answer": [theirs[file] for file in each["answer"] if file in theirs]}
        if each["kind"] == QuestionKind.FILE
        else each
        for each in answered
    ] or None
