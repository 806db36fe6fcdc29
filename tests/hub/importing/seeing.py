"""What an import left behind: its report in numbers, a ticket's clock, and its history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from hub.importing.report import ImportReport
from hub.journal.queries import facts_of_ticket
from hub.sla.models import TicketClock
from hub.tickets.models import Ticket
from tests.world import World


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.taken_over, report.known, report.refused


def clock_of(world: World, ticket: Ticket) -> TicketClock:
    with world.as_system(world.water) as context:
        return context.session.scalars(
            select(TicketClock).where(
                TicketClock.tenant_id == ticket.tenant_id, TicketClock.ticket_id == ticket.id
            )
        ).one()


def facts(world: World, ticket: Ticket) -> list[tuple[str, datetime]]:
    with world.as_system(world.water) as context:
        return [(fact.kind, fact.at) for fact in facts_of_ticket(context, ticket.tenant_id, ticket.id)]
