from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from hub import reactions
from hub.events import CalendarChanged, TicketImported
from hub.journal import registry
from hub.journal.actions import record, record_history
from hub.journal.models import Fact, Job
from hub.journal.queries import facts_of_case, facts_of_ticket
from hub.journal.registry import NoReactions
from tenants.ids import new_id
from tests.factories.tickets import open_leak, work_on
from tests.hub.journal.ledger import in_tenant, write
from tests.world import World, undone


@pytest.fixture
def no_reactions() -> Iterator[None]:
    registry.install({})
    yield
    reactions.install()


@pytest.mark.usefixtures("no_reactions")
def test_a_process_without_reactions_records_nothing(world: World) -> None:
    with pytest.raises(NoReactions, match="TicketImported"), in_tenant(world, world.water.id) as context:
        write(context, world.water.id, "lost")
    with in_tenant(world, world.water.id) as context:
        wanted = select(Fact).where(Fact.tenant_id == world.water.id, Fact.kind == TicketImported.kind)
        assert context.session.scalars(wanted).all() == []


def test_a_fact_says_who_when_and_what(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        fact = facts_of_ticket(context, world.water.id, opened.ticket_id)[0]
    assert fact.kind == "ticket.opened"
    assert fact.at == world.clock.moment
    assert (fact.actor_kind, fact.actor_id) == ("staff", world.water["agent"].id)
    assert (fact.case_id, fact.ticket_id, fact.version) == (opened.case_id, opened.ticket_id, 1)
    assert fact.data["channel"] == "phone"
    # What is unknown is left out.
    assert "handed_on_by" not in fact.data


def test_history_can_be_read_from_a_version_on(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        later = facts_of_ticket(context, world.water.id, opened.ticket_id, after_version=version - 1)
        assert [fact.kind for fact in later] == ["ticket.started"]
        assert len(facts_of_case(context, opened.case_id)) > len(later)


def test_the_other_tenant_reads_no_history(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.tax) as context:
        assert facts_of_case(context, opened.case_id) == []
        assert facts_of_ticket(context, world.water.id, opened.ticket_id) == []


def test_what_is_undone_was_never_recorded_nor_promised(world: World) -> None:
    tenant_id = new_id()
    with undone(in_tenant(world, tenant_id)) as context:
        record(context, CalendarChanged(tenant_id=tenant_id, calendar_id=new_id(), calendar_version=1))
        assert len(context.session.scalars(select(Job).where(Job.tenant_id == tenant_id)).all()) == 1
    with in_tenant(world, tenant_id) as context:
        for table in (Fact, Job):
            assert context.session.scalars(select(table).where(table.tenant_id == tenant_id)).all() == []


def test_the_jobs_of_a_fact_are_promised_with_it(world: World) -> None:
    tenant_id = new_id()
    with in_tenant(world, tenant_id) as context:
        record(context, CalendarChanged(tenant_id=tenant_id, calendar_id=new_id(), calendar_version=1))
        fact = context.session.scalars(select(Fact).where(Fact.tenant_id == tenant_id)).one()
        job = context.session.scalars(select(Job).where(Job.tenant_id == tenant_id)).one()
    assert (job.fact_id, job.task, job.state, job.attempts) == (fact.id, "sla.move_clocks", "waiting", 0)
    assert job.next_attempt_at == world.clock.moment


def test_history_taken_over_keeps_its_own_times_and_promises_nothing(world: World) -> None:
    tenant_id, long_ago = new_id(), datetime(2010, 1, 31, 22, 30, tzinfo=UTC)
    changed = CalendarChanged(tenant_id=tenant_id, calendar_id=new_id(), calendar_version=1)
    with in_tenant(world, tenant_id) as context:
        record_history(context, [(long_ago, changed)])
        fact = context.session.scalars(select(Fact).where(Fact.tenant_id == tenant_id)).one()
        assert (fact.at, fact.kind) == (long_ago, changed.kind)
        assert context.session.scalars(select(Job).where(Job.tenant_id == tenant_id)).all() == []
