from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.catalogue.models import Team
from hub.importing.actions import take_over
from hub.importing.mapping import parse_mapping
from hub.importing.rows import ImportedRow, open_rows
from hub.journal.models import Fact, Job
from hub.journal.sealing import seal_tenant, verify_tenant
from hub.sla.actions import sweep_clocks
from hub.sla.models import TicketClock
from hub.tickets import actions, numbers
from hub.tickets.models import Case
from tenants.errors import NotAllowed
from tests.hub.importing.city import (
    CLOSED,
    MAPPING,
    OPEN,
    as_csv,
    bring_in,
    imported,
    tickets_of,
)
from tests.hub.importing.seeing import clock_of, counts, facts
from tests.world import World

OPENED = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)


CLOSING = datetime(2025, 1, 3, 5, 6, tzinfo=UTC)


DUE = datetime(2025, 1, 4, tzinfo=UTC)


def test_a_closed_row_becomes_a_closed_case_at_its_own_times(world: World, tmp_path: Path) -> None:
    assert counts(bring_in(world, tmp_path, CLOSED)) == (1, 0, 0)
    ticket = imported(world, "1")
    assert (ticket.status, ticket.closure, ticket.source) == ("closed", None, "a-city")
    assert (ticket.opened_at, ticket.closed_at, ticket.resolved_at) == (OPENED, CLOSING, None)
    assert (ticket.subject, ticket.description, ticket.resolution) == (
        "Dark",
        "The lamp is out",
        "Lamp replaced",
    )
    assert (ticket.channel, ticket.channel_label, ticket.kind) == ("phone", "Call", "complaint")
    assert (ticket.district, ticket.address) == ("North", "1 Nile Street")
    assert (ticket.latitude, ticket.longitude) == (30.5, 31.25)
    assert facts(world, ticket) == [("ticket.imported", OPENED), ("ticket.closed", CLOSING)]
    with world.as_system(world.water) as context:
        case = context.session.get_one(Case, ticket.case_id)
        assert (case.opened_at, case.closed_at, case.open_tickets, case.at_work) == (OPENED, CLOSING, 0, 0)
        assert numbers.is_number(case.number)
        assert case.number == ticket.case_number
        team = context.session.get_one(Team, (ticket.tenant_id, ticket.team_id))
        assert (team.code, team.name.en, team.name.ar) == ("lamp-crew", "Lamp crew", "Lamp crew")


def test_a_due_time_becomes_the_resolution_clocks_deadline(world: World, tmp_path: Path) -> None:
    late = CLOSED | {"Number": "2", "Due": "2025-01-03 05:05"}
    bring_in(world, tmp_path, CLOSED, late, CLOSED | {"Number": "3", "Due": ""})
    met = clock_of(world, imported(world, "1"))
    assert (met.kind, met.started_at, met.due_at, met.met_at) == ("resolution", OPENED, DUE, CLOSING)
    assert (met.target, met.breached_at, met.next_action_at, met.rungs_done) == (None, None, None, [])
    missed = clock_of(world, imported(world, "2"))
    assert (missed.breached_at, missed.rungs_done) == (CLOSING - timedelta(minutes=1), [100])
    with world.as_system(world.water) as context:
        assert context.session.scalar(select(func.count()).select_from(TicketClock)) == 2


def test_an_open_row_waits_for_screening_or_is_with_its_team(world: World, tmp_path: Path) -> None:
    bring_in(world, tmp_path, OPEN, OPEN | {"Number": "3", "Team": ""})
    assert imported(world, "2").status == "assigned"
    received = imported(world, "3")
    assert (received.status, received.team_id, received.closed_at) == ("received", None, None)
    with world.as_system(world.water) as context:
        case = context.session.get_one(Case, received.case_id)
        assert (case.closed_at, case.open_tickets, case.at_work) == (None, 1, 1)
    assert facts(world, received) == [("ticket.imported", OPENED)]


def test_contradictions_are_kept_as_they_were_found(world: World, tmp_path: Path) -> None:
    bring_in(
        world,
        tmp_path,
        OPEN | {"Closed": "2025-01-03 05:06"},
        CLOSED | {"Number": "3", "Closed": ""},
        CLOSED | {"Number": "4", "Closed": "2025-01-01 00:00"},
    )
    still_open = imported(world, "2")
    assert (still_open.status, still_open.closed_at) == ("assigned", CLOSING)
    assert clock_of(world, still_open).met_at is None
    undated = imported(world, "3")
    assert (undated.status, undated.closed_at) == ("closed", None)
    clock = clock_of(world, undated)
    assert (clock.met_at, clock.stopped_at, clock.breached_at, clock.next_action_at) == (
        None,
        None,
        None,
        None,
    )
    assert facts(world, undated)[1] == ("ticket.closed", world.clock.moment)
    backwards = imported(world, "4")
    assert backwards.closed_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert facts(world, backwards)[1][1] == backwards.closed_at


def test_a_deadline_still_to_come_fires_once_and_a_passed_one_tells_nobody(
    world: World, tmp_path: Path
) -> None:
    due = world.clock.moment + timedelta(hours=1)
    bring_in(world, tmp_path, OPEN, OPEN | {"Number": "3", "Due": f"{due:%Y-%m-%d %H:%M}"})
    passed = clock_of(world, imported(world, "2"))
    assert (passed.breached_at, passed.rungs_done, passed.next_action_at) == (DUE, [100], None)
    coming = imported(world, "3")
    assert clock_of(world, coming).next_action_at == due
    swept = []
    for moment in (due - timedelta(seconds=1), due, due + timedelta(days=9)):
        world.clock.move_to(moment)
        with world.as_system(world.water) as context:
            swept.append(sweep_clocks(context))
    assert swept == [0, 1, 0]
    assert facts(world, coming)[1:] == [("clock.rung_reached", due)]
    assert clock_of(world, coming).breached_at == due
    assert [kind for kind, _ in facts(world, imported(world, "2"))] == ["ticket.imported"]


def test_an_imported_open_ticket_is_worked_like_any_other(world: World, tmp_path: Path) -> None:
    due = world.clock.moment + timedelta(days=1)
    bring_in(world, tmp_path, OPEN | {"Due": f"{due:%Y-%m-%d %H:%M}"})
    ticket = imported(world, "2")
    with world.as_staff(world.water) as context:
        version = actions.start(context, ticket.id, ticket.version)
        version = actions.resolve(context, ticket.id, version, resolution="أُصلح")
    assert clock_of(world, ticket).met_at == world.clock.moment
    with world.as_citizen(ticket.case_id) as context:
        actions.confirm(context, ticket.id, version)
    assert imported(world, "2").closure == "confirmed"
    with world.as_system(world.water) as context:
        assert context.session.get_one(Case, ticket.case_id).closed_at == world.clock.moment


def test_a_number_that_is_taken_is_drawn_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([5, 5, 5, 5, 6, 5, 7])
    monkeypatch.setattr("hub.tickets.numbers.secrets.randbelow", lambda _: next(drawn))
    assert counts(bring_in(world, tmp_path, CLOSED, OPEN, CLOSED | {"Number": "3"})) == (3, 0, 0)
    got = {imported(world, number).case_number for number in "123"}
    assert {number[:9] for number in got} == {"100000005", "100000006", "100000007"}
    with world.as_system(world.water) as context:
        cases = context.session.scalars(select(Case.number)).all()
    assert set(cases) == got


def test_nothing_follows_from_history(world: World, tmp_path: Path) -> None:
    with world.as_system(world.water) as context:
        jobs = context.session.scalar(
            select(func.count()).select_from(Job).where(Job.tenant_id == world.water.id)
        )
    bring_in(world, tmp_path, CLOSED, OPEN)
    with world.as_system(world.water) as context:
        assert jobs == context.session.scalar(
            select(func.count()).select_from(Job).where(Job.tenant_id == world.water.id)
        )
        kinds = context.session.scalars(
            select(Fact.kind).where(Fact.tenant_id == world.water.id, Fact.ticket_id.is_not(None))
        ).all()
    assert sorted(kinds) == ["ticket.closed", "ticket.imported", "ticket.imported"]


def test_history_is_sealed_like_everything_else(own_world: World, tmp_path: Path) -> None:
    bring_in(own_world, tmp_path, CLOSED, OPEN)
    with own_world.as_system(own_world.water) as context:
        assert seal_tenant(context, own_world.water.id) >= 3
        assert list(verify_tenant(context, own_world.water.id)) == []


def test_only_whoever_may_import_takes_rows_over(world: World, tmp_path: Path) -> None:
    path = tmp_path / "city.csv"
    path.write_bytes(as_csv([CLOSED]))
    with open_rows(path, parse_mapping(MAPPING), "Body") as stream:
        rows = [row for row in stream if isinstance(row, ImportedRow)]
    for who in ("agent", "lead", "manager"):
        with world.as_staff(world.water, who) as context, pytest.raises(NotAllowed):
            take_over(context, rows, "a-city")
    assert tickets_of(world, world.water) == []
