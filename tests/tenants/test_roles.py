from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tenants.binaries import find_binaries
from tenants.languages import Language
from tenants.roles import LOGINS, ROLES, UnsafeLogin, check_login, create_roles, prepare_database, role_script
from tenants.servers import OwnServer
from tenants.settings import ServerChoice
from tests.tenants.own_servers import new_home, own_server

Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module", params=list(ServerChoice))
def server(request: pytest.FixtureRequest) -> Iterator[OwnServer]:
    with new_home() as folder, own_server(folder, request.param) as started:
        yield started


@pytest.fixture
def administrator(server: OwnServer) -> Iterator[Connection]:
    with psycopg.connect(server.administrator_url("hub19").get_secret_value(), autocommit=True) as connection:
        yield connection


def connect(server: OwnServer, login: str, database: str = "hub19") -> Connection:
    urls = server.urls(database)
    url = {
        "hub_app": urls.app,
        "hub_migrate": urls.owner,
        "hub_kpi": urls.kpi,
        "hub_maint": urls.maintenance,
    }[login]
    return psycopg.connect(url.get_secret_value(), autocommit=True)


def everything_about_roles(connection: Connection) -> list[Any]:
    return [
        connection.execute(query).fetchall()
        for query in (
            "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,"
            " rolbypassrls, rolconfig FROM pg_roles WHERE rolname LIKE 'hub%' ORDER BY 1",
            "SELECT roleid::regrole::text, member::regrole::text, to_jsonb(m) - '{oid,roleid,member}'::text[]"
            " FROM pg_auth_members m WHERE member::regrole::text LIKE 'hub%' ORDER BY 1, 2",
            "SELECT datacl::text FROM pg_database WHERE datname = 'hub19'",
            "SELECT nspowner::regrole::text, nspacl::text FROM pg_namespace WHERE nspname = 'public'",
        )
    ]


def test_only_the_backups_role_passes_the_fences_and_none_rules_the_server(
    administrator: Connection,
) -> None:
    rows = administrator.execute(
        "SELECT rolname, rolcanlogin, rolbypassrls,"
        " rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles WHERE rolname = ANY (%s)",
        ([role.name for role in ROLES],),
    ).fetchall()
    assert sorted(rows) == [
        ("hub_app", True, False, False),
        ("hub_kpi", True, False, False),
        ("hub_maint", True, True, False),
        ("hub_migrate", True, False, False),
        ("hub_owner", False, False, False),
    ]


def test_making_the_roles_again_changes_nothing(server: OwnServer, administrator: Connection) -> None:
    before = everything_about_roles(administrator)
    create_roles(administrator, {})
    prepare_database(administrator)
    assert everything_about_roles(administrator) == before
    for login in LOGINS:
        connect(server, login).close()


def test_a_drifted_role_is_put_right(server: OwnServer, administrator: Connection) -> None:
    before = everything_about_roles(administrator)
    administrator.execute("ALTER ROLE hub_app BYPASSRLS CREATEDB")
    administrator.execute("ALTER ROLE hub_app SET statement_timeout = 0")
    create_roles(administrator, {"hub_app": server.folder.passwords()["hub_app"]})
    assert everything_about_roles(administrator) == before
    with connect(server, "hub_app") as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("30s",)
        assert connection.execute("SHOW lock_timeout").fetchone() == ("5s",)
        assert connection.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("1min",)


def test_the_server_never_sees_a_password(administrator: Connection) -> None:
    rows = administrator.execute("SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'hub%'").fetchall()
    assert sorted(str(row[0])[:13] for row in rows) == ["None", *["SCRAM-SHA-256"] * len(LOGINS)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (number int)",
        "CREATE TEMPORARY TABLE mine (number int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "SET ROLE hub_owner",
    ],
)
@pytest.mark.parametrize("login", ["hub_app", "hub_kpi"])
def test_working_logins_create_nothing(server: OwnServer, login: str, statement: str) -> None:
    with connect(server, login) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_what_migrations_make_belongs_to_the_owner_and_its_fence_binds_all_but_backups(
    server: OwnServer,
) -> None:
    server.create_database("fenced")
    with connect(server, "hub_migrate", "fenced") as migration:
        migration.execute("CREATE TABLE secret AS SELECT 19 AS number")
        migration.execute("ALTER TABLE secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        migration.execute("GRANT SELECT ON secret TO hub_app, hub_kpi")
        owner = migration.execute("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'secret'")
        assert owner.fetchone() == ("hub_owner",)
        assert migration.execute("SELECT count(*) FROM secret").fetchone() == (0,)
    seen = {}
    for login in ("hub_app", "hub_kpi", "hub_maint"):
        with connect(server, login, "fenced") as connection:
            seen[login] = connection.execute("SELECT number FROM secret").fetchall()
    assert seen == {"hub_app": [], "hub_kpi": [], "hub_maint": [(19,)]}
    with connect(server, "hub_kpi", "fenced") as figures:
        assert figures.execute("SHOW transaction_read_only").fetchone() == ("on",)
    server.drop_database("fenced")


def test_a_copy_of_a_database_is_as_closed_as_the_first(server: OwnServer, administrator: Connection) -> None:
    server.create_database("template_of_tests")
    with connect(server, "hub_migrate", "template_of_tests") as migration:
        migration.execute("CREATE TABLE kept AS SELECT 19 AS number")
    server.create_database("copy_of_it", template="template_of_tests")
    administrator.execute("CREATE ROLE outsider LOGIN PASSWORD 'outsider'")
    row = administrator.execute(
        "SELECT datdba::regrole::text, has_database_privilege('outsider', oid, 'CONNECT'),"
        " has_database_privilege('hub_app', oid, 'CONNECT'),"
        " has_database_privilege('hub_app', oid, 'TEMPORARY')"
        " FROM pg_database WHERE datname = 'copy_of_it'"
    ).fetchone()
    assert row == ("hub_owner", False, True, False)
    with connect(server, "hub_migrate", "copy_of_it") as copy:
        assert copy.execute("SELECT number FROM kept").fetchone() == (19,)
        server.drop_database("copy_of_it")
    server.drop_database("copy_of_it")
    server.drop_database("template_of_tests")
    administrator.execute("DROP ROLE outsider")


@pytest.mark.parametrize("login", ["hub_app", "hub_kpi"])
def test_the_logins_of_processes_are_safe(server: OwnServer, login: str) -> None:
    with connect(server, login) as connection:
        check_login(connection)


@pytest.mark.parametrize("login", ["hub_migrate", "hub_maint"])
def test_the_logins_of_other_work_are_refused_to_processes(server: OwnServer, login: str) -> None:
    with connect(server, login) as connection, pytest.raises(UnsafeLogin, match=login):
        check_login(connection)


def test_a_superuser_is_refused_even_in_another_role(administrator: Connection) -> None:
    administrator.execute("SET ROLE hub_app")
    with pytest.raises(UnsafeLogin) as refused:
        check_login(administrator)
    assert "NOSUPERUSER" in refused.value.sentence(Language.ARABIC)


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ("ALTER ROLE careless SUPERUSER", "superuser"),
        ("ALTER ROLE careless BYPASSRLS", "BYPASSRLS"),
        ("ALTER ROLE careless CREATEROLE", "CREATEROLE"),
        ("ALTER ROLE careless REPLICATION", "REPLICATION"),
        ("GRANT hub_owner TO careless", "hub_owner"),
        ("GRANT hub_owner TO middle; GRANT middle TO careless", "hub_owner"),
        ("GRANT hub_maint TO careless", "hub_maint"),
        ("GRANT postgres TO careless", "postgres"),
        ("GRANT pg_read_server_files TO careless", "pg_read_server_files"),
        ("GRANT pg_read_all_data TO careless", "pg_read_all_data"),
        ("CREATE TABLE theirs (number int); ALTER TABLE theirs OWNER TO careless", "public.theirs"),
        ("CREATE SCHEMA theirs AUTHORIZATION careless", "theirs"),
        (
            "GRANT middle TO careless; CREATE TABLE theirs (n int); ALTER TABLE theirs OWNER TO middle",
            "theirs",
        ),
        ("ALTER DATABASE hub19 OWNER TO careless", "hub19"),
    ],
)
def test_a_login_that_could_step_over_a_fence_is_refused_and_its_mending_works(
    server: OwnServer, administrator: Connection, mistake: str, told: str
) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(server.urls().app.get_secret_value())
    parts |= {"user": "careless", "password": "careless"}
    login = psycopg.conninfo.make_conninfo("", **parts)
    try:
        administrator.execute("CREATE ROLE careless LOGIN PASSWORD 'careless'; CREATE ROLE middle")
        administrator.execute("GRANT CONNECT ON DATABASE hub19 TO careless")
        with psycopg.connect(login) as connection:
            check_login(connection)
        for statement in mistake.split("; "):
            administrator.execute(statement.encode())
        with psycopg.connect(login) as connection, pytest.raises(UnsafeLogin) as refused:
            check_login(connection)
        assert told in refused.value.sentence(Language.ENGLISH)
        assert all("careless" in refused.value.sentence(language) for language in Language)
        for statement in str(refused.value.facts["mend"]).split("; "):
            administrator.execute(statement.encode())
        administrator.execute("GRANT CONNECT ON DATABASE hub19 TO careless")
        with psycopg.connect(login) as connection:
            check_login(connection)
    finally:
        administrator.execute("ALTER DATABASE hub19 OWNER TO hub_owner")
        administrator.execute("DROP TABLE IF EXISTS public.theirs; DROP SCHEMA IF EXISTS theirs")
        administrator.execute("DROP OWNED BY careless, middle CASCADE; DROP ROLE careless, middle")


def run_script(server: OwnServer, **passwords: str) -> int:
    with psycopg.connect(server.administrator_url().get_secret_value()) as connection:
        major = connection.info.server_version // 10000
    binaries = next(one for one in find_binaries(None) if one.major == major)
    done = subprocess.run(
        [binaries.program("psql"), "--no-psqlrc", server.administrator_url().get_secret_value()],
        input=role_script(),
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"} | passwords,
    )
    return done.returncode


def test_the_operators_script_does_the_same_as_the_hub(server: OwnServer) -> None:
    passwords = {f"{name.upper()}_PASSWORD": f"it's {name}" for name in LOGINS}
    app = psycopg.conninfo.conninfo_to_dict(server.urls().app.get_secret_value()) | {
        "password": "it's hub_app"
    }
    with psycopg.connect(server.administrator_url("hub19").get_secret_value()) as inside:
        wanted = everything_about_roles(inside)
    try:
        server.drop_database("hub19")
        with psycopg.connect(server.administrator_url().get_secret_value(), autocommit=True) as connection:
            for role in ROLES:
                connection.execute(f"DROP ROLE {role.name}".encode())
            assert run_script(server) != 0
            assert connection.execute("SELECT FROM pg_roles WHERE rolname LIKE 'hub%'").fetchall() == []
        for _ in range(2):
            assert run_script(server, **passwords) == 0
            with psycopg.connect(server.administrator_url("hub19").get_secret_value()) as inside:
                assert everything_about_roles(inside) == wanted
        with psycopg.connect(psycopg.conninfo.make_conninfo("", **app)) as connection:
            check_login(connection)
        assert not any(word in role_script() for word in passwords.values())
    finally:
        server.start()
