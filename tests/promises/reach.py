"""What a connection can reach of every table's rows, tried out: seeing, writing, changing, deleting."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from tests.promises.findings import columns, tables
from tests.promises.populated import Connection

Row = dict[str, Any]


def give_context(
    connection: Connection,
    tenants: Iterable[UUID] = (),
    case_id: UUID | None = None,
    actor: UUID | None = None,
) -> None:
    """Tell the database what the rest of the transaction may see, as a unit of work does."""
    connection.execute(
        "SELECT set_config('hub.tenants', %s, true), set_config('hub.case', %s, true),"
        " set_config('hub.actor', %s, true)",
        ("{" + ",".join(map(str, tenants)) + "}", str(case_id or ""), str(actor or "")),
    )


def rows_seen(connection: Connection, condition: str = "true") -> dict[str, int]:
    """How many rows of each table the connection sees; a table it may not read at all counts as none."""
    seen = {}
    for table in tables(connection):
        try:
            with connection.transaction():
                row = connection.execute(
                    f"SELECT count(*) FROM {table} WHERE {condition}".encode()
                ).fetchone()
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedColumn):
            continue
        if row and row[0]:
            seen[table] = row[0]
    return seen


def a_row(connection: Connection, table: str, condition: str = "true") -> Row:
    """One row of a table, for making others like it."""
    found = connection.execute(
        f"SELECT to_jsonb(t) FROM {table} t WHERE {condition} ORDER BY t::text LIMIT 1".encode()
    ).fetchone()
    assert found is not None, f"{table} has no row {condition}: let tests/promises/populated.py make one"
    row: Row = found[0]
    return row


def can_write(connection: Connection, table: str, row: Row) -> bool:
    """Whether the fence lets a row in; what else may be wrong with it comes after the fence."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(
                SQL("INSERT INTO {0} SELECT * FROM jsonb_populate_record(NULL::{0}, %s)").format(
                    Identifier(table)
                ),
                (json.dumps(row),),
            )
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.IntegrityError:
        return True
    return True


def harm_everything(connection: Connection, rows: dict[str, Row]) -> None:
    """Change and delete all rows the connection can reach, by statements that read no column and forget every `WHERE`.

    `rows` gives for each table values to write. Policies for reading do not hold such statements.
    """
    for table in tables(connection):
        for column in columns(connection, table):
            if column not in rows[table] or column in ("tenant_id", "id", "case_id"):
                continue
            statement = SQL("UPDATE {0} SET {1} = (jsonb_populate_record(NULL::{0}, %s)).{1}").format(
                Identifier(table), Identifier(column)
            )
            _try(connection, statement, (json.dumps(rows[table]),))
        _try(connection, SQL("DELETE FROM {}").format(Identifier(table)), ())


def _try(connection: Connection, statement: Any, values: tuple[Any, ...]) -> None:
    try:
        with connection.transaction():
            connection.execute(statement, values)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityError):
        pass
