"""Making a move: the caller's right, the version, the table of moves, the row, and the case's counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import case as case_when
from sqlalchemy import update

from hub.events import CaseClosed, CaseReopened, CaseRested, CaseTakenUp, Event, NoteAdded
from hub.journal.actions import record
from hub.journal.queries import facts_of_ticket
from hub.journal.words import named
from hub.tickets.errors import CaseIsClosed, MoveNotAllowed, StaleVersion
from hub.tickets.lifecycle import ENDED, MOVES, Move, MoveName, Status, WaitingOn, is_at_work
from hub.tickets.models import Case, Ticket
from hub.tickets.words import MOVE_NAMES, NO_SUCH_VERSION, STATUS_NAMES, WORKED_ON
from tenants.context import ActorKind, Context, set_fence
from tenants.errors import NotAllowed, Refusal


class Subject(TypedDict):
    """Whose ticket of which case a fact is about."""

    tenant_id: UUID
    case_id: UUID
    ticket_id: UUID


def subject_of(ticket: Ticket) -> Subject:
    """The ticket as facts name it."""
    return {"tenant_id": ticket.tenant_id, "case_id": ticket.case_id, "ticket_id": ticket.id}


def make_move(
    context: Context,
    ticket: Ticket,
    version: int,
    name: MoveName,
    *events: Event,
    waiting_on: WaitingOn | None = None,
    **values: Any,
) -> int:
    """Move a ticket on and record what happened; gives its new version.

    `version` is the one the caller looked at; `values` are further columns to change. The events are recorded with
    the new version, followed by what the move means for the case as a whole.
    Raises `NotAllowed`, `StaleVersion`, `CaseIsClosed` or `MoveNotAllowed`; then nothing is changed.
    """
    move = demand_move(context, ticket, version, name)
    status = Status(ticket.status)
    target = move.to or status
    new_version = change_ticket(
        context, ticket, version, status=target.value, waiting_on=waiting_on and waiting_on.value, **values
    )
    record(context, *(event.at_version(new_version) for event in events))
    before = is_at_work(status, WaitingOn(ticket.waiting_on) if ticket.waiting_on else None)
    count_on_case(
        context,
        ticket.tenant_id,
        ticket.case_id,
        open_tickets=(target not in ENDED) - (status not in ENDED),
        at_work=is_at_work(target, waiting_on) - before,
    )
    return new_version


def demand_move(context: Context, ticket: Ticket, version: int, name: MoveName) -> Move:
    """Go on only if this caller may make this move on the ticket as it is now and as they looked at it; gives the move.

    For acts that write something beside the move, before they do. Raises what `make_move` raises.
    """
    move, status = MOVES[name], Status(ticket.status)
    demand_caller(context, move, ticket)
    demand_version(context, ticket, version)
    if status not in move.origins:
        if status in ENDED:
            raise CaseIsClosed(field="ticket")
        raise MoveNotAllowed(field="ticket", move=MOVE_NAMES[name], status=STATUS_NAMES[status])
    return move


def demand_caller(context: Context, move: Move, ticket: Ticket) -> None:
    """Go on only if this kind of caller may make this move on this ticket.

    Raises `NotAllowed`.
    """
    if not _is_allowed(context, move, ticket):
        raise NotAllowed()


def moves_open(context: Context, ticket: Ticket) -> list[MoveName]:
    """What this caller may do with a ticket as it stands, in the order of the table of moves."""
    return [
        name
        for name, move in MOVES.items()
        if Status(ticket.status) in move.origins
        and _is_allowed(context, move, ticket)
        and not (ticket.waiting_on == WaitingOn.EXTERNAL and name in _NOT_WHILE_OTHERS_WORK)
        and not (context.actor.kind is ActorKind.CITIZEN and name in _WHILE_OPENING)
    ]


# Later they see no other's ticket that theirs could follow.
_WHILE_OPENING = frozenset({MoveName.JOIN})
# Nobody asked the citizen anything then, so there is nothing to answer and nobody to be out of reach.
_NOT_WHILE_OTHERS_WORK = frozenset({MoveName.ANSWER, MoveName.CLOSE_UNREACHABLE})


def _is_allowed(context: Context, move: Move, ticket: Ticket) -> bool:
    if context.actor.kind is ActorKind.SYSTEM:
        return move.system
    if context.actor.kind is ActorKind.CITIZEN:
        return move.citizen and context.case_id == ticket.case_id
    return move.staff is not None and context.actor.may(move.staff, ticket.tenant_id)


def demand_version(context: Context, ticket: Ticket, version: int) -> None:
    """Go on only if the caller looked at the ticket as it is now.

    Raises `StaleVersion`, naming what has happened since.
    """
    if ticket.version != version:
        raise _stale(context, ticket, version)


def change_ticket(context: Context, ticket: Ticket, version: int, **values: Any) -> int:
    """Write columns of a ticket if it still is what was looked at; gives the new version.

    Raises `StaleVersion` when another transaction was faster: the row is compared and changed in one statement.
    """
    changed = context.session.execute(
        update(Ticket)
        .where(Ticket.tenant_id == ticket.tenant_id, Ticket.id == ticket.id, Ticket.version == version)
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise _stale(context, ticket, version)
    return version + 1


def _stale(context: Context, ticket: Ticket, version: int) -> StaleVersion:
    if not 1 <= version <= ticket.version:
        return StaleVersion(field="version", changes=NO_SUCH_VERSION)
    since = facts_of_ticket(context, ticket.tenant_id, ticket.id, after_version=version)
    kinds = [fact.kind for fact in since]
    if context.actor.kind is ActorKind.CITIZEN and NoteAdded.kind in kinds:
        # What staff write for each other is not even hinted at.
        kinds = [kind for kind in kinds if kind != NoteAdded.kind]
    return StaleVersion(field="version", changes=named(kinds) if kinds else WORKED_ON)


@contextmanager
def reaching(context: Context, case_id: UUID, *more_tenants: UUID) -> Iterator[Context]:
    """The unit of work bound to one case, and joined by more tenants of it, for the length of a block.

    Afterwards the database shows what the context itself may see again, also to a caller who takes a refusal and
    goes on with something else.
    """
    if context.case_id == case_id and context.tenants.issuperset(more_tenants):
        yield context
        return
    try:
        yield context.reaching(case_id, *more_tenants)
    except Refusal:
        set_fence(context)
        raise
    set_fence(context)


def count_on_case(
    context: Context, tenant_id: UUID, case_id: UUID, *, open_tickets: int, at_work: int
) -> None:
    """Keep the case's counts, and record when it closes, opens again, rests or is taken up."""
    if not open_tickets and not at_work:
        return
    after_open = Case.open_tickets + open_tickets
    counts = context.session.execute(
        update(Case)
        .where(Case.id == case_id)
        .values(
            open_tickets=after_open,
            at_work=Case.at_work + at_work,
            closed_at=case_when((after_open == 0, context.now), else_=None),
        )
        .returning(Case.open_tickets, Case.at_work)
        .execution_options(synchronize_session=False)
    ).one()
    facts: list[Event] = []
    if open_tickets > 0 and counts.open_tickets == open_tickets:
        facts.append(CaseReopened(tenant_id=tenant_id, case_id=case_id))
    if at_work > 0 and counts.at_work == at_work:
        facts.append(CaseTakenUp(tenant_id=tenant_id, case_id=case_id))
    if at_work < 0 and counts.at_work == 0:
        facts.append(CaseRested(tenant_id=tenant_id, case_id=case_id))
    if open_tickets < 0 and counts.open_tickets == 0:
        facts.append(CaseClosed(tenant_id=tenant_id, case_id=case_id))
    if facts:
        record(context, *facts)
