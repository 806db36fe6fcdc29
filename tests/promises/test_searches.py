from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import ClauseElement, select, update
from sqlalchemy.dialects import postgresql

from hub.catalogue.models import Team
from hub.journal.models import Job
from hub.tickets import access
from hub.tickets.models import Ticket
from tenants.ids import new_id
from tests.promises.searches import BY_SOMETHING_ELSE, WATCHED, tables_without_tenant
from tests.world import World


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT tickets.id FROM tickets WHERE tickets.tenant_id = %(tenant_id_1)s::UUID AND tickets.status = 'x'",
        "SELECT 1 FROM tickets WHERE tickets.tenant_id IN (%(a)s::UUID, %(b)s::UUID)",
        "SELECT 1 FROM tickets WHERE tickets.tenant_id IN (NULL) AND (1 != 1)",
        "SELECT 1 FROM journal WHERE tenant_id = %(tenant)s AND written_by < 7",
        "SELECT 1 FROM tickets AS t WHERE t.tenant_id = ANY (%(tenants)s)",
        "SELECT 1 FROM tickets t JOIN services s ON s.tenant_id = t.tenant_id AND s.id = t.service_id"
        " WHERE t.tenant_id = %(t)s",
        "SELECT 1 FROM services, tickets WHERE services.tenant_id = tickets.tenant_id AND tickets.tenant_id = %(t)s",
        "UPDATE jobs SET state=%(s)s WHERE (jobs.tenant_id, jobs.id) IN"
        " (SELECT jobs.tenant_id, jobs.id FROM jobs WHERE jobs.tenant_id IN (%(a)s))",
        "DELETE FROM jobs WHERE jobs.tenant_id = %(t)s AND jobs.id = %(id)s",
        "INSERT INTO tickets (tenant_id, id) VALUES (%(t)s, %(i)s)",
        "SELECT 1 FROM tenants WHERE code = %(c)s",
    ],
)
def test_a_search_that_names_the_tenant_is_let_pass(statement: str) -> None:
    assert tables_without_tenant(statement) == ()


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("SELECT tickets.tenant_id, tickets.id FROM tickets WHERE tickets.id = %(id)s", "tickets"),
        ("SELECT 1 FROM tickets WHERE description = 'tenant_id = %(t)s'", "tickets"),
        ("SELECT 1 FROM tickets t JOIN services s ON s.tenant_id = t.tenant_id", "tickets"),
        (
            "SELECT 1 FROM tickets t JOIN services s ON s.id = t.service_id WHERE t.tenant_id = %(t)s",
            "services",
        ),
        ("SELECT 1 FROM tickets t, teams WHERE t.tenant_id = %(t)s", "teams"),
        ("UPDATE tickets SET tenant_id = %(t)s WHERE tickets.id = %(id)s", "tickets"),
        ("DELETE FROM jobs WHERE jobs.id = %(id)s", "jobs"),
        ("INSERT INTO teams (id) SELECT id FROM tickets WHERE id = %(id)s", "tickets"),
        ("SELECT 1 FROM tenants WHERE EXISTS (SELECT 1 FROM services WHERE code = %(c)s)", "services"),
    ],
)
def test_a_search_that_forgets_the_tenant_is_found(statement: str, table: str) -> None:
    assert table in tables_without_tenant(statement)


def test_what_sqlalchemy_writes_is_read_rightly() -> None:
    def written(statement: ClauseElement) -> str:
        dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
        return str(statement.compile(dialect=dialect))

    one = new_id()
    assert tables_without_tenant(written(select(Ticket).where(Ticket.id == one))) == ("tickets",)
    assert tables_without_tenant(written(select(Ticket).where(Ticket.tenant_id == one))) == ()
    joined = select(Ticket).join(Team, Team.id == Ticket.team_id).where(Ticket.tenant_id == one)
    assert tables_without_tenant(written(joined)) == ("teams",)
    assert tables_without_tenant(written(update(Job).values(tenant_id=one).where(Job.id == one))) == ("jobs",)


def test_every_tenant_s_table_is_watched() -> None:
    assert {"tickets", "journal", "jobs", "services", "ticket_clocks"} <= WATCHED
    assert not WATCHED & BY_SOMETHING_ELSE.keys()


def test_the_watch_sees_what_our_code_sends(world: World, every_search_names_its_tenant: list[str]) -> None:
    # Stands in for code of ours that forgot: the same statement sent from a file of the hub.
    source = "def forgetful(session, statement):\n    return session.execute(statement)\n"
    space: dict[str, Any] = {}
    exec(compile(source, str(access.__file__), "exec"), space)  # noqa: S102
    with world.as_system(world.water) as context:
        space["forgetful"](context.session, select(Ticket.id))
    (found,) = every_search_names_its_tenant
    assert found.startswith("hub/tickets/access.py:2 searches tickets without naming the tenant")
    every_search_names_its_tenant.clear()
