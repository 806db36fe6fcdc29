"""How promises were kept, counted by Python from tickets, clocks and ratings, ticket by ticket."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from hub.journal.models import Fact
from hub.promises.models import KeptPromises
from hub.ratings.models import Rating
from hub.sla.models import TicketClock
from hub.tickets.models import Ticket
from tenants.context import Context

HOURS = (1, 2, 3, 4, 6, 8, 12, 18, *(24 * days for days in (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60, 90)))
Figures = dict[date, dict[str, object]]


def counted(context: Context, tenant_id: UUID, now: datetime) -> Figures:
    """What the figures of a body have to be at a moment, by the day of reporting."""
    session = context.session
    clocks = {
        (clock.ticket_id, clock.kind): clock
        for clock in session.scalars(
            select(TicketClock)
            .where(TicketClock.tenant_id == tenant_id)
            .execution_options(populate_existing=True)
        )
    }
    stars = {
        rating.ticket_id: rating.stars
        for rating in session.scalars(select(Rating).where(Rating.tenant_id == tenant_id))
    }
    facts: dict[UUID | None, list[str]] = defaultdict(list)
    for ticket_id, kind in session.execute(
        select(Fact.ticket_id, Fact.kind).where(Fact.tenant_id == tenant_id).order_by(Fact.version, Fact.id)
    ):
        facts[ticket_id].append(kind)
    days: dict[date, list[Ticket]] = defaultdict(list)
    for ticket in session.scalars(
        select(Ticket).where(Ticket.tenant_id == tenant_id).execution_options(populate_existing=True)
    ):
        days[ticket.opened_at.astimezone(UTC).date()].append(ticket)
    return {day: _day(tickets, clocks, stars, facts, now) for day, tickets in days.items()}


def kept(context: Context, tenant_id: UUID) -> Figures:
    """What is kept of a body, by the day of reporting."""
    return {
        row.day: {name: getattr(row, name) for name in _NAMES}
        for row in context.session.scalars(
            select(KeptPromises)
            .where(KeptPromises.tenant_id == tenant_id)
            .execution_options(populate_existing=True)
        )
    }


_NAMES = (
    "answers_due",
    "answers_kept",
    "solutions_due",
    "solutions_kept",
    "within",
    "solved",
    "reopened",
    "voices",
    "stars",
)


def _day(
    tickets: list[Ticket],
    clocks: dict[tuple[UUID, str], TicketClock],
    stars: dict[UUID, int],
    facts: dict[UUID | None, list[str]],
    now: datetime,
) -> dict[str, object]:
    found: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for ticket in tickets:
        answer, solution = (clocks.get((ticket.id, kind)) for kind in ("first_response", "resolution"))
        if answer is not None and _counts(answer, answer.met_at, now, answer.stopped_at):
            found["answers_due"] += 1
            found["answers_kept"] += answer.met_at is not None and answer.met_at <= answer.due_at
        if solution is not None:
            done = ticket.resolved_at if ticket.resolved_at is not None else ticket.closed_at
            put_away = solution.stopped_at
            if ticket.status == "rejected":
                done, put_away = None, ticket.closed_at
            elif put_away is not None:
                done = None
            if _counts(solution, done, now, put_away):
                found["solutions_due"] += 1
                found["solutions_kept"] += done is not None and done <= solution.due_at
                if done is None or done >= ticket.opened_at:
                    within[str(_step(None if done is None else done - ticket.opened_at))] += 1
        past = facts[ticket.id]
        if "ticket.joined" in past:
            continue
        found["solved"] += ticket.resolved_at is not None or "ticket.resolved" in past
        if "ticket.resolved" in past:
            found["reopened"] += "ticket.reopened" in past[past.index("ticket.resolved") :]
        if ticket.id in stars:
            found["voices"] += 1
            found["stars"] += stars[ticket.id]
    return {name: dict(within) if name == "within" else found[name] for name in _NAMES}


def _counts(clock: TicketClock, done: datetime | None, now: datetime, put_away: datetime | None) -> bool:
    if clock.due_at > now:
        return False
    if put_away is not None:
        return put_away > clock.due_at
    return done is not None or clock.paused_at is None or clock.paused_at > clock.due_at


def _step(took: timedelta | None) -> int:
    if took is None:
        return len(HOURS)
    return next((step for step, hours in enumerate(HOURS) if took <= timedelta(hours=hours)), len(HOURS))
