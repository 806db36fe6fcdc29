"""The only doors to cases and tickets; absent and forbidden give one answer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from hub.tickets.models import Case, CaseTenant, Ticket
from tenants.context import ActorKind, Context
from tenants.errors import NotFound
from tenants.permissions import Permission


def ticket_for(context: Context, ticket_id: UUID, *, held: bool = False, field: str = "ticket") -> Ticket:
    """The ticket, for somebody who may read tickets of its tenant or is the citizen of its case.

    With `held` nobody else changes it until the unit of work ends; acts on a case take their tickets first and the
    case after them, so that no two wait for each other. `field` names the caller's input.
    Raises `NotFound` in every other case.
    """
    wanted = select(Ticket).where(Ticket.tenant_id.in_(context.tenants), Ticket.id == ticket_id)
    if held:
        wanted = wanted.with_for_update()
    ticket = context.session.scalar(wanted.execution_options(populate_existing=True))
    if ticket is None or not _may_see(context, ticket):
        raise NotFound(field=field)
    return ticket


def tickets_visible_to(context: Context) -> Select[Ticket]:
    """The tickets somebody may list, to be filtered and ordered further."""
    visible = select(Ticket).where(Ticket.tenant_id.in_(_readable(context)))
    return visible if context.case_id is None else visible.where(Ticket.case_id == context.case_id)


def case_for(context: Context, case_id: UUID) -> Case:
    """The case, for staff who may read tickets of a tenant it concerns, or for its citizen.

    Raises `NotFound` in every other case.
    """
    case = context.session.get(Case, case_id, populate_existing=True)
    if case is None or not _may_see_case(context, case_id):
        raise NotFound(field="case")
    return case


def _readable(context: Context) -> frozenset[UUID]:
    if context.actor.kind is ActorKind.CITIZEN:
        return context.tenants if context.case_id is not None else frozenset()
    return frozenset(
        tenant for tenant in context.tenants if context.actor.may(Permission.TICKETS_READ, tenant)
    )


def _may_see_case(context: Context, case_id: UUID) -> bool:
    if context.actor.kind is ActorKind.CITIZEN:
        return context.case_id == case_id
    concerned = select(CaseTenant).where(
        CaseTenant.tenant_id.in_(_readable(context)), CaseTenant.case_id == case_id
    )
    return bool(context.session.scalar(select(concerned.exists())))


def _may_see(context: Context, ticket: Ticket) -> bool:
    if context.actor.kind is ActorKind.CITIZEN:
        return ticket.case_id == context.case_id
    return context.actor.may(Permission.TICKETS_READ, ticket.tenant_id)
