"""Lists of tickets, as machines ask for them and read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from hub.api.bodies import Body, Code
from hub.stories.views import Named, PersonNamed, View
from hub.tickets.lifecycle import Status, WaitingOn
from hub.vocabulary import Channel, Kind, Priority
from hub.worklists.filters import Sort, SortBy, TicketFilters
from hub.worklists.queries import MOST_ROWS
from hub.worklists.rows import Assignee, Deadline, TicketRow
from hub.worklists.rows import Named as NamedRow
from hub.worklists.searching import Meant
from tenants.languages import Language

# A moment near either end of the calendar has no name in another zone.
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2900, 1, 1, tzinfo=UTC))
]


class ListAsked(Body):
    """Which tickets, in which order, from where on."""

    status: Annotated[frozenset[Status], Field(description="One of these.")] = frozenset()
    waiting_on: WaitingOn | None = None
    team: Annotated[Code | None, Field(description="A team's code.")] = None
    assignee: UUID | None = None
    service: Annotated[Code | None, Field(description="A service's code.")] = None
    kind: Kind | None = None
    priority: Priority | None = None
    governorate: Code | None = None
    district: Code | None = None
    channel: Channel | None = None
    opened_since: Moment | None = None
    opened_until: Annotated[Moment | None, Field(description="The first moment not asked for.")] = None
    due_before: Annotated[Moment | None, Field(description="Resolution due before, of clocks that run.")] = (
        None
    )
    overdue: bool = False
    reopened: Annotated[bool, Field(description="Only what a citizen reopened.")] = False
    sort: SortBy = SortBy.OPENED
    descending: bool = True
    after: Annotated[
        str | None, Field(max_length=200, description="The cursor that the page before gave.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50

    @property
    def filters(self) -> TicketFilters:
        """What the tickets have to be."""
        asked = self.model_dump(exclude={"status", "sort", "descending", "after", "limit"})
        return TicketFilters(statuses=self.status, **asked)

    @property
    def order(self) -> Sort:
        """The order they come in."""
        return Sort(self.sort, self.descending)


class SearchAsked(Body):
    """What somebody looks for."""

    q: Annotated[
        str, Field(max_length=500, description="A case number, a phone number, or words; Arabic digits too.")
    ]
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 20


class DeadlineListed(View):
    """How a clock stands."""

    due_at: datetime
    late: bool
    paused: bool
    ended: bool


class TicketListed(View):
    """A ticket as a line of a list."""

    id: UUID
    case_number: str
    subject: str
    service: Named
    kind: Kind
    priority: Priority
    status: Status
    waiting_on: WaitingOn | None
    stage: str | None
    team: Named | None
    assignee: PersonNamed | None
    governorate: str | None
    district: str | None
    channel: Channel
    opened_at: datetime
    first_response: DeadlineListed | None
    resolution: DeadlineListed | None
    confidential: bool
    reopened: int
    version: int


class TicketPageView(View):
    """A page of a list."""

    tickets: list[TicketListed]
    next: Annotated[str | None, Field(description="The cursor of the next page; none on the last.")]


class TicketsFound(View):
    """What a search found, newest first, and as what it was understood."""

    meant: Meant
    tickets: list[TicketListed]


def listed(row: TicketRow, language: Language) -> TicketListed:
    """A line of a list as it is told."""
    return TicketListed(
        id=row.id,
        case_number=row.case_number,
        subject=row.subject,
        service=Named(code=row.service.code, name=row.service.name.in_language(language)),
        kind=row.kind,
        priority=row.priority,
        status=row.status,
        waiting_on=row.waiting_on,
        stage=row.stage,
        team=_team(row.team, language),
        assignee=_assignee(row.assignee, language),
        governorate=row.governorate,
        district=row.district,
        channel=row.channel,
        opened_at=row.opened_at,
        first_response=_deadline(row.first_response),
        resolution=_deadline(row.resolution),
        confidential=row.confidential,
        reopened=row.reopened,
        version=row.version,
    )


def _team(team: NamedRow | None, language: Language) -> Named | None:
    return None if team is None else Named(code=team.code, name=team.name.in_language(language))


def _assignee(assignee: Assignee | None, language: Language) -> PersonNamed | None:
    return None if assignee is None else PersonNamed(id=assignee.id, name=assignee.name.in_language(language))


def _deadline(deadline: Deadline | None) -> DeadlineListed | None:
    if deadline is None:
        return None
    return DeadlineListed(
        due_at=deadline.due_at, late=deadline.late, paused=deadline.paused, ended=deadline.ended
    )
