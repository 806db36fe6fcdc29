"""Looks at a database for anything that would let one tenant reach another's rows; every look gives sentences."""

from __future__ import annotations

import re
from typing import Any

import psycopg

from tests.promises import reviewed

Connection = psycopg.Connection[Any]

MINE = "(tenant_id = ANY (current_tenants::uuid[]))"
_SCHEMAS = tuple({"pg_catalog", "information_schema"} | reviewed.OTHER_SCHEMAS.keys())
_COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def tables(connection: Connection) -> list[str]:
    """The names of all tables that are the hub's own, from the catalogue and not from the models."""
    rows = connection.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE relkind IN ('r', 'p', 'f') AND nspname = 'public' ORDER BY relname"
    )
    return [name for (name,) in rows]


def tenant_tables(connection: Connection) -> list[str]:
    """Those of the tables whose rows name their tenant."""
    return [table for table in tables(connection) if "tenant_id" in columns(connection, table)]


def columns(connection: Connection, table: str) -> dict[str, str]:
    """The columns of a table and their types, in order."""
    rows = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (table,),
    )
    return dict(rows.fetchall())


def all_findings(connection: Connection) -> list[str]:
    """Everything below in one go."""
    return [
        finding
        for look in (
            strange_schemas,
            missing_fences,
            missing_case_fences,
            keys_not_led_by_the_tenant,
            grants_too_wide,
            ways_around,
            native_enumerations,
        )
        for finding in look(connection)
    ]


def strange_schemas(connection: Connection) -> list[str]:
    """Schemas with tables that nobody has looked at."""
    rows = connection.execute(
        "SELECT DISTINCT nspname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE relkind IN ('r', 'p', 'f', 'v', 'm') AND nspname <> 'public' AND nspname !~ '^pg_'"
        " AND NOT nspname = ANY (%s) ORDER BY nspname",
        (list(_SCHEMAS),),
    )
    return [f"the schema {name} has not been reviewed" for (name,) in rows]


def missing_fences(connection: Connection) -> list[str]:
    """Tables that row-level security does not hold, or not by the conditions it should."""
    found = []
    for table in tables(connection):
        if table in reviewed.UNFENCED:
            continue
        enabled, forced = connection.execute(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", (table,)
        ).fetchone() or (False, False)
        if not enabled:
            found.append(f"{table}: row-level security is not enabled")
        if not forced:
            found.append(f"{table}: row-level security does not bind the owner")
        found += _wrong_policies(connection, table)
    return found


def policies(connection: Connection, table: str) -> set[str]:
    """The policies of a table as `KIND COMMAND [of ROLES] USING ... CHECK ...`, without their names."""
    rows = connection.execute(
        "SELECT permissive, cmd, roles::text[], qual, with_check FROM pg_policies"
        " WHERE schemaname = 'public' AND tablename = %s",
        (table,),
    )
    return {
        f"{kind} {command}{_roles(roles)}{_said(' USING ', using)}{_said(' CHECK ', check)}"
        for kind, command, roles, using, check in rows
    }


def _roles(roles: list[str]) -> str:
    return "" if roles == ["public"] else f" of {', '.join(roles)}"


def _said(word: str, condition: str | None) -> str:
    if condition is None:
        return ""
    read_once = re.sub(r"\( SELECT (current_\w+)\(\) AS \1\)", r"\1", condition)
    return word + " ".join(read_once.split()).replace("( CASE ", "(CASE ")


def _wrong_policies(connection: Connection, table: str) -> list[str]:
    present = policies(connection, table)
    if table in reviewed.HUB_WIDE:
        wanted = set(reviewed.HUB_WIDE[table].policies)
        return [f"{table}: a policy nobody has reviewed: {policy}" for policy in sorted(present - wanted)] + [
            f"{table}: a policy is missing: {policy}" for policy in sorted(wanted - present)
        ]
    if "tenant_id" not in columns(connection, table):
        return [f"{table}: belongs to no tenant, and nobody has reviewed it as hub-wide"]
    wanted = (
        {
            f"RESTRICTIVE SELECT USING {reviewed.MINE_OR_THE_HUBS}",
            f"RESTRICTIVE INSERT CHECK {MINE}",
            f"RESTRICTIVE UPDATE USING {MINE} CHECK {MINE}",
            f"RESTRICTIVE DELETE USING {MINE}",
        }
        if table in reviewed.SHARED
        else {f"RESTRICTIVE ALL USING {MINE} CHECK {MINE}"}
    )
    return [f"{table}: a policy is missing: {policy}" for policy in sorted(wanted - present)]


def missing_case_fences(connection: Connection) -> list[str]:
    """Tables with rows of cases that a context bound to one case would see others of."""
    found = []
    for table in tables(connection):
        column = "id" if table == "cases" else "case_id"
        if column not in columns(connection, table) or table in reviewed.CASES_BY_OTHER_MEANS:
            continue
        same = f"CASE WHEN (current_case IS NULL) THEN true ELSE ({column} = current_case) END"
        present = policies(connection, table)
        shown = f"RESTRICTIVE SELECT USING ({same} OR "
        if not any(policy.startswith(shown) for policy in present):
            found.append(f"{table}: a context bound to one case reads every case")
        if f"RESTRICTIVE UPDATE USING {same} CHECK {same}" not in present:
            found.append(f"{table}: a context bound to one case changes every case")
        if f"RESTRICTIVE DELETE USING {same}" not in present:
            found.append(f"{table}: a context bound to one case deletes every case")
    return found


def keys_not_led_by_the_tenant(connection: Connection) -> list[str]:
    """Unique indexes that tell of other tenants' rows, and foreign keys that reach them."""
    found = []
    uniques = connection.execute(
        "SELECT i.indrelid::regclass::text, c.relname, pg_get_indexdef(i.indexrelid, 1, true)"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname"
    )
    for table, name, first in uniques:
        if first != "tenant_id" and name not in reviewed.GLOBAL_KEYS and table not in reviewed.UNFENCED:
            found.append(f"{table}: the unique index {name} begins with {first}, not with tenant_id")
    foreign = connection.execute(
        "SELECT k.conrelid::regclass::text, k.conname, k.confrelid::regclass::text, a.attname, b.attname"
        " FROM pg_constraint k"
        " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
        " JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]"
        " WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace ORDER BY k.conname"
    )
    for table, name, target, own, other in foreign:
        led = own == "tenant_id" and other == ("id" if target == "tenants" else "tenant_id")
        if not led and name not in reviewed.GLOBAL_REFERENCES:
            found.append(f"{table}: the foreign key {name} to {target} begins with {own}, not with tenant_id")
    for (name,) in connection.execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'x' AND connamespace = 'public'::regnamespace"
    ):
        found.append(f"the exclusion constraint {name} has not been reviewed")
    return found


def grants_too_wide(connection: Connection) -> list[str]:
    """Rights of the processes' logins beyond what they need."""
    found = []
    for table in tables(connection):
        rights = {
            right
            for right in (*_COMMANDS, "TRUNCATE", "REFERENCES", "TRIGGER")
            if connection.execute(
                "SELECT has_any_column_privilege('hub_app', %(table)s, %(right)s)"
                if right in ("SELECT", "INSERT", "UPDATE", "REFERENCES")
                else "SELECT has_table_privilege('hub_app', %(table)s, %(right)s)",
                {"table": table, "right": right},
            ).fetchone()
            == (True,)
        }
        allowed = {"SELECT", "INSERT", "UPDATE"}
        if table in reviewed.APPEND_ONLY:
            allowed -= {"UPDATE"}
        if table in reviewed.DELETED_FROM:
            allowed |= {"DELETE"}
        if table in reviewed.UNFENCED:
            allowed = {"SELECT"}
        found += [f"{table}: hub_app may {right}" for right in sorted(rights - allowed)]
        if table in reviewed.APPEND_ONLY and not _is_append_only(connection, table):
            found.append(f"{table}: its rows can be changed")
    for table, grantee in connection.execute(
        "SELECT c.relname, CASE a.grantee WHEN 0 THEN 'everybody' ELSE a.grantee::regrole::text END"
        " FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'public'::regnamespace"
        " AND a.grantee NOT IN (c.relowner, 'hub_app'::regrole, 'hub_maint'::regrole, 'hub_kpi'::regrole)"
        " UNION SELECT c.relname, 'everybody' FROM pg_class c, pg_attribute t, aclexplode(t.attacl) a"
        " WHERE t.attrelid = c.oid AND c.relnamespace = 'public'::regnamespace AND a.grantee = 0"
        " ORDER BY 1"
    ):
        found.append(f"{table}: {grantee} has rights")
    for thing, owner in connection.execute(
        "SELECT relname, relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " UNION ALL SELECT proname, proowner::regrole::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace ORDER BY 1"
    ):
        if owner != "hub_owner":
            found.append(f"{thing}: belongs to {owner}")
    for role in ("hub_app", "hub_kpi", "hub_owner"):
        if connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", (role,)
        ).fetchone() != (False,):
            found.append(f"{role}: steps over every fence")
    return found + _figures_too_wide(connection)


def _is_append_only(connection: Connection, table: str) -> bool:
    rows = connection.execute(
        "SELECT tgtype::int FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid"
        " WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A') AND proname = 'refuse_change'",
        (table,),
    )
    held = 0
    for (kind,) in rows:
        held |= kind
    row, before, delete, update, truncate = 1, 2, 8, 16, 32
    return held & (row | before | delete | update | truncate) == row | before | delete | update | truncate


def _figures_too_wide(connection: Connection) -> list[str]:
    found = []
    for table in tables(connection):
        for column in columns(connection, table):
            readable = connection.execute(
                "SELECT has_column_privilege('hub_kpi', %s, %s, 'SELECT')", (table, column)
            ).fetchone() == (True,)
            if readable and column not in reviewed.FIGURES.get(table, ()):
                found.append(f"{table}: figures are made of {column}, which nobody has reviewed")
        for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            allowed = right == "INSERT" and table == "across_uses"
            if not allowed and connection.execute(
                "SELECT has_table_privilege('hub_kpi', %s, %s)", (table, right)
            ).fetchone() == (True,):
                found.append(f"{table}: hub_kpi may {right}")
    return found


def ways_around(connection: Connection) -> list[str]:
    """Views and functions that run with another's rights, and so under another's fences or none."""
    views = connection.execute(
        "SELECT relname, relkind, coalesce(reloptions, '{}') FROM pg_class"
        " WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace ORDER BY relname"
    )
    found = []
    for name, kind, options in views:
        if kind == "m":
            found.append(f"{name}: a materialised view has no fences")
        elif not {"security_invoker=true", "security_invoker=on", "security_invoker=1"} & set(options):
            found.append(f"{name}: the view looks with its owner's eyes")
    functions = connection.execute(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1"
    )
    return found + [f"{name}: the function acts with its owner's rights" for (name,) in functions]


def native_enumerations(connection: Connection) -> list[str]:
    """Types of enumerations: comparing them is not leakproof, so a fenced search could use no index."""
    rows = connection.execute(
        "SELECT typname FROM pg_type WHERE typtype = 'e' AND typnamespace = 'public'::regnamespace ORDER BY 1"
    )
    return [f"{name}: an enumeration of the database's own" for (name,) in rows]
