"""One ticket as a line of a list, and the columns that it is read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, select

from hub.catalogue.models import Service, Team
from hub.sla.levels import ClockKind
from hub.sla.models import TicketClock
from hub.tickets.lifecycle import Status, WaitingOn
from hub.tickets.models import Ticket
from hub.vocabulary import Channel, Kind, Priority
from tenants.languages import Text
from tenants.models import User

TICKETS: Final = Ticket.__table__.alias("tickets")
CLOCKS: Final = TicketClock.__table__
_SERVICES: Final = Service.__table__
_TEAMS: Final = Team.__table__
_USERS: Final = User.__table__

# What a line shows of the ticket itself; a list's page gives these, `lines_of` adds what they lead to.
TICKET_COLUMNS: Final[tuple[ColumnElement[Any], ...]] = tuple(
    TICKETS.c[name]
    for name in (
        "tenant_id",
        "id",
        "case_id",
        "case_number",
        "subject",
        "kind",
        "priority",
        "status",
        "waiting_on",
        "stage",
        "governorate",
        "district",
        "opened_at",
        "version",
        "confidential",
        "channel",
        "reopened",
        "service_id",
        "team_id",
        "assignee_id",
    )
)


@dataclass(frozen=True, slots=True)
class Named:
    """A service or team by its code, as people call it."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Assignee:
    """The member of staff who has a ticket."""

    id: UUID
    name: Text


@dataclass(frozen=True, slots=True)
class Deadline:
    """How a clock stands: due when, missed or not, resting, over and done with.

    While it is `paused` `due_at` is what it was last. `late` is whether it passed its deadline before it ended, was
    paused, or was looked at.
    """

    due_at: datetime
    late: bool
    paused: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket in a list."""

    tenant_id: UUID
    id: UUID
    case_id: UUID
    case_number: str
    subject: str
    service: Named
    kind: Kind
    priority: Priority
    status: Status
    waiting_on: WaitingOn | None
    stage: str | None
    team: Named | None
    assignee: Assignee | None
    governorate: str | None
    district: str | None
    opened_at: datetime
    first_response: Deadline | None
    resolution: Deadline | None
    version: int
    confidential: bool
    channel: Channel
    reopened: int


def lines_of(page: FromClause, mine: ColumnElement[Any]) -> Select[Any]:
    """A page of `TICKET_COLUMNS` with the names and clocks they lead to, in no order.

    `mine` are the tenants of the reader; the page is held to them and all else to the page.
    """
    first, resolution = CLOCKS.alias("first_response"), CLOCKS.alias("resolution")
    found: FromClause = page.join(
        _SERVICES,
        and_(_SERVICES.c.tenant_id == page.c.tenant_id, _SERVICES.c.id == page.c.service_id),
    )
    found = found.outerjoin(
        _TEAMS, and_(_TEAMS.c.tenant_id == page.c.tenant_id, _TEAMS.c.id == page.c.team_id)
    ).outerjoin(_USERS, _USERS.c.id == page.c.assignee_id)
    for clock, kind in ((first, ClockKind.FIRST_RESPONSE), (resolution, ClockKind.RESOLUTION)):
        found = found.outerjoin(
            clock,
            and_(
                clock.c.tenant_id == page.c.tenant_id,
                clock.c.ticket_id == page.c.id,
                clock.c.kind == kind.value,
            ),
        )
    return (
        select(
            *page.c,
            _SERVICES.c.code.label("service_code"),
            _SERVICES.c.name.label("service_name"),
            _TEAMS.c.code.label("team_code"),
            _TEAMS.c.name.label("team_name"),
            _USERS.c.name.label("assignee_name"),
            *(
                clock.c[name].label(f"{clock.name}_{name}")
                for clock in (first, resolution)
                for name in ("due_at", "paused_at", "met_at", "stopped_at")
            ),
        )
        .select_from(found)
        .where(page.c.tenant_id == mine)
    )


def read_line(row: Row[Any], now: datetime) -> TicketRow:
    """A row of `lines_of` as a line, its clocks as they stand at a moment."""
    return TicketRow(
        tenant_id=row.tenant_id,
        id=row.id,
        case_id=row.case_id,
        case_number=row.case_number,
        subject=row.subject,
        service=Named(row.service_code, row.service_name),
        kind=Kind(row.kind),
        priority=Priority(row.priority),
        status=Status(row.status),
        waiting_on=WaitingOn(row.waiting_on) if row.waiting_on else None,
        stage=row.stage,
        team=Named(row.team_code, row.team_name) if row.team_code else None,
        assignee=Assignee(row.assignee_id, row.assignee_name) if row.assignee_name else None,
        governorate=row.governorate,
        district=row.district,
        opened_at=row.opened_at,
        first_response=_deadline(
            row.first_response_due_at,
            row.first_response_paused_at,
            row.first_response_met_at,
            row.first_response_stopped_at,
            now,
        ),
        resolution=_deadline(
            row.resolution_due_at,
            row.resolution_paused_at,
            row.resolution_met_at,
            row.resolution_stopped_at,
            now,
        ),
        version=row.version,
        confidential=row.confidential,
        channel=Channel(row.channel),
        reopened=row.reopened,
    )


def _deadline(
    due_at: datetime | None,
    paused_at: datetime | None,
    met_at: datetime | None,
    stopped_at: datetime | None,
    now: datetime,
) -> Deadline | None:
    if due_at is None:
        return None
    ended = met_at is not None or stopped_at is not None
    # The deadline of a pause that began before it is only what it was last: it is not held to it.
    until = min(moment for moment in (now, paused_at, met_at, stopped_at) if moment is not None)
    return Deadline(due_at, late=due_at < until, paused=paused_at is not None and not ended, ended=ended)
