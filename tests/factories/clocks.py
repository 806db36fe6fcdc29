"""Clocks as they stand after real acts: moments in Cairo, acts by their verb, sweeps, jobs, and what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

import hub.sla.tasks
from hub.catalogue.actions import ServiceDescription, save_service, save_team
from hub.catalogue.models import Line
from hub.journal.models import Fact, Job
from hub.journal.running import Outcome, run_job
from hub.journal.settings import JobSettings
from hub.reactions import MOVE_CLOCKS
from hub.routing.actions import save_rules
from hub.sla.actions import sweep_clocks
from hub.sla.models import CaseClock, TicketClock
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.vocabulary import Kind
from tenants.across import Across, Purpose
from tenants.context import SYSTEM
from tenants.languages import Text
from tenants.models import TenantState
from tenants.provisioning import TenantDescription, save_tenant, set_state
from tests.world import Agency, World

CAIRO = ZoneInfo("Africa/Cairo")
HOUR = timedelta(hours=1)
CITIZENS = {"answer", "confirm", "reopen", "withdraw", "add_information"}


def cairo(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """A moment of late 2026 on the clock of Cairo; the 22nd of November is a Sunday."""
    return datetime(2026, month, day, hour, minute, tzinfo=CAIRO).astimezone(UTC)


def act(
    world: World,
    verb: str,
    opened: Opened,
    agency: Agency | None = None,
    *,
    ticket_id: UUID | None = None,
    **facts: Any,
) -> Any:
    """Let the verb's natural caller do it to a case's first ticket, or to another one, at its present version."""
    where = agency or world.water
    ticket = ticket_id or opened.ticket_id
    caller = world.as_citizen(opened.case_id, where) if verb in CITIZENS else world.as_staff(where)
    with caller as context:
        return getattr(actions, verb)(context, ticket, ticket_for(context, ticket).version, **facts)


def clocks_of(
    world: World, opened: Opened, agency: Agency | None = None, *, ticket_id: UUID | None = None
) -> dict[str, TicketClock]:
    """The clocks of a ticket by kind, as they stand."""
    where = agency or world.water
    with world.as_system(where) as context:
        found = context.session.scalars(
            select(TicketClock)
            .where(
                TicketClock.tenant_id == where.id, TicketClock.ticket_id == (ticket_id or opened.ticket_id)
            )
            .execution_options(populate_existing=True)
        )
        return {clock.kind: clock for clock in found}


def resolution_of(world: World, opened: Opened, agency: Agency | None = None) -> TicketClock:
    """The resolution clock of a case's first ticket, as it stands."""
    return clocks_of(world, opened, agency)["resolution"]


def case_clock_of(world: World, opened: Opened, *agencies: Agency) -> CaseClock:
    """The citizen's clock on a case, as it stands."""
    with world.as_system(*(agencies or (world.water,))) as context:
        return context.session.get_one(CaseClock, opened.case_id, populate_existing=True)


def facts_about(world: World, opened: Opened, kind: str, *agencies: Agency) -> list[Fact]:
    """The facts of one kind about a case in the journals of some tenants, oldest first."""
    where = agencies or (world.water, world.tax)
    with world.as_system(*where) as context:
        return list(
            context.session.scalars(
                select(Fact)
                .where(
                    Fact.tenant_id.in_([agency.id for agency in where]),
                    Fact.case_id == opened.case_id,
                    Fact.kind == kind,
                )
                .order_by(Fact.id)
            )
        )


def rungs_of(
    world: World, opened: Opened, clock: str = "resolution", *agencies: Agency
) -> list[tuple[int, datetime]]:
    """The rungs that a case's clocks of one kind reached, and when that was recorded."""
    return [
        (fact.data["percent"], fact.at)
        for fact in facts_about(world, opened, "clock.rung_reached", *agencies)
        if fact.data["clock"] == clock
    ]


def sweep(world: World, *, limit: int = 500) -> int:
    """Sweep every tenant's clocks as the beat does, until nothing is due; gives how many clocks were looked at."""
    across = Across(world.database)
    swept = 0
    while True:
        with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=world.clock) as context:
            found = sweep_clocks(context, limit=limit)
        swept += found
        if not found:
            return swept


def sweep_at(world: World, *moments: datetime) -> None:
    """Move the clock to each moment and sweep."""
    for moment in moments:
        world.clock.move_to(moment)
        sweep(world)


def run_move_jobs(world: World, tenant_id: UUID) -> list[Outcome]:
    """Run the jobs that changes of promises in one tenant left, oldest first; gives every outcome on the way."""
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context:
        jobs: Sequence[UUID] = context.session.scalars(
            select(Job.id).where(Job.tenant_id == tenant_id, Job.task == MOVE_CLOCKS).order_by(Job.id)
        ).all()
    outcomes = []
    for job_id in jobs:
        outcome = Outcome.MORE
        while outcome is Outcome.MORE:
            outcome = run_job(
                world.database,
                tenant_id,
                job_id,
                hub.sla.tasks.move_clocks,
                JobSettings(),
                clock=world.clock,
            )
            outcomes.append(outcome)
    return outcomes


def bring_parks(world: World) -> UUID:
    """Bring a body onto the hub that promises nothing of its own; gives its id. It has one service, `tree`."""
    parks = Text(ar="الحدائق", en="Parks")
    with world.as_system() as context:
        tenant_id = save_tenant(
            context,
            TenantDescription(code="parks", name=parks, short_name=parks, about=parks, zone="Africa/Cairo"),
        )
        set_state(context, tenant_id, TenantState.LIVE)
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context:
        save_team(context, code="front", name=Text(ar="الاستقبال", en="Front office"), line=Line.AGENT)
        tree = Text(ar="شجرة", en="Tree")
        save_service(
            context, ServiceDescription(code="tree", kind=Kind.COMPLAINT, name=tree, description=tree)
        )
        save_rules(context, [{"catch_all": "front"}])
    return tenant_id


def take_over(world: World, opened: Opened, due: datetime, **columns: Any) -> None:
    """Make the resolution clock of a case's first ticket one that came with its deadline from an older system."""
    with world.as_system(world.water) as context:
        context.session.execute(
            update(TicketClock)
            .where(
                TicketClock.tenant_id == world.water.id,
                TicketClock.ticket_id == opened.ticket_id,
                TicketClock.kind == "resolution",
            )
            .values(
                level_tenant=None,
                level_id=None,
                calendar_version=None,
                target=None,
                due_at=due,
                next_action_at=due,
                **columns,
            )
        )
