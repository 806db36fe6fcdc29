"""Thousands of deadlines within moments of real time, two sweeper processes, one killed: each fires once, in time."""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from hub.sla.actions import sweep_clocks
from tenants.across import Across, Purpose
from tenants.context import SYSTEM
from tenants.database import Database
from tenants.servers import OwnServer
from tests.sweep.crowd import RUNGS, Crowd, gather
from tests.sweep.sweeper import BATCH, sweep_and_hang, sweep_for_ever
from tests.world import World

Connection = psycopg.Connection[Any]

# Processes that share nothing with this one, least of all its connections, and are quick to start.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.sweep.sweeper"])

IN_TIME = timedelta(seconds=5)
SECOND = timedelta(seconds=1)


@pytest.fixture
def administrator(server: OwnServer, own_world: World) -> Iterator[Connection]:
    """A superuser's connection to the test's own database."""
    name = database_of(own_world)
    with psycopg.connect(server.administrator_url(name).get_secret_value()) as connection:
        yield connection


def database_of(world: World) -> str:
    """The name of the database that a world lives in."""
    with world.as_system(world.water) as context:
        name: str = context.session.connection().exec_driver_sql("SELECT current_database()").scalar_one()
        return name


@contextmanager
def sweeper(
    server: OwnServer, world: World, work: Callable[[str, Any], None] = sweep_for_ever
) -> Iterator[BaseProcess]:
    """A sweeper process that has made its first round; killed at the end, if it still lives."""
    url = server.urls(database_of(world)).app.get_secret_value()
    told, tells = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=work, args=(url, tells))
    process.start()
    tells.close()
    try:
        assert told.poll(60), "the sweeper made no round"
        yield process
    finally:
        process.kill()
        process.join()
        told.close()


def now(connection: Connection) -> datetime:
    """The database's time."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def fired(connection: Connection) -> int:
    """How many rungs the journal holds."""
    row = connection.execute("SELECT count(*) FROM journal WHERE kind = 'clock.rung_reached'").fetchone()
    assert row is not None
    return int(row[0])


def wait_until(connection: Connection, moment: datetime) -> None:
    """Sleep until the database's clock shows a moment."""
    time.sleep(max(0.0, (moment - now(connection)).total_seconds()))


def wait_for_all(connection: Connection, crowd: Crowd, until: datetime) -> datetime:
    """Wait until all rungs have fired; gives when that was seen."""
    while fired(connection) < crowd.clocks * len(RUNGS):
        seen = now(connection)
        assert seen <= until, f"{fired(connection)} of {crowd.clocks * len(RUNGS)} fired at {seen}"
        time.sleep(0.1)
    return now(connection)


def demand_each_once_and_none_early(connection: Connection, crowd: Crowd) -> None:
    """Every clock reached every rung exactly once, at its share of the target or after, and stands at its end."""
    rungs = connection.execute(
        """SELECT c.id, (j.data ->> 'percent')::int,
                  j.at - (c.started_at + c.target * (j.data ->> 'percent')::int / 100)
           FROM journal j JOIN ticket_clocks c ON c.id = (j.data ->> 'clock_id')::uuid
           WHERE j.kind = 'clock.rung_reached'"""
    ).fetchall()
    assert len(rungs) == crowd.clocks * len(RUNGS)
    assert len({(clock, percent) for clock, percent, _ in rungs}) == crowd.clocks * len(RUNGS)
    assert min(late for _, _, late in rungs) >= timedelta(0)
    left = connection.execute(
        "SELECT count(*) FROM ticket_clocks WHERE next_action_at IS NOT NULL OR breached_at IS DISTINCT FROM due_at"
        " OR rungs_done <> '[80, 100, 150]'"
    ).fetchone()
    assert left == (0,)


def kill_one_of_two(
    server: OwnServer, world: World, connection: Connection, crowd: Crowd, *, kills: int
) -> timedelta:
    """Run two sweepers and kill one at random moments, each time starting another.

    Gives how long after the last rung, or the last restart, all had fired.
    """
    chance = random.Random(19)  # noqa: S311 - moments of a test
    stretch = crowd.last_due - crowd.first_due
    moments = sorted(crowd.first_due + stretch * chance.random() for _ in range(kills))
    restarted = crowd.first_due
    with sweeper(server, world):
        for moment in moments:
            with sweeper(server, world) as victim:
                wait_until(connection, moment)
                victim.kill()
                victim.join()
        with sweeper(server, world):
            restarted = now(connection)
            last = max(restarted, crowd.last_rung)
            return wait_for_all(connection, crowd, last + IN_TIME) - last


def test_each_deadline_fires_once_and_in_time_though_a_sweeper_is_killed(
    server: OwnServer, own_world: World, administrator: Connection
) -> None:
    crowd = gather(
        own_world,
        administrator,
        clocks=2_000,
        within=4 * SECOND,
        target=2 * SECOND,
        starts_in=3 * SECOND,
    )
    kill_one_of_two(server, own_world, administrator, crowd, kills=2)

    demand_each_once_and_none_early(administrator, crowd)


@pytest.mark.slow
def test_ten_thousand_deadlines_within_a_minute_fire_once_and_in_time_though_sweepers_are_killed(
    server: OwnServer, own_world: World, administrator: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    crowd = gather(
        own_world,
        administrator,
        clocks=10_000,
        within=60 * SECOND,
        target=10 * SECOND,
        starts_in=6 * SECOND,
    )
    after = kill_one_of_two(server, own_world, administrator, crowd, kills=5)

    demand_each_once_and_none_early(administrator, crowd)
    with capsys.disabled():
        sys.stdout.write(f"\nall had fired {after.total_seconds():.1f} s after the last rung or restart\n")


def test_what_came_due_while_nobody_swept_is_caught_up_within_five_seconds(
    server: OwnServer, own_world: World, administrator: Connection
) -> None:
    crowd = gather(
        own_world,
        administrator,
        clocks=1_000,
        within=SECOND,
        target=2 * SECOND,
        starts_in=-60 * SECOND,
    )
    with sweeper(server, own_world):
        assert fired(administrator) == crowd.clocks * len(RUNGS)
    demand_each_once_and_none_early(administrator, crowd)
    latest = administrator.execute(
        "SELECT max(at) - min(at) FROM journal WHERE kind = 'clock.rung_reached'"
    ).fetchone()
    assert latest is not None
    assert latest[0] <= IN_TIME


def test_what_a_killed_sweeper_had_in_hand_is_fired_by_the_other(
    server: OwnServer, own_world: World, administrator: Connection
) -> None:
    crowd = gather(
        own_world,
        administrator,
        clocks=BATCH // 2,
        within=SECOND,
        target=2 * SECOND,
        starts_in=-60 * SECOND,
    )
    with sweeper(server, own_world, sweep_and_hang) as victim, sweeper(server, own_world):
        assert fired(administrator) == 0
        victim.kill()
        victim.join()
        killed = now(administrator)
        wait_for_all(administrator, crowd, killed + IN_TIME)

    demand_each_once_and_none_early(administrator, crowd)


def test_a_sweep_with_nothing_to_do_reads_the_partial_indexes_alone(
    own_world: World, administrator: Connection
) -> None:
    gather(
        own_world,
        administrator,
        clocks=5_000,
        within=60 * SECOND,
        target=3_600 * SECOND,
        starts_in=86_400 * SECOND,
    )
    administrator.execute(
        """INSERT INTO case_clocks (case_id, kind, target, started_at, due_at, pauses, spent, reckoned_at, rungs_done,
                  next_action_at)
           SELECT case_id, 'case', target, started_at, due_at, '[]', spent, reckoned_at, '[]', next_action_at
           FROM ticket_clocks"""
    )
    administrator.execute("ANALYZE")

    plans = plans_of_a_sweep(own_world.database)
    (tickets,) = [plan for plan in plans if " ticket_clocks" in plan]
    (cases,) = [plan for plan in plans if " case_clocks" in plan]
    assert "ix_ticket_clocks_next" in tickets
    assert "ix_case_clocks_next" in cases
    for plan in (tickets, cases):
        assert "Seq Scan on ticket_clocks" not in plan
        assert "Seq Scan on case_clocks" not in plan


def plans_of_a_sweep(database: Database) -> list[str]:
    """How the database goes about the statements that a sweep claims clocks by."""
    statements: list[tuple[str, Any]] = []

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    across = Across(database)
    with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM) as context:
        connection = context.session.connection()
        event.listen(connection, "before_cursor_execute", remember)
        assert sweep_clocks(context) == 0
        event.remove(connection, "before_cursor_execute", remember)
        return [
            "\n".join(
                row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).fetchall()
            )
            for statement, parameters in statements
            if "SKIP LOCKED" in statement
        ]
