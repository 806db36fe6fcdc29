"""Cases in whatever stage of their life a test needs, reached through the real actions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.journal.models import Fact
from hub.people.actions import Reporter
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.tickets.models import Case, Entry, Ticket
from hub.vocabulary import Channel
from tests.world import Agency, World


def open_leak(world: World, agency: Agency | None = None, **changes: Any) -> Opened:
    """A citizen's report of a burst pipe, screened before its team gets it."""
    facts: dict[str, Any] = {
        "service": "leak",
        "description": "ماسورة مكسورة أمام المدرسة",
        "channel": Channel.PHONE,
        "reporter": Reporter(name="منى", phone="01001234567"),
        "answers": {"hazard": False},
    }
    with world.as_staff(agency or world.water, "agent") as context:
        return actions.open_case(context, **{**facts, **changes})


def open_bill(world: World, agency: Agency | None = None, **changes: Any) -> Opened:
    """A question about a bill, which goes to its team unscreened."""
    return open_leak(world, agency, **{"service": "bill", "answers": None, **changes})


def ticket_of(world: World, opened: Opened, agency: Agency | None = None) -> Ticket:
    """The first ticket of a case as it is now."""
    return ticket_by_id(world, opened.ticket_id, agency)


def ticket_by_id(world: World, ticket_id: UUID, agency: Agency | None = None) -> Ticket:
    """A ticket as it is now."""
    with world.as_system(agency or world.water) as context:
        return ticket_for(context, ticket_id)


def work_on(world: World, opened: Opened, agency: Agency | None = None) -> int:
    """Take a case's first ticket through screening into work; gives its version."""
    where = agency or world.water
    ticket = ticket_of(world, opened, where)
    with world.as_staff(where) as context:
        version = ticket.version
        if ticket.status == "received":
            version = actions.forward(context, ticket.id, version)
        return actions.start(context, ticket.id, version)


def resolve(world: World, opened: Opened, agency: Agency | None = None) -> int:
    """Take a case's first ticket to its resolution; gives its version."""
    where = agency or world.water
    with world.as_staff(where) as context:
        return actions.resolve(
            context, opened.ticket_id, ticket_for(context, opened.ticket_id).version, resolution="أُصلحت"
        )


def version_of(world: World, opened: Opened, agency: Agency | None = None) -> int:
    """The version of a case's first ticket as it is now."""
    return ticket_of(world, opened, agency).version


def case_of(world: World, opened: Opened) -> Case:
    """A case as it is now."""
    with world.as_system(world.water, world.tax) as context:
        return context.session.get_one(Case, opened.case_id)


def tickets_of(world: World, opened: Opened) -> list[Ticket]:
    """All tickets of a case, in every tenant, oldest first."""
    with world.as_system(world.water, world.tax) as context:
        both = (world.water.id, world.tax.id)
        return list(
            context.session.scalars(
                select(Ticket)
                .where(Ticket.tenant_id.in_(both), Ticket.case_id == opened.case_id)
                .order_by(Ticket.id)
            )
        )


def facts_of(world: World, opened: Opened) -> list[Fact]:
    """What the journal says of a case in every tenant, in the order written; clocks aside, which go their own way."""
    with world.as_system(world.water, world.tax) as context:
        both = (world.water.id, world.tax.id)
        return list(
            context.session.scalars(
                select(Fact)
                .where(
                    Fact.tenant_id.in_(both), Fact.case_id == opened.case_id, Fact.kind.not_like("clock.%")
                )
                .order_by(Fact.id)
            )
        )


def kinds_of(world: World, opened: Opened) -> list[str]:
    """The kinds of fact in a case's journal, in the order written."""
    return [fact.kind for fact in facts_of(world, opened)]


def entries_of(world: World, opened: Opened, agency: Agency | None = None) -> list[Entry]:
    """What is written on a case's tickets in one tenant, oldest first."""
    where = agency or world.water
    with world.as_system(where) as context:
        return list(
            context.session.scalars(
                select(Entry)
                .where(Entry.tenant_id == where.id, Entry.case_id == opened.case_id)
                .order_by(Entry.id)
            )
        )
