"""Comparing what clients were told with what the database holds: nothing lost, nothing done twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import OperationalError

from hub.journal.sealing import seal_tenant, unsealed, verify_tenant
from tenants.context import SYSTEM
from tenants.database import Database, is_lost_connection
from tenants.ids import HUB
from tests.kill.ledger import Ledger
from tests.world import World

Connection = psycopg.Connection[Any]

# A ticket's facts beside those of its clocks, which the sweep adds at its own times.
_FACTS = "SELECT ticket_id, kind FROM journal WHERE ticket_id IS NOT NULL AND kind <> 'clock.rung_reached'"
_RUNGS = """
    SELECT data ->> 'clock_id', (data ->> 'percent')::int, at FROM journal WHERE kind = 'clock.rung_reached'
"""
_CLOCKS = """
    SELECT id::text, rungs_done, started_at, target FROM ticket_clocks
    UNION ALL SELECT case_id::text, rungs_done, started_at, target FROM case_clocks
"""
_LOOSE_ENDS = {
    "cases without a clock": "SELECT id FROM cases WHERE id NOT IN (SELECT case_id FROM case_clocks)",
    "tickets without both clocks": (
        "SELECT t.id FROM tickets t LEFT JOIN ticket_clocks c ON c.ticket_id = t.id"
        " GROUP BY t.id HAVING count(c.id) <> 2"
    ),
    "cases whose counts are wrong": (
        "SELECT c.id FROM cases c JOIN tickets t ON t.case_id = c.id GROUP BY c.id"
        " HAVING c.open_tickets <> count(*) FILTER (WHERE t.closed_at IS NULL)"
        " OR (c.closed_at IS NULL) <> (c.open_tickets > 0)"
    ),
    "tickets whose versions do not follow each other": (
        "SELECT t.id FROM tickets t JOIN journal j ON j.ticket_id = t.id AND j.version IS NOT NULL"
        " GROUP BY t.id, t.version HAVING max(j.version) <> t.version"
    ),
}


def differences(connection: Connection, ledger: Ledger) -> list[str]:
    """Every place where the database holds less, more or something else than clients were told."""
    with connection.transaction():
        # One moment for all looks: the sweep goes on meanwhile.
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return [
            *_cases(connection, ledger),
            *_facts(connection, ledger),
            *_rungs(connection),
            *(
                f"{what}: {row[0]}"
                for what, query in _LOOSE_ENDS.items()
                for row in connection.execute(query.encode())
            ),
        ]


def jobs_left(connection: Connection) -> int:
    """How many promised jobs are not done."""
    row = connection.execute("SELECT count(*) FROM jobs").fetchone()
    return int(row[0]) if row else 0


def journal_is_as_sealed(world: World, database: Database) -> list[str]:
    """What verifying finds once every fact is sealed.

    A connection that lay in the pool when the database was killed, just before, gives one error, and the pool forgets
    the others: whoever asks again is served, here as everywhere.
    """
    try:
        return _sealed_and_verified(world, database)
    except OperationalError as problem:
        if not is_lost_connection(problem):
            raise
        return _sealed_and_verified(world, database)


def _sealed_and_verified(world: World, database: Database) -> list[str]:
    found = []
    for tenant_id in (HUB, world.water.id, world.tax.id):
        with database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
            seal_tenant(context, tenant_id)
        with database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
            found += [str(finding) for finding in verify_tenant(context, tenant_id)]
            if unsealed(context, tenant_id):
                found.append(f"{tenant_id}: facts are left unsealed")
    return found


def _cases(connection: Connection, ledger: Ledger) -> list[str]:
    present = {
        ticket: (case, tenant, status)
        for ticket, case, tenant, status in connection.execute(
            "SELECT t.id, c.number, t.tenant_id, t.status FROM tickets t LEFT JOIN cases c ON c.id = t.case_id"
        )
    }
    told = {each.ticket_id: (each.number, each.agency.id, each.status) for each in ledger.told.values()}
    found = [f"acknowledged and lost: {ticket}" for ticket in told.keys() - present.keys()]
    found += [f"kept though nobody was told: {ticket}" for ticket in present.keys() - told.keys()]
    found += [
        f"{ticket}: told {told[ticket]}, kept {present[ticket]}"
        for ticket in told.keys() & present.keys()
        if told[ticket] != present[ticket]
    ]
    return found


def _facts(connection: Connection, ledger: Ledger) -> list[str]:
    written: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for ticket, kind in connection.execute(_FACTS):
        written[ticket][kind] += 1
    return [
        f"{each.ticket_id}: told {dict(each.facts)}, written {dict(written[each.ticket_id])}"
        for each in ledger.told.values()
        if written[each.ticket_id] != each.facts
    ]


def _rungs(connection: Connection) -> list[str]:
    fired: defaultdict[str, Counter[int]] = defaultdict(Counter)
    early = []
    clocks = {clock: row for clock, *row in connection.execute(_CLOCKS)}
    for clock, percent, at in connection.execute(_RUNGS):
        fired[clock][percent] += 1
        _, started_at, target = clocks[clock]
        if at < started_at + target * percent / 100:
            early.append(f"clock {clock}: {percent} % fired early")
    return early + [
        f"clock {clock}: rungs {done}, fired {dict(fired[clock])}"
        for clock, (done, _, _) in clocks.items()
        if Counter(done) != fired[clock]
    ]
