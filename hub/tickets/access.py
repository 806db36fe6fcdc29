"""The only doors to cases and tickets; absent and forbidden give one answer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from hub.tickets.models import Case, Ticket
from tenants.context import ActorKind, Context
from tenants.errors import NotFound
from tenants.permissions import Permission


def ticket_for(context: Context, ticket_id: UUID) -> Ticket:
    """The ticket, for somebody who may read tickets of its tenant or is the citizen of its case.

    Raises `NotFound` in every other case.
    """
    ticket = context.session.scalar(
        select(Ticket)
        .where(Ticket.tenant_id.in_(context.tenants), Ticket.id == ticket_id)
        .execution_options(populate_existing=True)
    )
    if ticket is None or not _may_see(context, ticket):
        raise NotFound(field="ticket")
    return ticket


def tickets_visible_to(context: Context) -> Select[Ticket]:
    """The tickets somebody may list, to be filtered and ordered further."""
    visible = select(Ticket).where(Ticket.tenant_id.in_(_readable(context)))
    return visible if context.case_id is None else visible.where(Ticket.case_id == context.case_id)


def case_for(context: Context, case_id: UUID) -> Case:
    """The case, for somebody who sees one of its tickets or holds its key.

    Raises `NotFound` in every other case.
    """
    if context.actor.kind is ActorKind.CITIZEN and context.case_id != case_id:
        raise NotFound(field="case")
    case = context.session.get(Case, case_id, populate_existing=True)
    if case is None:
        raise NotFound(field="case")
    return case


def _readable(context: Context) -> frozenset[UUID]:
    if context.actor.kind is ActorKind.CITIZEN:
        return context.tenants if context.case_id is not None else frozenset()
    return frozenset(
        tenant for tenant in context.tenants if context.actor.may(Permission.TICKETS_READ, tenant)
    )


def _may_see(context: Context, ticket: Ticket) -> bool:
    if context.actor.kind is ActorKind.CITIZEN:
        return ticket.case_id == context.case_id
    return context.actor.may(Permission.TICKETS_READ, ticket.tenant_id)
