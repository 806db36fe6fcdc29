from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.catalogue.access import live_tenant, service_offered
from hub.catalogue.errors import UnknownService, UnknownTenant
from hub.catalogue.models import Service, Team
from hub.importing.actions import BATCH, take_over
from hub.importing.errors import CutOff
from hub.importing.mapping import parse_mapping
from hub.importing.report import ImportReport
from hub.importing.rows import ImportedRow, RefusedRow, open_rows
from hub.journal.models import Fact, Job
from hub.journal.queries import facts_of_ticket
from hub.journal.sealing import seal_tenant, verify_tenant
from hub.sla.actions import sweep_clocks
from hub.sla.models import TicketClock
from hub.tickets import actions, numbers
from hub.tickets.models import Case, CaseTenant, Ticket
from tenants.clock import VirtualClock
from tenants.errors import NotAllowed
from tenants.ids import HUB
from tenants.models import Tenant, TenantState
from tests.hub.importing.city import (
    CLOSED,
    MAPPING,
    OPEN,
    TAX,
    WATER,
    as_csv,
    bring_in,
    bring_in_file,
    imported,
    packed,
    tickets_of,
)
from tests.world import SUNDAY_TEN, Agency, World

OPENED = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
CLOSING = datetime(2025, 1, 3, 5, 6, tzinfo=UTC)
DUE = datetime(2025, 1, 4, tzinfo=UTC)


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


def test_a_row_is_taken_over_once_however_often_it_comes(world: World, tmp_path: Path) -> None:
    again = CLOSED | {"Words": "told differently"}
    assert counts(bring_in(world, tmp_path, CLOSED, OPEN, again)) == (2, 1, 0)
    assert counts(bring_in(world, tmp_path, CLOSED, OPEN, again)) == (0, 3, 0)
    assert counts(bring_in(world, tmp_path, CLOSED | {"Number": "7"}, CLOSED)) == (1, 1, 0)
    assert tickets_of(world, world.water) == ["1", "2", "7"]
    assert imported(world, "1").description == "The lamp is out"
    with world.as_system(world.water) as context:
        assert context.session.scalar(select(func.count()).select_from(CaseTenant)) == 3
        assert (
            context.session.scalar(select(func.count()).select_from(Fact).where(Fact.kind.like("ticket.%")))
            == 5
        )


def test_one_id_of_two_bodies_is_two_rows(world: World, tmp_path: Path) -> None:
    assert counts(bring_in(world, tmp_path, CLOSED, CLOSED | {"Body": TAX})) == (2, 0, 0)
    assert tickets_of(world, world.water) == ["1"]
    assert tickets_of(world, world.tax) == ["1"]
    case_id = imported(world, "1").case_id
    with world.as_staff(world.tax) as context:
        own = context.session.scalars(
            select(Ticket.tenant_id).where(Ticket.tenant_id.in_(context.tenants))
        ).all()
        assert own == [world.tax.id]
        assert context.session.get(Case, case_id) is None


def test_rows_of_a_body_that_the_hub_does_not_know_are_refused_by_name(world: World, tmp_path: Path) -> None:
    seen: list[RefusedRow] = []
    report = bring_in(
        world, tmp_path, CLOSED | {"Body": "ROADS"}, CLOSED, OPEN | {"Body": "ROADS"}, on_refused=seen.append
    )
    assert counts(report) == (1, 0, 2)
    assert report.unknown_tenants == {"ROADS": 2}
    assert report.by_reason == {"unknown_tenant_label": 2}
    assert [(row.line, row.field, row.external_id) for row in seen] == [(2, "Body", "1"), (4, "Body", "2")]
    assert "“ROADS”" in seen[0].reason.en
    assert "«ROADS»" in seen[0].reason.ar
    with world.as_system() as context:
        assert context.session.scalar(select(func.count()).select_from(Tenant)) == 3


def test_a_created_body_has_the_mappings_name_and_takes_no_new_cases(world: World, tmp_path: Path) -> None:
    report = bring_in(
        world,
        tmp_path,
        CLOSED | {"Body": "ROADS"},
        CLOSED | {"Body": "هيئة النيل"},
        OPEN | {"Body": "ROADS"},
        create_tenants=True,
    )
    assert counts(report) == (3, 0, 0)
    assert report.created_tenants == ["ROADS", "هيئة النيل"]
    with world.as_system() as context:
        roads = context.session.scalars(select(Tenant).where(Tenant.code == "roads")).one()
        assert (roads.name.en, roads.name.ar) == ("Roads authority", "هيئة الطرق")
        assert (roads.short_name.en, roads.short_name.ar) == ("ROADS", "ROADS")
        assert (roads.zone, roads.state) == ("UTC", TenantState.SUSPENDED)
        with pytest.raises(UnknownTenant):
            live_tenant(context, "roads")
    with world.as_system(Agency(roads.id, "roads")) as context:
        kinds = context.session.scalars(
            select(Fact.kind).where(Fact.tenant_id == roads.id, Fact.kind.like("tenant.%")).order_by(Fact.id)
        ).all()
        assert kinds == ["tenant.provisioned", "tenant.state_changed"]
    assert counts(bring_in(world, tmp_path, OPEN | {"Body": "roads"}, OPEN | {"Body": "هيئة النيل"})) == (
        1,
        1,
        0,
    )


def test_a_code_that_another_body_has_is_not_taken_from_it(world: World, tmp_path: Path) -> None:
    report = bring_in(
        world, tmp_path, CLOSED | {"Body": "Water!"}, CLOSED | {"Body": "Hub"}, create_tenants=True
    )
    assert counts(report) == (2, 0, 0)
    with world.as_system() as context:
        rows = context.session.execute(select(Tenant.short_name, Tenant.code, Tenant.id)).all()
    codes = {tenant_id: code for _, code, tenant_id in rows}
    named = {name.en: code for name, code, tenant_id in rows if tenant_id != HUB}
    assert codes[HUB] == "hub"
    assert named["Water company"] == "water"
    assert re.fullmatch(r"water-[0-9a-f]{8}", named["Water!"])
    assert re.fullmatch(r"hub-[0-9a-f]{8}", named["Hub"])


def test_services_are_found_by_name_and_missing_ones_are_not_put_on_offer(
    world: World, tmp_path: Path
) -> None:
    bring_in(
        world,
        tmp_path,
        CLOSED | {"Topic": "Burst pipe"},
        CLOSED | {"Number": "2", "Topic": "bill"},
        CLOSED | {"Number": "3", "Topic": "كسر ماسورة"},
        CLOSED | {"Number": "4", "Topic": "Pot hole"},
        CLOSED | {"Number": "5", "Topic": "pot-hole"},
        CLOSED | {"Number": "6", "Topic": "Repairs", "Team": "Repairs"},
    )
    with world.as_system(world.water) as context:
        found = {
            ticket.external_id: context.session.get_one(Service, (ticket.tenant_id, ticket.service_id))
            for ticket in context.session.scalars(select(Ticket).where(Ticket.tenant_id == world.water.id))
        }
        assert [found[number].code for number in "123"] == ["leak", "bill", "leak"]
        assert found["4"].name.en == "Pot hole"
        assert found["4"].outside_codes == {"a-city": "Pot hole"}
        assert found["5"].id == found["4"].id
        assert service_offered(context, world.water.id, "leak").code == "leak"
        with pytest.raises(UnknownService):
            service_offered(context, world.water.id, found["4"].code)
        repairs = context.session.get_one(Team, (world.water.id, imported(world, "6").team_id))
        assert repairs.code == "repairs"


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


@pytest.mark.parametrize(
    "words",
    [
        'a "quoted", \\ back\\slashed\nand\tbroken line',
        "=HYPERLINK(1)",
        "قطعت المياه \u202eعن الشارع",
        "{} [] null \\u0041 '; DROP TABLE tickets; --",
        "🚰 ﷽",
    ],
)
def test_words_are_kept_to_the_letter(world: World, tmp_path: Path, words: str) -> None:
    bring_in(world, tmp_path, CLOSED | {"Words": words, "Answer": words, "Title": words})
    ticket = imported(world, "1")
    assert (ticket.subject, ticket.description, ticket.resolution) == (words, words, words)
    assert ticket.language == ("ar" if "المياه" in words or "﷽" in words else "en")


def test_words_that_are_missing_are_not_made_up(world: World, tmp_path: Path) -> None:
    empty = {
        "Title": "",
        "Words": "",
        "Answer": "",
        "Way": "",
        "Area": "",
        "Place": "",
        "Lat": "",
        "Long": "",
    }
    bring_in(world, tmp_path, CLOSED | empty)
    ticket = imported(world, "1")
    assert (ticket.subject, ticket.description, ticket.resolution) == ("Street lamp", "", None)
    assert (ticket.channel, ticket.channel_label) == ("unknown", None)
    assert (ticket.district, ticket.address, ticket.latitude, ticket.longitude) == (None, None, None, None)


@pytest.mark.parametrize("column", ["Number", "Body", "Topic", "Team", "Way", "Area"])
@pytest.mark.parametrize("label", ["x" * 201, "a\u202eb", "a\x01b"])
def test_a_label_that_hides_what_it_says_loses_its_row(
    world: World, tmp_path: Path, column: str, label: str
) -> None:
    report = bring_in(world, tmp_path, CLOSED | {column: label}, OPEN, create_tenants=True)
    assert counts(report) == (1, 0, 1)
    assert report.by_reason == {"unsound_label": 1}
    (row,) = report.examples["unsound_label"]
    assert row.field == column
    assert len(row.reason.en) < 250


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


def test_a_file_that_is_cut_off_is_taken_over_up_to_there(world: World, tmp_path: Path) -> None:
    rows = [CLOSED | {"Number": str(number)} for number in range(1, 6)]
    report = bring_in_file(world.database, tmp_path, as_csv(rows)[: -len(WATER) - 5], clock=world.clock)
    assert counts(report) == (4, 0, 0)
    assert isinstance(report.cut_off, CutOff)
    assert report.cut_off.rows == 4
    assert tickets_of(world, world.water) == ["1", "2", "3", "4"]
    report = bring_in_file(world.database, tmp_path, packed(rows), clock=world.clock)
    assert (counts(report), report.cut_off) == ((1, 4, 0), None)


def test_more_rows_than_a_batch_of_several_bodies_are_all_taken(world: World, tmp_path: Path) -> None:
    rows = [
        CLOSED | {"Number": str(number), "Body": WATER if number % 3 else TAX}
        for number in range(2 * BATCH + 2)
    ]
    moments: list[tuple[int, int]] = []
    content = as_csv(rows)
    report = bring_in_file(
        world.database,
        tmp_path,
        content,
        clock=world.clock,
        on_progress=lambda position, size: moments.append((position, size)),
    )
    assert counts(report) == (len(rows), 0, 0)
    assert report.read == len(rows)
    assert len(tickets_of(world, world.tax)) == len(range(0, len(rows), 3))
    assert moments == sorted(moments)
    assert moments[-1] == (len(content), len(content))


def test_two_imports_of_one_file_at_once_take_each_row_once(own_world: World, tmp_path: Path) -> None:
    rows = [
        CLOSED | {"Number": str(number), "Body": ("ROADS", WATER)[number % 2], "Topic": f"Topic {number % 7}"}
        for number in range(600)
    ]
    reports: list[ImportReport] = []
    start = threading.Barrier(3)

    def run(name: str) -> None:
        folder = tmp_path / name
        folder.mkdir()
        start.wait()
        reports.append(
            bring_in_file(
                own_world.database,
                folder,
                as_csv(rows),
                create_tenants=True,
                clock=VirtualClock(SUNDAY_TEN),
            )
        )

    threads = [threading.Thread(target=run, args=(name,)) for name in ("first", "second", "third")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.taken_over for report in reports) == 600
    assert sum(report.known for report in reports) == 1200
    assert sum(len(report.created_tenants) for report in reports) == 1
    assert len(tickets_of(own_world, own_world.water)) == 300
