from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import Engine, text

from hub.tickets.models import Ticket
from tenants.context import CITIZEN, SYSTEM
from tenants.database import Database, NoTenant
from tenants.ids import HUB
from tests.promises import reviewed
from tests.promises.findings import columns, tables
from tests.promises.populated import Connection, Populated
from tests.promises.reach import a_row, can_write, give_context, rows_seen
from tests.world import undone

# Tables in which only the hub itself has rows.
THE_HUBS_OWN = {"key_attempts", "messages"}


def test_the_populated_world_has_rows_of_both_tenants_in_every_table(
    populated: Populated, administrator: Connection
) -> None:
    for table in tables(administrator):
        a_row(administrator, table)
        if "tenant_id" in columns(administrator, table) and table not in THE_HUBS_OWN:
            for holdings in (populated.water, populated.tax):
                a_row(administrator, table, f"tenant_id = '{holdings.agency.id}'")


@pytest.mark.parametrize("login", ["app", "owner", "kpi"])
def test_without_a_context_no_login_sees_a_row(populated: Populated, login: str) -> None:
    with populated.connect(login) as connection:
        assert rows_seen(connection).keys() <= reviewed.UNFENCED.keys()


def test_empty_settings_are_no_context(app: Connection) -> None:
    for name in (
        "hub.tenants",
        "hub.case",
        "hub.actor",
        "hub.number",
        "hub.contact",
        "hub.person",
        "hub.words",
        "hub.draft",
        "hub.proof",
    ):
        app.execute("SELECT set_config(%s, '', true)", (name,))
    assert rows_seen(app).keys() <= reviewed.UNFENCED.keys()
    app.execute("SELECT set_config('hub.tenants', '{}', true)")
    assert rows_seen(app).keys() <= reviewed.UNFENCED.keys()


def test_a_context_ends_with_its_transaction_and_reads_empty_then(
    populated: Populated, app: Connection
) -> None:
    give_context(app, [populated.water.agency.id], populated.water.tickets["received"].case_id)
    assert rows_seen(app)["tickets"] > 0
    app.commit()
    assert app.execute("SELECT current_setting('hub.tenants', true)").fetchone() == ("",)
    assert rows_seen(app).keys() <= reviewed.UNFENCED.keys()


def test_without_a_context_nothing_can_be_written(administrator: Connection, app: Connection) -> None:
    let_in = [table for table in tables(app) if can_write(app, table, a_row(administrator, table))]
    assert let_in == []


def test_a_malformed_context_fails_and_opens_nothing(app: Connection) -> None:
    for broken in ("water", "{water}", "00000000-0000-7000-8000-000000000019"):
        app.execute("SELECT set_config('hub.tenants', %s, true)", (broken,))
        with pytest.raises(psycopg.errors.DataError), app.transaction():
            app.execute("SELECT count(*) FROM tickets")


def test_a_unit_of_work_without_tenants_is_refused(populated: Populated) -> None:
    for actor in (SYSTEM, CITIZEN):
        with pytest.raises(NoTenant), populated.world.database.unit_of_work(actor=actor):
            pass


def test_a_connection_goes_back_to_the_pool_without_its_context(populated: Populated) -> None:
    url = populated.server.urls(populated.name).app.get_secret_value()
    database = Database.at(url, pool_size=1)
    try:
        with database.unit_of_work(actor=SYSTEM, tenants=(populated.water.agency.id, HUB)) as context:
            pid = context.session.scalar(text("SELECT pg_backend_pid()"))
            assert context.session.query(Ticket).count() > 0
        with undone(database.unit_of_work(actor=SYSTEM, tenants=(populated.tax.agency.id,))) as context:
            assert context.session.scalar(text("SELECT pg_backend_pid()")) == pid
        assert isinstance(database.bind, Engine)
        with database.bind.connect() as connection:
            assert connection.scalar(text("SELECT pg_backend_pid()")) == pid
            assert connection.scalar(text("SELECT current_setting('hub.tenants', true)")) == ""
            assert connection.scalar(text("SELECT count(*) FROM tickets")) == 0
    finally:
        database.dispose()
