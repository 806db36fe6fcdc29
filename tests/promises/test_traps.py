"""Each trap of the architecture shown to be one, and shown not to be stepped into."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.promises import reviewed
from tests.promises.findings import columns, tables, tenant_tables
from tests.promises.populated import Connection, Populated
from tests.promises.reach import give_context


def count(connection: Connection, thing: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {thing}".encode()).fetchone()
    assert row is not None
    number: int = row[0]
    return number


def as_app(connection: Connection, *tenants: UUID) -> None:
    connection.execute("SET LOCAL ROLE hub_app")
    give_context(connection, tenants)


def test_an_ordinary_view_shows_what_its_owner_sees(populated: Populated, administrator: Connection) -> None:
    administrator.execute("CREATE VIEW seen_by_owner AS SELECT * FROM tickets")
    administrator.execute(
        "CREATE VIEW seen_by_caller WITH (security_invoker = true) AS SELECT * FROM tickets"
    )
    administrator.execute("GRANT SELECT ON seen_by_owner, seen_by_caller TO hub_app, hub_kpi")
    everything = count(administrator, "tickets")
    as_app(administrator, populated.tax.agency.id)
    assert count(administrator, "seen_by_owner") == everything
    assert 0 < count(administrator, "seen_by_caller") < everything
    administrator.execute("RESET ROLE")
    administrator.execute("SET LOCAL ROLE hub_kpi")
    assert count(administrator, "seen_by_owner WHERE description IS NOT NULL") == everything
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        count(administrator, "seen_by_caller WHERE description IS NOT NULL")


def test_a_materialised_view_shows_every_tenant_s_rows(
    populated: Populated, administrator: Connection
) -> None:
    administrator.execute("CREATE MATERIALIZED VIEW kept AS SELECT * FROM tickets")
    administrator.execute("GRANT SELECT ON kept TO hub_app")
    everything = count(administrator, "tickets")
    as_app(administrator, populated.tax.agency.id)
    assert count(administrator, "kept") == everything


def test_force_binds_the_owner_and_without_it_the_owner_sees_all(
    populated: Populated, administrator: Connection
) -> None:
    with populated.connect("owner") as owner:
        assert owner.execute("SELECT current_user").fetchone() == ("hub_owner",)
        assert count(owner, "tickets") == 0
    administrator.execute("ALTER TABLE tickets NO FORCE ROW LEVEL SECURITY")
    administrator.execute("SET LOCAL ROLE hub_owner")
    assert count(administrator, "tickets") > 0


def test_a_global_unique_constraint_tells_what_others_hold(
    populated: Populated, administrator: Connection
) -> None:
    row = administrator.execute(
        "SELECT to_jsonb(t) FROM teams t WHERE tenant_id = %s AND code = %s",
        (populated.water.agency.id, populated.water.own_code),
    ).fetchone()
    assert row is not None
    administrator.execute("CREATE UNIQUE INDEX told ON teams (code) WHERE code LIKE 'own-of-%%'")
    as_app(administrator, populated.tax.agency.id)
    mine = row[0] | {"tenant_id": str(populated.tax.agency.id)}
    with pytest.raises(psycopg.errors.UniqueViolation):
        administrator.execute(
            "INSERT INTO teams SELECT * FROM jsonb_populate_record(NULL::teams, %s)", (json.dumps(mine),)
        )


def test_a_session_wide_context_would_stay_on_the_connection(populated: Populated, app: Connection) -> None:
    app.execute("SELECT set_config('hub.tenants', %s, false)", (f"{{{populated.water.agency.id}}}",))
    app.commit()
    assert count(app, "tickets") > 0
    app.execute("SELECT set_config('hub.tenants', '', false)")
    app.commit()
    give_context(app, [populated.water.agency.id])
    app.commit()
    assert count(app, "tickets") == 0


def test_copying_into_a_fenced_table_is_refused(populated: Populated, app: Connection) -> None:
    give_context(app, [populated.water.agency.id])
    with (
        pytest.raises(psycopg.errors.FeatureNotSupported),
        app.cursor().copy("COPY teams FROM STDIN") as copy,
    ):
        copy.write("")


def plans(node: dict[str, Any]) -> list[dict[str, Any]]:
    """A plan and all plans below it."""
    return [node, *(below for child in node.get("Plans", ()) for below in plans(child))]


def explain(connection: Connection, statement: str) -> list[dict[str, Any]]:
    row = connection.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {statement}".encode()).fetchone()
    assert row is not None
    return plans(row[0][0]["Plan"])


def test_every_policy_reads_the_context_once_per_statement(populated: Populated, app: Connection) -> None:
    give_context(app, [populated.water.agency.id], populated.water.tickets["received"].case_id)
    for table in tables(app):
        if table in reviewed.UNFENCED:
            continue
        statements = [f"SELECT * FROM {table}"]
        if table not in reviewed.APPEND_ONLY:
            column = next(name for name in columns(app, table) if name not in ("tenant_id", "id"))
            statements.append(f"UPDATE {table} SET {column} = NULL")
        for statement in statements:
            try:
                nodes = explain(app, statement)
            except psycopg.errors.InsufficientPrivilege:
                app.rollback()
                give_context(app, [populated.water.agency.id])
                continue
            reading = [node for node in nodes if "current_setting" in json.dumps(node.get("Output", []))]
            assert all(node["Parent Relationship"] == "InitPlan" for node in reading), (table, statement)
            conditions = [
                node[key]
                for node in nodes
                for key in ("Filter", "Index Cond", "Recheck Cond", "Join Filter", "Hash Cond")
                if key in node
            ]
            assert not any("current_setting" in each or "current_tenants()" in each for each in conditions), (
                table
            )
            if table in tenant_tables(app) and table not in reviewed.HUB_WIDE:
                assert reading, f"{table}: no plan reads the context"


def test_a_fenced_search_uses_the_index_that_begins_with_the_tenant(
    populated: Populated, app: Connection
) -> None:
    tenant = populated.water.agency.id
    give_context(app, [tenant])
    app.execute("SET LOCAL enable_seqscan = off")
    for table, condition in {
        "tickets": f"tenant_id = '{tenant}' AND opened_at > now() ORDER BY opened_at DESC LIMIT 50",
        "journal": f"tenant_id = '{tenant}' AND ticket_id = '{tenant}'",
        "services": f"tenant_id = '{tenant}' AND code = 'leak'",
    }.items():
        scans = [
            node for node in explain(app, f"SELECT * FROM {table} WHERE {condition}") if "Index Name" in node
        ]
        assert any("tenant_id" in node.get("Index Cond", "") for node in scans), table


def test_the_comparisons_that_lead_searches_are_leakproof(administrator: Connection) -> None:
    """What is not leakproof is looked at only after the fence, and so finds no index: text and uuid are, `@@` is not."""
    leakproof = dict(
        administrator.execute(
            "SELECT oprname || ' ' || oprleft::regtype, bool_and(proleakproof) FROM pg_operator"
            " JOIN pg_proc p ON p.oid = oprcode"
            " WHERE (oprname, oprleft::regtype::text) IN (('=', 'uuid'), ('=', 'text'), ('@@', 'tsvector'),"
            " ('~~*', 'text'), ('@>', 'jsonb'), ('=', 'anyenum')) AND (oprleft = oprright OR oprname = '@@')"
            " GROUP BY 1"
        ).fetchall()
    )
    assert leakproof == {
        "= uuid": True,
        "= text": True,
        "@@ tsvector": False,
        "~~* text": False,
        "@> jsonb": False,
        "= anyenum": False,
    }


def test_keys_are_uuids(administrator: Connection) -> None:
    # Words of another system, not keys of ours.
    outside = {("tickets", "external_id")}
    for table in tables(administrator):
        for column, kind in columns(administrator, table).items():
            if (column == "id" or column.endswith("_id")) and (table, column) not in outside:
                assert kind == "uuid", f"{table}.{column}"


def test_statements_and_waits_for_locks_end(populated: Populated, app: Connection) -> None:
    for setting, longest in {
        "statement_timeout": 60,
        "lock_timeout": 10,
        "idle_in_transaction_session_timeout": 120,
    }.items():
        row = app.execute(
            "SELECT setting::int / 1000 FROM pg_settings WHERE name = %s AND unit = 'ms'", (setting,)
        ).fetchone()
        assert row is not None
        assert 0 < row[0] <= longest, setting


def test_a_wait_for_a_lock_ends_in_an_error(populated: Populated, app: Connection) -> None:
    tenant = populated.water.agency.id
    with populated.connect("app") as other:
        give_context(other, [tenant])
        other.execute("SELECT * FROM teams FOR UPDATE")
        give_context(app, [tenant])
        app.execute("SET LOCAL lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            app.execute("SELECT * FROM teams FOR UPDATE")


def test_figures_can_be_read_by_their_login_and_nothing_personal(populated: Populated) -> None:
    with populated.connect("kpi") as kpi:
        give_context(kpi, [populated.water.agency.id])
        for table, named in reviewed.FIGURES.items():
            kpi.execute(f"SELECT {', '.join(named)} FROM {table}".encode())
        assert kpi.execute("SELECT count(DISTINCT tenant_id) FROM tickets").fetchone() == (1,)
        for table, named in reviewed.PERSONAL.items():
            for column in named:
                with pytest.raises(psycopg.errors.InsufficientPrivilege), kpi.transaction():
                    kpi.execute(f"SELECT {column} FROM {table}".encode())
