"""The life of a ticket as data: every move, from where to where, who may make it and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tenants.permissions import Permission


class Status(StrEnum):
    """Where a ticket stands; the same words in every tenant, so that figures compare."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REJECTED = "rejected"
    ARCHIVED = "archived"
    DUPLICATE = "duplicate"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class WaitingOn(StrEnum):
    """Whom a waiting ticket waits for."""

    CITIZEN = "citizen"
    EXTERNAL = "external"


class Closure(StrEnum):
    """How a closed ticket came to be closed; figures keep the difference."""

    CONFIRMED = "confirmed"
    SILENT = "silent"
    UNREACHABLE = "unreachable"


class MoveName(StrEnum):
    """The moves by name."""

    FORWARD = "forward"
    ARCHIVE = "archive"
    REJECT = "reject"
    ASSIGN = "assign"
    START = "start"
    ENTER_STAGE = "enter_stage"
    ASK = "ask"
    ANSWER = "answer"
    WAIT = "wait"
    GO_ON = "go_on"
    TRANSFER = "transfer"
    JOIN = "join"
    RELEASE = "release"
    RESOLVE = "resolve"
    FOLLOW = "follow"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    CLOSE_SILENT = "close_silent"
    CLOSE_UNREACHABLE = "close_unreachable"


@dataclass(frozen=True, slots=True)
class Move:
    """One way of getting from one status to another; `to` is None where the status stays."""

    name: MoveName
    origins: frozenset[Status]
    to: Status | None
    staff: Permission | None = None
    citizen: bool = False
    system: bool = False
    needs: tuple[str, ...] = ()


ENDED = frozenset({Status.CLOSED, Status.REJECTED, Status.ARCHIVED, Status.TRANSFERRED, Status.WITHDRAWN})
OPEN = frozenset(Status) - ENDED
AT_WORK = frozenset({Status.RECEIVED, Status.ASSIGNED, Status.IN_PROGRESS, Status.REOPENED})
_WORKABLE = frozenset({Status.ASSIGNED, Status.IN_PROGRESS, Status.REOPENED})
_UNSOLVED = AT_WORK | {Status.WAITING}

MOVES: dict[MoveName, Move] = {
    move.name: move
    for move in (
        Move(
            MoveName.FORWARD,
            frozenset({Status.RECEIVED}),
            Status.ASSIGNED,
            staff=Permission.TICKETS_SCREEN,
            system=True,
        ),
        Move(
            MoveName.ARCHIVE,
            frozenset({Status.RECEIVED}),
            Status.ARCHIVED,
            staff=Permission.TICKETS_ARCHIVE,
            needs=("reason",),
        ),
        Move(
            MoveName.REJECT,
            frozenset({Status.RECEIVED, Status.ASSIGNED, Status.IN_PROGRESS, Status.REOPENED}),
            Status.REJECTED,
            staff=Permission.TICKETS_RESOLVE,
            needs=("reason",),
        ),
        Move(MoveName.ASSIGN, AT_WORK, Status.ASSIGNED, staff=Permission.TICKETS_ASSIGN, needs=("team",)),
        Move(
            MoveName.START,
            frozenset({Status.ASSIGNED, Status.REOPENED}),
            Status.IN_PROGRESS,
            staff=Permission.TICKETS_WORK,
        ),
        Move(
            MoveName.ENTER_STAGE,
            frozenset({Status.IN_PROGRESS}),
            None,
            staff=Permission.TICKETS_WORK,
            needs=("stage",),
        ),
        Move(MoveName.ASK, AT_WORK, Status.WAITING, staff=Permission.TICKETS_REPLY, needs=("text",)),
        Move(MoveName.ANSWER, frozenset({Status.WAITING}), Status.IN_PROGRESS, citizen=True, needs=("text",)),
        Move(MoveName.WAIT, _WORKABLE, Status.WAITING, staff=Permission.TICKETS_WORK, needs=("reason",)),
        Move(MoveName.GO_ON, frozenset({Status.WAITING}), Status.IN_PROGRESS, staff=Permission.TICKETS_WORK),
        Move(
            MoveName.TRANSFER,
            _UNSOLVED,
            Status.TRANSFERRED,
            staff=Permission.TICKETS_TRANSFER,
            needs=("tenant", "service", "reason"),
        ),
        # A citizen lets their case follow an earlier one while they open it, and not later.
        Move(
            MoveName.JOIN,
            _UNSOLVED,
            Status.DUPLICATE,
            staff=Permission.TICKETS_JOIN,
            citizen=True,
            needs=("main_ticket",),
        ),
        Move(
            MoveName.RELEASE,
            frozenset({Status.DUPLICATE}),
            Status.RECEIVED,
            staff=Permission.TICKETS_JOIN,
            system=True,
        ),
        # A question answered at once is resolved straight from screening: first contact.
        Move(
            MoveName.RESOLVE,
            _UNSOLVED,
            Status.RESOLVED,
            staff=Permission.TICKETS_RESOLVE,
            needs=("resolution",),
        ),
        Move(
            MoveName.FOLLOW,
            frozenset({Status.DUPLICATE}),
            Status.RESOLVED,
            system=True,
            needs=("resolution",),
        ),
        Move(MoveName.CONFIRM, frozenset({Status.RESOLVED}), Status.CLOSED, citizen=True),
        Move(
            MoveName.REOPEN,
            frozenset({Status.RESOLVED, Status.CLOSED, Status.REJECTED}),
            Status.REOPENED,
            citizen=True,
            needs=("reason",),
        ),
        Move(
            MoveName.WITHDRAW, _UNSOLVED | {Status.DUPLICATE, Status.RESOLVED}, Status.WITHDRAWN, citizen=True
        ),
        Move(MoveName.CLOSE_SILENT, frozenset({Status.RESOLVED}), Status.CLOSED, system=True),
        Move(
            MoveName.CLOSE_UNREACHABLE,
            frozenset({Status.RESOLVED, Status.WAITING}),
            Status.CLOSED,
            staff=Permission.TICKETS_CLOSE,
            needs=("reason",),
        ),
    )
}


def is_at_work(status: Status, waiting_on: WaitingOn | None) -> bool:
    """Whether the next step is not the citizen's: the time counts against government.

    Waiting for others is no excuse towards the citizen, nor is following another ticket: nobody asked them anything.
    """
    return status in AT_WORK | {Status.DUPLICATE} or (
        status is Status.WAITING and waiting_on is WaitingOn.EXTERNAL
    )
