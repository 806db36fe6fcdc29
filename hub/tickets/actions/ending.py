"""How a ticket ends: resolved by the tenant, confirmed, reopened or withdrawn by the citizen, closed by silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hub.attachments.actions import claim
from hub.events import TicketClosed, TicketReopened, TicketResolved, TicketWithdrawn
from hub.tickets.access import ticket_for
from hub.tickets.errors import MoveNotAllowed, TooLateToReopen
from hub.tickets.lifecycle import Closure, MoveName, WaitingOn
from hub.tickets.models import Ticket
from hub.tickets.moving import demand_move, make_move, subject_of
from hub.tickets.texts import read_optional_text, read_text
from hub.tickets.words import MOVE_NAMES, WAITING_OUTSIDE
from tenants.context import Context
from tenants.models import Tenant


def resolve(
    context: Context, ticket_id: UUID, version: int, *, resolution: str, attachments: Sequence[UUID] = ()
) -> int:
    """Say that it is solved and how; the citizen is asked, and silence closes it in time; gives the new version.

    Raises what `hub.attachments.actions.claim` does beside the refusals of moves.
    """
    ticket = ticket_for(context, ticket_id)
    told = read_text("resolution", resolution)
    demand_move(context, ticket, version, MoveName.RESOLVE)
    claim(context, attachments, **subject_of(ticket))
    return _resolve(context, ticket, version, MoveName.RESOLVE, told)


def resolve_as_main(context: Context, ticket: Ticket, resolution: str) -> int:
    """Resolve a duplicate as its main ticket was, for the job that settles duplicates; gives the new version."""
    return _resolve(context, ticket, ticket.version, MoveName.FOLLOW, resolution)


def confirm(context: Context, ticket_id: UUID, version: int) -> int:
    """The citizen says it is solved: the ticket closes as confirmed; gives the new version."""
    return _close(context, ticket_for(context, ticket_id), version, MoveName.CONFIRM, Closure.CONFIRMED)


def close_unreachable(context: Context, ticket_id: UUID, version: int, *, reason: str) -> int:
    """Close a ticket whose citizen cannot be reached, saying what was tried; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    why = read_text("reason", reason)
    demand_move(context, ticket, version, MoveName.CLOSE_UNREACHABLE)
    if ticket.waiting_on == WaitingOn.EXTERNAL:
        move = MOVE_NAMES[MoveName.CLOSE_UNREACHABLE]
        raise MoveNotAllowed(field="ticket", move=move, status=WAITING_OUTSIDE)
    return _close(context, ticket, version, MoveName.CLOSE_UNREACHABLE, Closure.UNREACHABLE, reason=why)


def reopen(
    context: Context, ticket_id: UUID, version: int, *, reason: str, attachments: Sequence[UUID] = ()
) -> int:
    """The citizen says it is not solved, and why: work goes on where it was; gives the new version.

    The time for it runs from the closing alone, whatever else happened to the ticket since.
    Raises `TooLateToReopen` and what `hub.attachments.actions.claim` does beside the refusals of moves.
    """
    ticket = ticket_for(context, ticket_id)
    why = read_text("reason", reason)
    demand_move(context, ticket, version, MoveName.REOPEN)
    if ticket.closed_at is not None:
        tenant = _tenant(context, ticket)
        until = ticket.closed_at + timedelta(days=tenant.reopen_days)
        if context.now > until:
            raise TooLateToReopen(field="ticket", until=f"{until.astimezone(ZoneInfo(tenant.zone)):%Y-%m-%d}")
    claim(context, attachments, **subject_of(ticket), from_citizen=True)
    event = TicketReopened(**subject_of(ticket), reason=why)
    return make_move(
        context,
        ticket,
        version,
        MoveName.REOPEN,
        event,
        closure=None,
        closed_at=None,
        resolved_at=None,
        resolution=None,
        silent_at=None,
        main_ticket_id=None,
        reopened=ticket.reopened + 1,
    )


def withdraw(context: Context, ticket_id: UUID, version: int, *, reason: str | None = None) -> int:
    """The citizen takes it back; gives the new version."""
    ticket = ticket_for(context, ticket_id)
    event = TicketWithdrawn(
        **subject_of(ticket),
        reason=read_optional_text("reason", reason),
    )
    return make_move(
        context,
        ticket,
        version,
        MoveName.WITHDRAW,
        event,
        closed_at=context.now,
        silent_at=None,
        main_ticket_id=None,
    )


def close_after_silence(context: Context, *, limit: int = 200) -> int:
    """Close tickets whose citizens were asked and stayed silent for their tenant's time; gives their number.

    Several sweepers may run at once: each row is claimed by one.
    """
    silent = context.session.scalars(
        select(Ticket)
        .where(Ticket.tenant_id.in_(context.tenants), Ticket.silent_at <= context.now)
        .order_by(Ticket.silent_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    # In the order of their cases: two sweepers that hold tickets of the same cases do not wait for each other.
    for ticket in sorted(silent, key=lambda each: each.case_id):
        _close(context, ticket, ticket.version, MoveName.CLOSE_SILENT, Closure.SILENT)
    return len(silent)


def _resolve(context: Context, ticket: Ticket, version: int, move: MoveName, resolution: str) -> int:
    silent_at = context.now + timedelta(days=_tenant(context, ticket).silence_days)
    event = TicketResolved(
        **subject_of(ticket),
        resolution=resolution,
        silent_at=silent_at,
    )
    return make_move(
        context,
        ticket,
        version,
        move,
        event,
        resolved_at=context.now,
        resolution=resolution,
        silent_at=silent_at,
        first_response_at=ticket.first_response_at or context.now,
    )


def _close(
    context: Context,
    ticket: Ticket,
    version: int,
    move: MoveName,
    closure: Closure,
    *,
    reason: str | None = None,
) -> int:
    event = TicketClosed(**subject_of(ticket), closure=closure.value, reason=reason)
    return make_move(
        context,
        ticket,
        version,
        move,
        event,
        silent_at=None,
        closure=closure.value,
        closed_at=context.now,
    )


def _tenant(context: Context, ticket: Ticket) -> Tenant:
    return context.session.get_one(Tenant, ticket.tenant_id)
