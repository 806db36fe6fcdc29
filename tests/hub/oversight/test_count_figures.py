from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import ProgrammingError

from hub.oversight.errors import UnknownBody
from hub.oversight.figures import DEFINITIONS, By, Figures, Group
from hub.oversight.queries import bodies_called, figures, looking_across
from hub.tickets import actions
from hub.tickets.access import ticket_for
from tenants.context import Context
from tenants.database import Database
from tenants.languages import Text
from tenants.models import AcrossUse, Tenant
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.factories.tickets import open_bill, open_leak, resolve, version_of, work_on
from tests.hub.importing.city import CLOSED, OPEN, TAX, WATER, bring_in
from tests.hub.oversight.reference import Row, figures_of
from tests.world import SUNDAY_TEN, World, load_world

NEXT_DAY = SUNDAY_TEN + timedelta(days=1)


@contextmanager
def across(world: World) -> Iterator[Context]:
    with world.as_system(world.water, world.tax) as context:
        yield context


def counted(world: World, **asked: Any) -> Figures:
    with across(world) as context:
        return figures(context, **{"since": SUNDAY_TEN, "until": NEXT_DAY, **asked})


def test_a_period_without_tickets_has_zeros_and_no_shares(world: World) -> None:
    found = counted(world, now=NEXT_DAY)
    assert found.groups == {}
    assert found.overall.as_dict() == figures_of([], NEXT_DAY)


def test_the_citizens_silence_is_not_the_bodys_time(world: World) -> None:
    opened = open_leak(world)
    work_on(world, opened)
    world.clock.advance(timedelta(hours=2))
    version = resolve(world, opened)
    waiting = counted(world).overall
    assert (waiting.closed, waiting.open_with_closed_at, waiting.durations_used) == (0, 1, 0)
    world.clock.advance(timedelta(days=10))
    with world.as_citizen(opened.case_id) as context:
        actions.confirm(context, opened.ticket_id, version)
    closed = counted(world).overall
    assert (closed.closed, closed.open_with_closed_at, closed.durations_used) == (1, 0, 1)
    assert (closed.hours_to_close_median, closed.hours_to_close_p90) == (2.0, 2.0)
    assert (closed.with_due, closed.due_met, closed.due_met_of_with_due) == (1, 1, 1.0)


def test_the_periods_end_is_not_part_of_it(world: World) -> None:
    open_leak(world)
    before = {"since": SUNDAY_TEN - timedelta(days=1), "until": SUNDAY_TEN}
    assert counted(world, **before).overall.count == 0
    assert counted(world, until=SUNDAY_TEN + timedelta(microseconds=1)).overall.count == 1


def test_a_deadline_that_rests_is_not_overdue(world: World) -> None:
    asked, forgotten = open_leak(world), open_leak(world)
    version = work_on(world, asked)
    with world.as_staff(world.water) as context:
        actions.ask(context, asked.ticket_id, version, text="أي شارع؟")
    late = SUNDAY_TEN + timedelta(days=30)
    assert (found := counted(world, now=late).overall).with_due == 2
    assert (found.open_overdue, found.late_total) == (1, 1)
    assert counted(world, now=SUNDAY_TEN).overall.late_total == 0
    world.clock.move_to(late)
    resolve(world, forgotten)
    assert (found := counted(world, now=late).overall).late_total == 1
    assert found.open_overdue == 0


def test_a_transferred_ticket_counts_at_both_bodies_and_its_deadline_at_the_second(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        ticket = ticket_for(context, opened.ticket_id)
        actions.transfer(context, ticket.id, ticket.version, tenant="tax", service="leak", reason="لكم")
    found = counted(world, now=NEXT_DAY + timedelta(days=30))
    assert (found.overall.count, found.overall.closed, found.overall.open) == (2, 1, 1)
    assert (found.groups[WATER].count, found.groups[WATER].with_due, found.groups[WATER].late_total) == (
        1,
        0,
        0,
    )
    assert (found.groups[TAX].count, found.groups[TAX].with_due, found.groups[TAX].late_total) == (1, 1, 1)


def test_a_withdrawn_ticket_has_ended_without_a_deadline(world: World) -> None:
    opened = open_leak(world)
    with world.as_citizen(opened.case_id) as context:
        actions.withdraw(context, opened.ticket_id, version_of(world, opened))
    found = counted(world).overall
    assert (found.closed, found.with_due) == (1, 0)


def test_groups_are_by_service_channel_and_district(world: World, tmp_path: Path) -> None:
    open_leak(world)
    open_leak(world, world.tax)
    open_bill(world)
    day = f"{SUNDAY_TEN:%Y-%m-%d %H:%M}"
    row = OPEN | {"Opened": day, "Topic": "Street lamp"}
    bring_in(
        world,
        tmp_path,
        row | {"Way": "Carrier pigeon"},
        row | {"Number": "3", "Way": "", "Area": ""},
    )
    services = counted(world, by=By.SERVICE)
    assert {name: group.count for name, group in services.groups.items()} == {
        "Burst pipe": 2,
        "Street lamp": 2,
        "Question about a bill": 1,
    }
    assert services.names["Burst pipe"] == Text(ar="كسر ماسورة", en="Burst pipe")
    assert list(services.as_dict()) == ["definitions", "overall", "by_service"]
    channels = counted(world, by=By.CHANNEL).groups
    assert {name: group.count for name, group in channels.items()} == {
        "phone": 3,
        "Carrier pigeon": 1,
        "(none)": 1,
    }
    assert counted(world, by=By.DISTRICT).names["(none)"].ar == "(غير محدد)"
    districts = counted(world, by=By.DISTRICT).groups
    assert {name: group.count for name, group in districts.items()} == {"(none)": 4, "North": 1}


def test_a_body_sees_its_own_figures_only(world: World) -> None:
    open_leak(world)
    open_leak(world, world.tax)
    open_leak(world, world.tax)
    assert list(counted(world).groups) == [TAX, WATER]
    only = counted(world, tenants=[world.water.id])
    assert (only.overall.count, list(only.groups)) == (1, [WATER])
    with world.as_system(world.water) as context:
        asked: dict[str, Any] = {"since": SUNDAY_TEN, "until": NEXT_DAY}
        assert figures(context, **asked).overall.count == 1
        assert figures(context, **asked, tenants=[world.tax.id]).overall.count == 0


def test_bodies_are_called_by_code_or_short_name(world: World) -> None:
    with across(world) as context:
        assert bodies_called(context, ["water"]) == [world.water.id]
        assert bodies_called(context, ["Tax authority", "شركة المياه"]) == [world.tax.id, world.water.id]
        for stranger in ("", "hub", "Water", "'; DROP TABLE tickets"):
            with pytest.raises(UnknownBody):
                bodies_called(context, [stranger])
    with world.as_system(world.water) as context, pytest.raises(UnknownBody):
        bodies_called(context, ["tax"])


def test_two_bodies_of_one_name_are_told_apart(world: World) -> None:
    open_leak(world)
    open_leak(world, world.tax)
    with world.as_system() as context:
        context.session.execute(update(Tenant).values(short_name=Text(ar="مياه", en="Water")))
    assert sorted(counted(world).groups) == ["Water (tax)", "Water (water)"]


def test_every_figure_has_a_definition_in_both_languages(world: World) -> None:
    found = counted(world, now=NEXT_DAY).as_dict()
    assert list(found["definitions"]) == list(found["overall"]) == list(DEFINITIONS)
    assert list(counted(world).as_dict()["overall"]) == list(DEFINITIONS)[:-2]
    for definition in DEFINITIONS.values():
        assert definition.en.endswith(".")
        assert definition.ar.endswith(".")
        assert definition.ar != definition.en


def test_the_figures_of_any_rows_are_those_of_pythons_statistics(world: World, tmp_path: Path) -> None:
    chance = random.Random(19)  # noqa: S311 - not for secrets
    rows: list[dict[str, str]] = []
    expected: dict[str, list[Row]] = defaultdict(list)

    def moment(chance_of_none: float) -> datetime | None:
        if chance.random() < chance_of_none:
            return None
        return SUNDAY_TEN + timedelta(minutes=chance.randrange(0, 1440))

    for number in range(400):
        opened = moment(0) or SUNDAY_TEN
        row = Row(opened, moment(0.3), moment(0.4), chance.random() < 0.7)
        body = chance.choice([WATER, TAX])
        expected[body].append(row)
        rows.append(
            (CLOSED if row.closed else OPEN)
            | {
                "Number": str(number),
                "Body": body,
                "Opened": f"{row.opened_at:%Y-%m-%d %H:%M}",
                "Closed": f"{row.closed_at:%Y-%m-%d %H:%M}" if row.closed_at else "",
                "Due": f"{row.due_at:%Y-%m-%d %H:%M}" if row.due_at else "",
            }
        )
    bring_in(world, tmp_path, *rows)
    now = SUNDAY_TEN + timedelta(hours=13, seconds=1)
    found = counted(world, now=now)
    assert found.overall.as_dict() == figures_of(expected[WATER] + expected[TAX], now)
    assert found.overall.negative_durations > 0
    assert {name: group.as_dict() for name, group in found.groups.items()} == {
        body: figures_of(of_body, now) for body, of_body in expected.items()
    }


def test_the_login_of_figures_counts_and_records_it_and_reads_no_words(
    server: OwnServer, template: str, run_folder: Path
) -> None:
    with copy_of_world(server, template, run_folder) as name:
        urls = server.urls(name)
        database = Database.at(urls.app.get_secret_value())
        kpi = Database.at(urls.kpi.get_secret_value())
        try:
            world = load_world(database)
            open_leak(world)
            with looking_across(kpi, clock=world.clock) as context:
                for by in By:
                    found = figures(context, since=SUNDAY_TEN, until=NEXT_DAY, now=NEXT_DAY, by=by)
                    assert found.overall.count == 1
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                looking_across(kpi, clock=world.clock) as context,
            ):
                context.session.execute(text("SELECT description FROM tickets"))
            with world.as_system() as context:
                uses = select(func.count()).select_from(AcrossUse).where(AcrossUse.purpose == "figures")
                assert context.session.scalar(uses) == 1
        finally:
            kpi.dispose()
            database.dispose()


def test_figures_without_a_moment_leave_out_what_needs_one() -> None:
    group = Group(
        count=0,
        closed=0,
        open=0,
        with_closed_at=0,
        closed_without_closed_at=0,
        open_with_closed_at=0,
        negative_durations=0,
        durations_used=0,
        hours_to_close_median=None,
        hours_to_close_p90=None,
        with_due=0,
        due_and_closed_at=0,
        due_met=0,
        due_met_of_with_due=None,
        due_met_of_closed_with_due=None,
    )
    assert "late_total" not in group.as_dict()
    assert replace(group, open_overdue=0, late_total=3).as_dict()["late_total"] == 3
