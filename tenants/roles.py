"""The roles of the database: who owns, works, counts and backs up, and which logins are too strong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from tenants.errors import Refusal
from tenants.languages import Text

MAIN_DATABASE: Final = "hub19"
OWNER: Final = "hub_owner"
MIGRATE: Final = "hub_migrate"
APP: Final = "hub_app"
KPI: Final = "hub_kpi"
MAINTENANCE: Final = "hub_maint"


@dataclass(frozen=True, slots=True)
class DatabaseRole:
    """One role, what it is for, and what it may do beyond what migrations grant it."""

    name: str
    purpose: str
    logs_in: bool = True
    bypasses_fences: bool = False
    member_of: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


ROLES: Final = (
    DatabaseRole(OWNER, "owns every table; nobody signs in as it, and the fences bind it too", logs_in=False),
    DatabaseRole(
        MIGRATE,
        "migrations sign in as it; what it makes belongs to hub_owner",
        member_of=(OWNER,),
        settings={"role": OWNER},
    ),
    DatabaseRole(
        APP,
        "web and workers; owns nothing and creates nothing",
        settings={
            "statement_timeout": "30s",
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "60s",
        },
    ),
    DatabaseRole(
        KPI,
        "figures; reads the columns migrations grant it, none of them personal",
        settings={"default_transaction_read_only": "on"},
    ),
    DatabaseRole(
        MAINTENANCE,
        "backups; reads every tenant's rows",
        bypasses_fences=True,
        member_of=("pg_read_all_data",),
    ),
)
LOGINS: Final = tuple(role.name for role in ROLES if role.logs_in)
# So many examples of owned things are enough to understand what is wrong.
_THINGS_TOLD: Final = 5
# Those that may look into the schema without owning it.
_VISITORS: Final = (APP, KPI, MAINTENANCE)
# PostgreSQL's own roles whose members leave the fences, or the grants of migrations, behind.
_TOO_STRONG: Final = (
    "pg_execute_server_program",
    "pg_read_all_data",
    "pg_read_server_files",
    "pg_write_all_data",
    "pg_write_server_files",
)


class UnsafeLogin(Refusal):
    """A process was given a login that could step over a fence between tenants."""

    says = Text(
        ar=(
            "الحساب «{login}» يستطيع تجاوز الحواجز بين الجهات، ولن تعمل المنصة به. {reasons} استعمل الحساب"
            " hub_app، أو أصلح هذا الحساب: {mend}"
        ),
        en=(
            "The login “{login}” could step over the fences between tenants, and the hub will not run"
            " with it. {reasons} Use the login hub_app, or mend this one: {mend}"
        ),
    )


def create_roles(connection: Connection[Any], passwords: Mapping[str, str]) -> None:
    """Makes the roles what they should be, all or none; again changes nothing. For a superuser's connection.

    `passwords` are by role name; a login without one keeps what it has. The server gets only their SCRAM
    verifiers.
    """
    with connection.transaction():
        for statement in _role_statements():
            connection.execute(statement)
        for name, password in passwords.items():
            verifier = connection.pgconn.encrypt_password(
                password.encode(), name.encode(), b"scram-sha-256"
            ).decode()
            connection.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(name), Literal(verifier)))


def create_database(connection: Connection[Any], name: str, template: str | None = None) -> None:
    """Makes a database that belongs to `hub_owner` and lets only the hub's roles in.

    `connection` is a superuser's in autocommit. Nobody may be connected to `template`. A new database that is
    no copy of a prepared one still needs `prepare_database` inside it.
    """
    source = (
        SQL("TEMPLATE template0 ENCODING 'UTF8'")
        if template is None
        else SQL("TEMPLATE {}").format(Identifier(template))
    )
    connection.execute(
        SQL("CREATE DATABASE {} OWNER {} ").format(Identifier(name), Identifier(OWNER)) + source
    )
    admit_roles(connection, name)


def admit_roles(connection: Connection[Any], name: str) -> None:
    """Lets only the hub's roles connect to the database `name`; again changes nothing."""
    for statement in _database_statements(Identifier(name)):
        connection.execute(statement)


def prepare_database(connection: Connection[Any]) -> None:
    """Gives the schema `public` of the connected database to `hub_owner`; the others may look, not create."""
    for statement in _schema_statements():
        connection.execute(statement)


def role_script() -> str:
    """The SQL an operator of an outside server runs once, by psql as a superuser; it holds no password.

    Passwords are the psql variables `<role>_password`, or else the environment's `<ROLE>_PASSWORD`.
    """
    lines = [
        "-- Makes the roles and the database of Hub19; running it again changes nothing but the passwords.",
        "-- Run it as a superuser:  psql --file=THIS_FILE --dbname=postgres",
        "-- It takes the passwords from the environment: "
        + ", ".join(f"{name.upper()}_PASSWORD" for name in LOGINS),
        "-- and the name of the database from: --set=database=NAME",
        *(f"-- {role.name}: {role.purpose}" for role in ROLES),
        "\\set ON_ERROR_STOP on",
    ]
    lines += _unless_set("database", f"\\set database {MAIN_DATABASE}")
    for name in LOGINS:
        lines += _unless_set(f"{name}_password", f"\\getenv {name}_password {name.upper()}_PASSWORD")
    lines.append("BEGIN;")
    lines += [f"{statement.as_string(None)};" for statement in _role_statements()]
    lines += [f"ALTER ROLE \"{name}\" PASSWORD :'{name}_password';" for name in LOGINS]
    lines += [
        "COMMIT;",
        f"SELECT format('CREATE DATABASE %I OWNER {OWNER} TEMPLATE template0 ENCODING ''UTF8''',",
        "    :'database')",
        "WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = :'database') \\gexec",
    ]
    lines += [f"{statement.as_string(None)};" for statement in _database_statements(SQL(':"database"'))]
    lines.append('\\connect :"database"')
    lines += [f"{statement.as_string(None)};" for statement in _schema_statements()]
    return "\n".join(lines) + "\n"


def check_login(connection: Connection[Any]) -> None:
    """Refuses a login that could step over a fence, for every process before it serves anybody.

    Looks at the login itself, whatever role it has taken. Raises `UnsafeLogin`, which says how to mend it.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication"
            " FROM pg_catalog.pg_roles WHERE rolname = session_user"
        )
        row = cursor.fetchone()
        if row is None:
            raise LookupError("pg_roles does not show the login of this session")
        login, superuser, bypasses, creates_roles, replicates = row
        strong = [] if superuser else cursor.execute(_STRONG_ROLES, ([OWNER, *_TOO_STRONG],)).fetchall()
        # What a role that is too strong owns is told by naming that role.
        names = [role for role, _ in strong]
        owned = [] if superuser else cursor.execute(_OWNED, (names,)).fetchall()
    found = [
        (text, mend)
        for applies, text, mend in (
            (superuser, _SUPERUSER, "ALTER ROLE {login} NOSUPERUSER;"),
            (bypasses and not superuser, _BYPASSES, "ALTER ROLE {login} NOBYPASSRLS;"),
            (creates_roles and not superuser, _CREATES_ROLES, "ALTER ROLE {login} NOCREATEROLE;"),
            (replicates and not superuser, _REPLICATES, "ALTER ROLE {login} NOREPLICATION;"),
            (strong, _MEMBER, "REVOKE {granted} FROM {login};"),
            (owned, _OWNS, "REASSIGN OWNED BY {owners} TO {owner};"),
        )
        if applies
    ]
    if not found:
        return
    facts = {
        "roles": _list(names),
        "things": _list([thing for thing, _ in owned][:_THINGS_TOLD]),
        "login": _quoted(login),
        "granted": _list(_quoted(role) for _, role in strong),
        "owners": _list(_quoted(role) for _, role in owned),
        "owner": OWNER,
    }
    raise UnsafeLogin(
        field="DATABASE_URL",
        login=login,
        reasons=Text(
            ar=" ".join(text.ar.format(**facts) for text, _ in found),
            en=" ".join(text.en.format(**facts) for text, _ in found),
        ),
        mend=" ".join(mend.format(**facts) for _, mend in found),
    )


_SUPERUSER: Final = Text(ar="إنه مدير عام لقاعدة البيانات.", en="It is a superuser.")
_BYPASSES: Final = Text(
    ar="إنه معفى من حواجز الصفوف (BYPASSRLS).", en="It is exempt from row-level security (BYPASSRLS)."
)
_CREATES_ROLES: Final = Text(
    ar="يستطيع إنشاء حسابات أخرى ومنحها صلاحيات (CREATEROLE).",
    en="It can make other roles and grant them rights (CREATEROLE).",
)
_REPLICATES: Final = Text(
    ar="يستطيع نسخ الخادم كله (REPLICATION).", en="It can copy the whole server (REPLICATION)."
)
_MEMBER: Final = Text(
    ar="إنه عضو، مباشرة أو عبر دور آخر، في أدوار أقوى مما ينبغي: {roles}.",
    en="It is a member, directly or through another role, of roles that are too strong: {roles}.",
)
_OWNS: Final = Text(
    ar="يملك أشياء في قاعدة البيانات، والمالك يستطيع إزالة حواجزها: {things}.",
    en="It owns things in the database, and an owner can take their fences away: {things}.",
)

_STRONG_ROLES: Final = """
    SELECT strong.rolname, granted.rolname
    FROM pg_catalog.pg_roles AS login
    JOIN pg_catalog.pg_auth_members ON member = login.oid
    JOIN pg_catalog.pg_roles AS granted ON granted.oid = roleid
    JOIN pg_catalog.pg_roles AS strong ON pg_has_role(granted.oid, strong.oid, 'MEMBER')
    WHERE login.rolname = session_user
      AND (strong.rolsuper OR strong.rolbypassrls OR strong.rolcreaterole OR strong.rolreplication
        OR strong.rolname = ANY (%s))
    ORDER BY strong.rolname, granted.rolname
"""
_OWNED: Final = """
    SELECT thing, rolname FROM (
        SELECT format('%%I.%%I', nspname, relname) AS thing, relowner AS owner
        FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND nspname !~ '^pg_' AND nspname <> 'information_schema'
        UNION ALL
        SELECT nspname, nspowner FROM pg_catalog.pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
        UNION ALL
        SELECT datname, datdba FROM pg_catalog.pg_database WHERE datname = current_database()
    ) AS owned JOIN pg_catalog.pg_roles ON pg_roles.oid = owner
    WHERE pg_has_role(session_user, owner, 'MEMBER')
      AND rolname <> 'pg_database_owner' AND rolname <> ALL (%s)
    ORDER BY thing
"""


def _list(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _quoted(name: str) -> str:
    return Identifier(name).as_string(None)


def _unless_set(variable: str, command: str) -> list[str]:
    return [f"\\if :{{?{variable}}}", "\\else", command, "\\endif"]


def _role_statements() -> Iterator[Composed]:
    for role in ROLES:
        yield SQL(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {})"
            " THEN CREATE ROLE {}; END IF; END $$"
        ).format(Literal(role.name), Identifier(role.name))
        yield SQL(
            "ALTER ROLE {} WITH {} INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {}"
        ).format(
            Identifier(role.name),
            SQL("LOGIN") if role.logs_in else SQL("NOLOGIN"),
            SQL("BYPASSRLS") if role.bypasses_fences else SQL("NOBYPASSRLS"),
        )
        for group in role.member_of:
            grant = SQL("GRANT {} TO {}").format(Identifier(group), Identifier(role.name))
            # Before 16 a grant has no options, and its parser does not know the words.
            yield SQL(
                "DO $$ BEGIN EXECUTE CASE WHEN current_setting('server_version_num')::int >= 160000"
                " THEN {} ELSE {} END; END $$"
            ).format(
                Literal(f"{grant.as_string(None)} WITH INHERIT TRUE, SET TRUE"),
                Literal(grant.as_string(None)),
            )
        for name, value in role.settings.items():
            yield SQL("ALTER ROLE {} SET {} = {}").format(
                Identifier(role.name), Identifier(name), Literal(value)
            )


def _database_statements(database: Composable) -> Iterator[Composed]:
    visitors = SQL(", ").join(map(Identifier, (MIGRATE, *_VISITORS)))
    yield SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database)
    yield SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, visitors)


def _schema_statements() -> Iterator[Composed]:
    visitors = SQL(", ").join(map(Identifier, _VISITORS))
    yield SQL("ALTER SCHEMA public OWNER TO {}").format(Identifier(OWNER))
    yield SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC").format(Identifier("public"))
    yield SQL("GRANT USAGE ON SCHEMA public TO {}").format(visitors)
