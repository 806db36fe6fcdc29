"""Where a person's records lead, seen past the fences: no context may list people."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from hub.tickets.actions import Opened
from hub.tickets.models import CaseKey
from tenants.context import CITIZEN
from tests.world import World


def record_of(world: World, opened: Opened) -> UUID:
    """The record of who opened a case, as only they themselves may see it."""
    with world.database.unit_of_work(actor=CITIZEN, case_id=opened.case_id) as context:
        person_id = context.session.get_one(CaseKey, opened.case_id).person_id
    assert person_id is not None
    return person_id


def person_of(world: World, opened: Opened) -> UUID:
    """Who opened a case, as far as the hub knows."""
    return person_behind(world, record_of(world, opened))


def person_behind(world: World, record: UUID) -> UUID:
    """Who a record leads to."""
    with world.as_system() as context:
        found: UUID = context.session.execute(
            text("SELECT person_behind(:record)"), {"record": record}
        ).scalar_one()
    return found
