"""The doors to service levels and clocks: the levels in force, a ticket's clocks and its case's, and why each is due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from hub.calendars.access import CalendarInForce, calendar_versions, read_calendar
from hub.calendars.models import Calendar, CalendarVersion
from hub.sla.errors import DeadlineWasGiven
from hub.sla.explanation import Explanation, explain
from hub.sla.levels import Choice, ClockKind, Rung, ServiceLevel, choose_level
from hub.sla.models import CaseClock, ServiceLevelRow, TicketClock
from hub.sla.rows import state_of
from hub.tickets.models import Ticket
from hub.vocabulary import Priority
from tenants.context import ActorKind, Context
from tenants.ids import HUB
from tenants.set_up import holding_set_up, remembered

Clock = TicketClock | CaseClock
# The level's tenant, the level and the version of its calendar: what a running clock was last counted by.
Basis = tuple[UUID, UUID, int]


@dataclass(frozen=True, slots=True)
class Counting:
    """What a clock is counted by: the level chosen for it and the calendar of that level."""

    choice: Choice
    calendar: CalendarInForce


def levels_in_force(context: Context, tenant_id: UUID) -> list[ServiceLevel]:
    """The promises of a tenant and, below them, the hub's floor."""
    rows = context.session.scalars(
        select(ServiceLevelRow).where(
            ServiceLevelRow.tenant_id.in_({tenant_id, HUB}), ServiceLevelRow.retired_at.is_(None)
        )
    )
    return [read_level(row) for row in rows]


def counting_for(
    context: Context, tenant_id: UUID, service_id: UUID | None, priority: Priority
) -> dict[ClockKind, Counting]:
    """What each kind of clock of a ticket is counted by; a kind that nobody promises anything for is left out."""
    held = holding_set_up(context, tenant_id, HUB)
    levels, calendars = _promised(held, tenant_id)
    chosen = choose_level(
        levels, tenant_id=tenant_id, service_id=service_id, priority=priority, hub_tenant_id=HUB
    )
    return {
        kind: Counting(choice, calendars[choice.level.tenant_id, choice.level.calendar_id])
        for kind, choice in chosen.items()
        if choice is not None
    }


_Promised = tuple[list[ServiceLevel], dict[tuple[UUID, UUID], CalendarInForce]]

_WITH_CALENDARS = ServiceLevelRow.__table__.join(
    Calendar.__table__,
    (Calendar.tenant_id == ServiceLevelRow.tenant_id) & (Calendar.id == ServiceLevelRow.calendar_id),
).join(
    CalendarVersion.__table__,
    (CalendarVersion.tenant_id == Calendar.tenant_id)
    & (CalendarVersion.calendar_id == Calendar.id)
    & (CalendarVersion.version == Calendar.version),
)


def _promised(context: Context, tenant_id: UUID) -> _Promised:
    """The promises of a tenant and of the hub with the calendars they are counted on now."""
    if tenant_id not in context.tenants | {HUB}:
        return [], {}

    def read() -> _Promised:
        rows = context.session.execute(
            select(ServiceLevelRow, CalendarVersion)
            .select_from(_WITH_CALENDARS)
            .where(ServiceLevelRow.tenant_id.in_([tenant_id, HUB]), ServiceLevelRow.retired_at.is_(None))
        ).all()
        return (
            [read_level(level) for level, _ in rows],
            {(level.tenant_id, level.calendar_id): read_calendar(calendar) for level, calendar in rows},
        )

    return remembered(context, (tenant_id, HUB), ("sla.promised",), read)


def basis_of(clock: Clock) -> Basis:
    """What names the level and calendar that a running clock was last counted by.

    Raises `DeadlineWasGiven` for a clock taken over with its deadline.
    """
    if clock.level_tenant is None or clock.level_id is None or clock.calendar_version is None:
        raise DeadlineWasGiven(field="clock")
    return clock.level_tenant, clock.level_id, clock.calendar_version


def counted_by(context: Context, bases: Iterable[Basis]) -> dict[Basis, tuple[CalendarInForce, ServiceLevel]]:
    """The calendars and levels that running clocks were last counted by, in force or not any more."""
    wanted = set(bases)
    levels = {
        (row.tenant_id, row.id): read_level(row)
        for row in context.session.scalars(
            select(ServiceLevelRow).where(
                ServiceLevelRow.tenant_id.in_({basis[0] for basis in wanted}),
                tuple_(ServiceLevelRow.tenant_id, ServiceLevelRow.id).in_({basis[:2] for basis in wanted}),
            )
        )
    }
    on = {basis: (basis[0], levels[basis[:2]].calendar_id, basis[2]) for basis in wanted}
    calendars = calendar_versions(context, set(on.values()))
    return {basis: (calendars[on[basis]], levels[basis[:2]]) for basis in wanted}


def clocks_of_ticket(context: Context, ticket: Ticket) -> Sequence[TicketClock]:
    """The clocks of a ticket that the caller was shown by `ticket_for`, first response first."""
    return context.session.scalars(
        select(TicketClock)
        .where(TicketClock.tenant_id == ticket.tenant_id, TicketClock.ticket_id == ticket.id)
        .order_by(TicketClock.kind)
        .execution_options(populate_existing=True)
    ).all()


def clock_of_case(context: Context, case_id: UUID, *, to_change: bool = False) -> CaseClock | None:
    """The citizen's clock on a case that the context sees; `to_change` locks it until the transaction ends."""
    return context.session.get(CaseClock, case_id, populate_existing=True, with_for_update=to_change)


def promise_to_citizen(context: Context, case_id: UUID, unsolved: Collection[UUID]) -> Clock | None:
    """The one deadline that a case's citizen is told, wherever they look; None where nobody promises anything.

    While tickets are `unsolved` it is what their bodies promise for solving them, of several the latest, or the hub's
    own where that is sooner, where a body promises nothing, and while what a body promised rests and the hub's does
    not. Afterwards it is the last promise of a body that was kept or broken. Where there is none it is the hub's own if
    something was solved all the same, by whom another ticket followed or by a body that promises nothing; else the last
    promise that ended without either.
    """
    found = context.session.scalars(
        select(TicketClock)
        .where(
            TicketClock.tenant_id.in_(context.tenants),
            TicketClock.case_id == case_id,
            TicketClock.kind == ClockKind.RESOLUTION,
        )
        .execution_options(populate_existing=True)
    ).all()
    of_hub = clock_of_case(context, case_id)
    if not unsolved:
        met = [(clock.met_at, clock.due_at, clock) for clock in found if clock.met_at is not None]
        halted = [(clock.stopped_at, clock.due_at, clock) for clock in found if clock.stopped_at is not None]
        ended = met or ([] if _is_solved(context, case_id) else halted)
        return max(ended, key=lambda each: each[:2])[2] if ended else of_hub
    live: list[Clock] = [clock for clock in found if clock.ticket_id in unsolved and _is_live(clock)]
    if len(live) < len(unsolved):
        return of_hub
    of_bodies = max([clock for clock in live if clock.paused_at is None] or live, key=_due)
    both = [of_bodies] if of_hub is None or not _is_live(of_hub) else [of_bodies, of_hub]
    return min([clock for clock in both if clock.paused_at is None] or [of_bodies], key=_due)


def _is_solved(context: Context, case_id: UUID) -> bool:
    """Whether a body holds its part in a case solved; what was withdrawn afterwards counts, what was reopened not."""
    solved = select(Ticket.id).where(
        Ticket.tenant_id.in_(context.tenants), Ticket.case_id == case_id, Ticket.resolved_at.is_not(None)
    )
    return bool(context.session.scalar(select(solved.exists())))


def _is_live(clock: Clock) -> bool:
    return clock.met_at is None and clock.stopped_at is None


def _due(clock: Clock) -> datetime:
    return clock.due_at


def why_due(context: Context, clock: Clock) -> Explanation:
    """Every step that led to a clock's deadline, for whoever asks why it is when it is.

    Raises `DeadlineWasGiven` for a clock taken over with its deadline from another system, which gave no reason.
    """
    basis = basis_of(clock)
    calendar, level = counted_by(context, [basis])[basis]
    chosen = choose_level(
        [level],
        tenant_id=level.tenant_id,
        service_id=level.service_id,
        priority=level.priority or Priority.NORMAL,
        hub_tenant_id=HUB,
    )[ClockKind(clock.kind)]
    # To citizens versions of what a body set up say nothing.
    versioned = context.actor.kind is not ActorKind.CITIZEN
    return explain(calendar.working, state_of(clock), context.now, choice=chosen, versioned=versioned)


def read_level(row: ServiceLevelRow) -> ServiceLevel:
    """A stored level as the rules see it."""
    return ServiceLevel(
        id=row.id,
        version=row.version,
        tenant_id=row.tenant_id,
        service_id=row.service_id,
        priority=Priority(row.priority) if row.priority else None,
        first_response=row.first_response,
        resolution=row.resolution,
        calendar_id=row.calendar_id,
        ladder=tuple(Rung(at=rung["at"], tells=rung["tells"]) for rung in row.ladder),
        case=row.case_target,
    )
