"""Clocks that the sweep could not reckon, because their rows hold what cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from hub.sla.models import CaseClock, TicketClock
from tenants.across import Across, Purpose
from tenants.context import SYSTEM


@dataclass(frozen=True, slots=True)
class BrokenClock:
    """Where a row is that somebody has to mend, and what is wrong with it."""

    table: str
    id: UUID
    trouble: str


def broken_clocks(across: Across, *, most: int) -> list[BrokenClock]:
    """At most so many of the clocks that were set aside, tickets' before cases', the next to be tried first."""
    with across.unit_of_work(Purpose.VERIFYING, actor=SYSTEM) as context:
        of_tickets = context.session.execute(
            select(TicketClock.id, TicketClock.trouble)
            .where(
                TicketClock.tenant_id.in_(context.tenants),
                TicketClock.trouble.is_not(None),
                TicketClock.next_action_at.is_not(None),
            )
            .order_by(TicketClock.next_action_at)
            .limit(most)
        ).all()
        of_cases = context.session.execute(
            select(CaseClock.case_id, CaseClock.trouble)
            .where(CaseClock.trouble.is_not(None), CaseClock.next_action_at.is_not(None))
            .order_by(CaseClock.next_action_at)
            .limit(most)
        ).all()
    found = [
        BrokenClock(table.__tablename__, clock_id, trouble or "")
        for table, rows in ((TicketClock, of_tickets), (CaseClock, of_cases))
        for clock_id, trouble in rows
    ]
    return found[:most]
