"""Cases in whatever stage of their life a test needs, reached through the real actions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hub.people.actions import Reporter
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.tickets.models import Ticket
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
