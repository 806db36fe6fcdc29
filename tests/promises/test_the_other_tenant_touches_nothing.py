from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tenants.ids import HUB, new_id
from tests.promises import reviewed
from tests.promises.findings import columns, tables
from tests.promises.populated import Connection, Holdings, Populated
from tests.promises.reach import a_row, can_write, give_context, harm_everything, rows_seen


def not_of(connection: Connection, table: str, tenant: UUID) -> str:
    """The condition for the rows of a table that a tenant has nothing to do with."""
    concerned = f"(SELECT case_id FROM case_tenants WHERE tenant_id = '{tenant}')"
    hub_wide = {
        "across_uses": "true",
        "case_clocks": f"case_id NOT IN {concerned}",
        "case_keys": "true",
        "cases": f"id NOT IN {concerned}",
        "drafts": "true",
        "kept_answers": "true",
        "people": f"id NOT IN (SELECT person_id FROM tickets WHERE tenant_id = '{tenant}'"
        " AND person_id IS NOT NULL)",
        "proofs": "true",
        "rate_counts": "true",
        "tenants": f"id <> '{tenant}'",
        "users": f"id NOT IN (SELECT user_id FROM memberships WHERE tenant_id = '{tenant}')",
        **dict.fromkeys(reviewed.UNFENCED, "true"),
    }
    return hub_wide[table] if "tenant_id" not in columns(connection, table) else f"tenant_id <> '{tenant}'"


def digest(connection: Connection, table: str, condition: str) -> object:
    return connection.execute(
        f"SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t WHERE {condition}".encode()
    ).fetchone()


def test_a_tenant_sees_nothing_of_another(
    populated: Populated, administrator: Connection, app: Connection
) -> None:
    for holdings in (populated.water, populated.tax):
        tenant = holdings.agency.id
        give_context(app, [tenant], actor=holdings.agency["lead"].id)
        for table in tables(administrator):
            if table in reviewed.UNFENCED or table == "tenants":
                continue
            condition = not_of(administrator, table, tenant)
            if table in reviewed.SHARED:
                condition += f" AND tenant_id <> '{HUB}'"
            assert digest(administrator, table, condition) != (0, None), (
                f"{table}: nothing there to be hidden"
            )
            assert digest(app, table, condition) == (0, None), table


def test_a_tenant_cannot_write_a_row_of_another(
    populated: Populated, administrator: Connection, app: Connection
) -> None:
    give_context(app, [populated.tax.agency.id])
    for table in tables(administrator):
        if "tenant_id" in columns(administrator, table):
            row = a_row(administrator, table, f"tenant_id <> '{populated.tax.agency.id}'")
            assert not can_write(app, table, row), table


def test_a_tenant_cannot_give_its_rows_to_another(
    populated: Populated, administrator: Connection, app: Connection
) -> None:
    given = 0
    give_context(app, [populated.tax.agency.id])
    for table in tables(administrator):
        if "tenant_id" not in columns(administrator, table):
            continue
        statement = f"UPDATE {table} SET tenant_id = '{populated.water.agency.id}'"
        try:
            with app.transaction(force_rollback=True):
                given = app.execute(statement.encode()).rowcount
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation):
            given = 0
        assert given == 0, table


def test_statements_without_any_condition_reach_no_row_of_another(
    populated: Populated, administrator: Connection
) -> None:
    tenant = populated.tax.agency.id
    conditions = {table: not_of(administrator, table, tenant) for table in tables(administrator)}
    before = {table: digest(administrator, table, condition) for table, condition in conditions.items()}
    rows = {table: a_row(administrator, table, condition) for table, condition in conditions.items()}
    own = {table: digest(administrator, table, "true") for table in ("teams", "tickets", "jobs")}
    administrator.execute("SET LOCAL ROLE hub_app")
    give_context(administrator, [tenant], actor=populated.tax.agency["lead"].id)
    harm_everything(administrator, rows)
    administrator.execute("RESET ROLE")
    after = {table: digest(administrator, table, condition) for table, condition in conditions.items()}
    assert after == before
    # The statements did do harm, to the tenant's own rows.
    assert all(digest(administrator, table, "true") != picture for table, picture in own.items())


def other_cases(table: str, holdings: Holdings, administrator: Connection) -> str | None:
    """The condition for the rows of a table about other cases than the tenant's received one."""
    case_id = holdings.tickets["received"].case_id
    if table == "people":
        # By value: the harm done to the ticket must not move the condition.
        rows = administrator.execute("SELECT person_id FROM case_keys WHERE case_id = %s", (case_id,))
        return f"id <> '{rows.fetchall()[0][0]}'"
    if table == "cases":
        return f"id <> '{case_id}'"
    return f"case_id <> '{case_id}'" if "case_id" in columns(administrator, table) else None


@pytest.mark.parametrize("who", ["citizen", "lead"])
def test_a_context_bound_to_a_case_sees_and_harms_no_other_case(
    populated: Populated, administrator: Connection, app: Connection, who: str
) -> None:
    holdings = populated.water
    case_id = holdings.tickets["received"].case_id
    actor = None if who == "citizen" else holdings.agency["lead"].id
    conditions = {
        table: condition
        for table in tables(administrator)
        if (condition := other_cases(table, holdings, administrator)) is not None
    }
    give_context(app, [holdings.agency.id], case_id, actor)
    assert rows_seen(app, f"case_id = '{case_id}'")["tickets"] == 1
    before = {}
    for table, condition in conditions.items():
        before[table] = digest(administrator, table, condition)
        assert before[table] != (0, None), f"{table}: nothing there to be hidden"
        assert digest(app, table, condition) == (0, None), table
    rows = {
        table: a_row(administrator, table, conditions.get(table, "true")) for table in tables(administrator)
    }
    administrator.execute("SET LOCAL ROLE hub_app")
    give_context(administrator, [holdings.agency.id], case_id, actor)
    harm_everything(administrator, rows)
    administrator.execute("RESET ROLE")
    assert {
        table: digest(administrator, table, condition) for table, condition in conditions.items()
    } == before


def insert_under_one_key(administrator: Connection, table: str, key: str, row: dict[str, Any]) -> None:
    """Insert a row when only one of a table's foreign keys is there to speak."""
    for (other,) in administrator.execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass AND conname <> %s",
        (table, key),
    ).fetchall():
        administrator.execute(f"ALTER TABLE {table} DROP CONSTRAINT {other}".encode())
    administrator.execute(
        f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s::jsonb)".encode(),
        (Jsonb(row),),
    )


def _filled_if_any(connection: Connection, table: str, columns: list[str], tenant_id: UUID) -> str:
    """The condition that a row names a parent by these columns; where none does, that it is a ticket's if any is.

    What belongs to a part of a ticket has to be the ticket's first.
    """
    present = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'ticket_id')",
        (table,),
    ).fetchone()
    for wanted in (columns, ["ticket_id"] if present == (True,) else []):
        filled = " AND ".join(f"{column} IS NOT NULL" for column in wanted) or "true"
        there = connection.execute(
            f"SELECT EXISTS (SELECT FROM {table} WHERE tenant_id = '{tenant_id}' AND {filled})".encode()
        ).fetchone()
        if there == (True,):
            return filled
    return "true"


def test_a_row_cannot_be_hung_on_another_tenant_s(populated: Populated, administrator: Connection) -> None:
    """Every foreign key between tenants' tables, tried with a parent that only the other tenant has."""
    tax, water = populated.tax.agency.id, populated.water.agency.id
    keys = administrator.execute(
        "SELECT conname, conrelid::regclass::text, confrelid::regclass::text,"
        " (SELECT array_agg(attname::text ORDER BY n) FROM unnest(conkey) WITH ORDINALITY k(c, n)"
        "   JOIN pg_attribute ON attrelid = conrelid AND attnum = c),"
        " (SELECT array_agg(attname::text ORDER BY n) FROM unnest(confkey) WITH ORDINALITY k(c, n)"
        "   JOIN pg_attribute ON attrelid = confrelid AND attnum = c)"
        " FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
    ).fetchall()
    tried = 0
    for name, child, parent, own, theirs in keys:
        if own[0] != "tenant_id" or parent == "tenants":
            continue
        rest = list(zip(own[1:], theirs[1:], strict=True))
        absent = " AND ".join(f"t.{column} = p.{column}" for column in theirs[1:])
        foreign = a_row(
            administrator,
            parent,
            f"tenant_id = '{water}' AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.tenant_id = '{tax}' AND {absent})",
        )
        row = a_row(
            administrator,
            child,
            f"tenant_id = '{tax}' AND {_filled_if_any(administrator, child, own[1:], tax)}",
        )
        row |= {column: str(new_id()) for column in ("id", "external_id") if row.get(column)}
        row |= {"code": "hung-on"} if "code" in row else {}
        row |= {mine: foreign[other] for mine, other in rest}
        with pytest.raises(psycopg.errors.ForeignKeyViolation) as refused, administrator.transaction():
            insert_under_one_key(administrator, child, name, row)
        assert refused.value.diag.constraint_name == name
        tried += 1
    assert tried >= 15


def test_a_key_of_one_column_would_let_a_row_be_hung_on_another_tenant_s(
    populated: Populated, administrator: Connection
) -> None:
    """Why all that: with a lone id the database itself attaches across tenants."""
    tax, water = populated.tax.agency.id, populated.water.agency.id
    administrator.execute("ALTER TABLE ticket_entries DROP CONSTRAINT fk_ticket_entries_tenant_id_ticket_id")
    administrator.execute("CREATE UNIQUE INDEX lone ON tickets (id)")
    administrator.execute(
        "ALTER TABLE ticket_entries ADD CONSTRAINT lone_ticket FOREIGN KEY (ticket_id) REFERENCES tickets (id)"
    )
    foreign = a_row(administrator, "tickets", f"tenant_id = '{water}'")
    row = a_row(administrator, "ticket_entries", f"tenant_id = '{tax}'")
    row |= {"id": str(new_id()), "ticket_id": foreign["id"], "question_id": None}
    administrator.execute("SET LOCAL ROLE hub_app")
    give_context(administrator, [tax])
    assert can_write(administrator, "ticket_entries", row)
    done = administrator.execute(
        "INSERT INTO ticket_entries SELECT * FROM jsonb_populate_record(NULL::ticket_entries, %s)",
        (Jsonb(row),),
    )
    assert done.rowcount == 1
