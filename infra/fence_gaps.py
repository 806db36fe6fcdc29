"""Looks at a live database for tables whose fence has a gap, by what the database itself enforces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection

from tenants.roles import APP

# One row with the name of the last migration.
_NOT_FENCED: Final = ("alembic_version",)
_COMMANDS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
_NOTHING: Final = "false"

_TABLES: Final = """
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
        array(SELECT attname::text FROM pg_attribute
              WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
        array(SELECT command FROM unnest(%(commands)s::text[]) AS command
              WHERE CASE WHEN command = 'DELETE' THEN has_table_privilege(%(login)s, c.oid, command)
                    ELSE has_any_column_privilege(%(login)s, c.oid, command) END)
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> ALL (%(not_fenced)s)
    ORDER BY c.relname
"""
_POLICIES: Final = """
    SELECT tablename, permissive = 'PERMISSIVE', cmd, coalesce(qual, ''), coalesce(with_check, qual, '')
    FROM pg_policies WHERE schemaname = 'public' AND roles && ARRAY['public', %(login)s]::name[]
"""


@dataclass(frozen=True, slots=True)
class _Policy:
    permissive: bool
    command: str
    using: str
    check: str

    def condition(self, command: str) -> str:
        """What it demands of a row that a command reads or writes."""
        return self.check if command == "INSERT" else self.using


def fence_gaps(connection: Connection[Any]) -> list[str]:
    """The gaps, one short English phrase each, beginning with the table; empty when every table is fenced.

    For every command that the processes' login may give, a table needs policies that compare each row with the
    context of the transaction: its tenants where rows belong to a tenant, its case where they belong to a case.
    """
    policies: defaultdict[str, list[_Policy]] = defaultdict(list)
    for table, *policy in connection.execute(_POLICIES, {"login": APP}):
        policies[table].append(_Policy(*policy))
    rows = connection.execute(
        _TABLES, {"commands": list(_COMMANDS), "login": APP, "not_fenced": list(_NOT_FENCED)}
    )
    gaps = []
    for table, enabled, forced, columns, commands in rows:
        if not enabled:
            gaps.append(f"{table}: row-level security is not enabled")
        if not forced:
            gaps.append(f"{table}: row-level security does not bind its owner")
        for command in commands:
            gaps += [f"{table}: {command} {gap}" for gap in _gaps(policies[table], table, columns, command)]
    return gaps


def _gaps(policies: Iterable[_Policy], table: str, columns: Iterable[str], command: str) -> list[str]:
    applying = [policy for policy in policies if policy.command in (command, "ALL")]
    permissive = [policy.condition(command) for policy in applying if policy.permissive]
    restrictive = [policy.condition(command) for policy in applying if not policy.permissive]
    if not permissive:
        return ["is closed to everybody: a policy is missing"]
    gaps = []
    if "tenant_id" in columns and not _compares("current_tenants()", permissive, restrictive):
        gaps.append("is not held to the tenants of the context")
    if ("case_id" in columns or table == "cases") and not _compares(
        "current_case()", permissive, restrictive
    ):
        gaps.append("is not held to the case of the context")
    if not _compares("current_", permissive, restrictive):
        gaps.append("is open to everybody")
    return gaps


def _compares(with_what: str, permissive: list[str], restrictive: list[str]) -> bool:
    """Whether no row passes without a comparison: one restrictive policy makes it, or every permissive one."""
    return any(with_what in condition for condition in restrictive) or all(
        with_what in condition or condition == _NOTHING for condition in permissive
    )
