"""Imports that come again, at once, in batches or cut off take each row once."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import func, select

from hub.importing.actions import BATCH
from hub.importing.errors import CutOff
from hub.importing.report import ImportReport
from hub.journal.models import Fact
from hub.tickets.models import CaseTenant
from tenants.clock import VirtualClock
from tests.hub.importing.city import (
    CLOSED,
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
from tests.hub.importing.seeing import counts
from tests.world import SUNDAY_TEN, World


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
