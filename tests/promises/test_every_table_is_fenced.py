from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, create_engine
from sqlalchemy.pool import NullPool

from infra.tables import metadata
from tenants.database import for_psycopg
from tenants.ids import HUB
from tests.promises import reviewed
from tests.promises.findings import (
    all_findings,
    columns,
    grants_too_wide,
    keys_not_led_by_the_tenant,
    missing_case_fences,
    missing_fences,
    native_enumerations,
    policies,
    strange_schemas,
    tables,
    ways_around,
)
from tests.promises.populated import Connection, Populated
from tests.promises.reach import give_context

ROOT = Path(__file__).parents[2]


def test_every_table_is_fenced(administrator: Connection) -> None:
    assert missing_fences(administrator) == []


def test_every_schema_with_tables_is_known(administrator: Connection) -> None:
    assert strange_schemas(administrator) == []


def test_every_table_of_cases_holds_a_context_to_its_case(administrator: Connection) -> None:
    assert missing_case_fences(administrator) == []


def test_every_key_begins_with_the_tenant(administrator: Connection) -> None:
    assert keys_not_led_by_the_tenant(administrator) == []


def test_no_login_may_more_than_it_needs(administrator: Connection) -> None:
    assert grants_too_wide(administrator) == []


def test_nothing_leads_around_the_fences(administrator: Connection) -> None:
    assert ways_around(administrator) == []


def test_no_enumeration_is_native(administrator: Connection) -> None:
    assert native_enumerations(administrator) == []


def test_reviewed_exceptions_are_of_things_that_are_there(administrator: Connection) -> None:
    present = set(tables(administrator))
    for entries in (
        reviewed.UNFENCED,
        reviewed.SHARED,
        reviewed.HUB_WIDE,
        reviewed.CASES_BY_OTHER_MEANS,
        reviewed.APPEND_ONLY,
        reviewed.DELETED_FROM,
        reviewed.FIGURES,
        reviewed.PERSONAL,
    ):
        assert set(entries) <= present
    indexes = {
        name
        for (name,) in administrator.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
    }
    assert set(reviewed.GLOBAL_KEYS) <= indexes
    references = {
        name for (name,) in administrator.execute("SELECT conname FROM pg_constraint WHERE contype = 'f'")
    }
    assert set(reviewed.GLOBAL_REFERENCES) <= references
    for entry in (reviewed.FIGURES, reviewed.PERSONAL):
        for table, named in entry.items():
            assert set(named) <= set(columns(administrator, table))


def test_no_figure_is_made_of_what_is_personal() -> None:
    for table, personal in reviewed.PERSONAL.items():
        assert not set(personal) & set(reviewed.FIGURES.get(table, ()))


def test_only_the_policies_of_hub_wide_tables_are_the_whole_of_their_fence(administrator: Connection) -> None:
    # In a tenant's table a permissive policy opens nothing that the restrictive ones close.
    for table in tables(administrator):
        if table not in reviewed.HUB_WIDE and table not in reviewed.UNFENCED:
            assert any(policy.startswith("RESTRICTIVE") for policy in policies(administrator, table))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("DROP POLICY tenants_fence ON tickets", "tickets: a policy is missing: RESTRICTIVE ALL"),
        (
            "ALTER TABLE tickets NO FORCE ROW LEVEL SECURITY",
            "tickets: row-level security does not bind the owner",
        ),
        ("ALTER TABLE people DISABLE ROW LEVEL SECURITY", "people: row-level security is not enabled"),
        ("ALTER POLICY tenants_fence ON journal TO hub_kpi", "journal: a policy is missing: RESTRICTIVE ALL"),
        ("ALTER POLICY tenants_fence ON jobs USING (true)", "jobs: a policy is missing: RESTRICTIVE ALL"),
        (
            "DROP POLICY tenants_fence ON teams; CREATE POLICY tenants_fence ON teams"
            " USING (tenant_id = ANY ((SELECT current_tenants())::uuid[]))",
            "teams: a policy is missing: RESTRICTIVE ALL",
        ),
        ("DROP POLICY tenants_read ON calendars", "calendars: a policy is missing: RESTRICTIVE SELECT"),
        (
            "CREATE POLICY more ON case_keys USING (true)",
            "case_keys: a policy nobody has reviewed: PERMISSIVE ALL",
        ),
        ("ALTER POLICY reads ON people USING (true)", "people: a policy is missing: PERMISSIVE SELECT"),
        ("DROP POLICY one_case_update ON tickets", "tickets: a context bound to one case changes every case"),
        ("DROP POLICY one_case ON journal", "journal: a context bound to one case reads every case"),
        (
            "CREATE TABLE forgotten (tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id))",
            "forgotten: row-level security is not enabled",
        ),
        (
            "CREATE TABLE forgotten (id uuid PRIMARY KEY); ALTER TABLE forgotten ENABLE ROW LEVEL SECURITY;"
            " ALTER TABLE forgotten FORCE ROW LEVEL SECURITY",
            "forgotten: belongs to no tenant, and nobody has reviewed it as hub-wide",
        ),
        ("CREATE SCHEMA aside CREATE TABLE forgotten (id uuid)", "the schema aside has not been reviewed"),
        (
            "CREATE UNIQUE INDEX told ON tickets (external_id)",
            "tickets: the unique index told begins with external_id, not with tenant_id",
        ),
        (
            "CREATE UNIQUE INDEX told ON people (phone) WHERE id IS NULL",
            "people: the unique index told begins with phone, not with tenant_id",
        ),
        (
            "CREATE UNIQUE INDEX one ON teams (id); ALTER TABLE tickets ADD CONSTRAINT lone"
            " FOREIGN KEY (team_id) REFERENCES teams (id)",
            "tickets: the foreign key lone to teams begins with team_id, not with tenant_id",
        ),
        ("GRANT DELETE ON tickets TO hub_app", "tickets: hub_app may DELETE"),
        ("GRANT TRUNCATE ON journal TO hub_app", "journal: hub_app may TRUNCATE"),
        ("GRANT UPDATE (data) ON journal TO hub_app", "journal: hub_app may UPDATE"),
        ("DROP TRIGGER append_only ON journal", "journal: its rows can be changed"),
        ("ALTER TABLE journal DISABLE TRIGGER append_only_truncate", "journal: its rows can be changed"),
        ("GRANT SELECT ON teams TO PUBLIC", "teams: everybody has rights"),
        ("GRANT SELECT (name) ON people TO PUBLIC", "people: everybody has rights"),
        ("ALTER TABLE teams OWNER TO hub_app", "teams: belongs to hub_app"),
        ("ALTER ROLE hub_app BYPASSRLS", "hub_app: steps over every fence"),
        (
            "GRANT SELECT (description) ON tickets TO hub_kpi",
            "tickets: figures are made of description, which nobody has reviewed",
        ),
        ("GRANT UPDATE ON tickets TO hub_kpi", "tickets: hub_kpi may UPDATE"),
        ("CREATE VIEW peep AS SELECT * FROM tickets", "peep: the view looks with its owner's eyes"),
        ("CREATE MATERIALIZED VIEW peep AS SELECT 1", "peep: a materialised view has no fences"),
        (
            "CREATE FUNCTION peep() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
            "peep: the function acts with its owner's rights",
        ),
        ("CREATE TYPE mood AS ENUM ('good')", "mood: an enumeration of the database's own"),
    ],
)
def test_a_fence_removed_on_purpose_is_found(administrator: Connection, harm: str, told: str) -> None:
    administrator.execute("SET LOCAL client_min_messages TO warning")
    administrator.execute(harm.encode())
    assert any(finding.startswith(told) for finding in all_findings(administrator)), all_findings(
        administrator
    )


@pytest.mark.parametrize("table", sorted(reviewed.APPEND_ONLY))
def test_a_record_cannot_be_changed_even_by_its_owner(populated: Populated, table: str) -> None:
    for login, why in (
        ("app", "permission denied for table"),
        ("owner", f"{table} is append-only"),
        ("administrator", f"{table} is append-only"),
    ):
        with populated.connect(login) as connection:
            give_context(connection, [populated.water.agency.id, HUB])
            column = next(iter(columns(connection, table)))
            for statement in (
                f"UPDATE {table} SET {column} = {column}",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                answer = answer_to(connection, statement)
                # A policy that lets nobody change anything leaves no row for the trigger to refuse.
                assert why in answer or (login == "owner" and answer == "0 rows"), (login, statement)


def answer_to(connection: Connection, statement: str) -> str:
    try:
        with connection.transaction():
            return f"{connection.execute(statement.encode()).rowcount} rows"
    except psycopg.Error as refused:
        return str(refused)


def test_every_model_has_its_migration(populated: Populated) -> None:
    url = populated.server.urls(populated.name).owner.get_secret_value()
    engine = create_engine(for_psycopg(url), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_every_feature_s_models_are_among_the_tables() -> None:
    script = "import sys, infra.tables; print(*(name for name in sys.modules if name.endswith('.models')))"
    read = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    written = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in ("tenants", "hub")
        for path in (ROOT / package).rglob("models.py")
    }
    assert written <= set(read.stdout.split())


def test_every_check_of_the_models_stands_in_the_database(administrator: Connection) -> None:
    for table in metadata.sorted_tables:
        stored = dict(
            administrator.execute(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE contype = 'c' AND conrelid = %s::regclass",
                (table.name,),
            ).fetchall()
        )
        stated = {
            str(check.name): str(check.sqltext)
            for check in table.constraints
            if isinstance(check, CheckConstraint)
        }
        assert stored.keys() == stated.keys(), table.name
        for name, text in stated.items():
            # PostgreSQL writes `IN` as an array; the words allowed are the same.
            if " IN (" in text:
                assert sorted(text.split("'")[1::2]) == sorted(stored[name].split("'")[1::2]), name
