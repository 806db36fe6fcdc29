from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tenants.accounts import account_for_server
from tenants.servers import OwnServer
from tenants.settings import ServerChoice
from tests.tenants.own_servers import UserProcess, new_home, own_server, wait_until

NOBODY = 65534
both_servers = pytest.mark.parametrize("choice", list(ServerChoice))


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder the tests share, whose servers each finds and leaves stopped."""
    with new_home() as folder:
        yield folder


@pytest.fixture
def empty_home() -> Iterator[Path]:
    with new_home() as folder:
        yield folder


def write_row(server: OwnServer) -> None:
    with psycopg.connect(server.urls().owner.get_secret_value()) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept AS SELECT 19 AS number")


def read_row(server: OwnServer) -> object:
    with psycopg.connect(server.urls().owner.get_secret_value()) as connection:
        row = connection.execute("SELECT number FROM kept").fetchone()
    return row and row[0]


def kill_server(server: OwnServer) -> None:
    os.kill(server.pid(), signal.SIGKILL)
    wait_until(lambda: not server.folder.server_lives())


@both_servers
def test_a_second_start_finds_the_first_and_the_last_to_leave_stops_it(
    home: Path, choice: ServerChoice
) -> None:
    first, second = own_server(home, choice), own_server(home, choice)
    with second:
        with first:
            assert first.pid() == second.pid()
            assert first.urls() == second.urls()
        write_row(second)
    assert not first.folder.server_lives()
    with first:
        assert read_row(first) == 19


@both_servers
def test_two_first_starts_at_once_make_one_server(empty_home: Path, choice: ServerChoice) -> None:
    folder = own_server(empty_home, choice).folder
    one, other = UserProcess(empty_home, choice), UserProcess(empty_home, choice)
    assert one.server_pid() == other.server_pid()
    assert one.end() == 0
    assert folder.server_lives()
    assert other.end() == 0
    assert not folder.server_lives()


def test_a_user_that_is_told_to_end_leaves_the_server(home: Path) -> None:
    folder = own_server(home, ServerChoice.EMBEDDED).folder
    user = UserProcess(home, ServerChoice.EMBEDDED)
    user.server_pid()
    assert user.signal(signal.SIGTERM) == 128 + signal.SIGTERM
    assert not folder.server_lives()


def test_a_killed_users_server_goes_on_and_the_next_user_stops_it(home: Path) -> None:
    user = UserProcess(home, ServerChoice.EMBEDDED)
    pid = user.server_pid()
    user.signal(signal.SIGKILL)
    server = own_server(home, ServerChoice.EMBEDDED)
    assert server.folder.server_lives()
    with server:
        assert server.pid() == pid
    assert not server.folder.server_lives()


@both_servers
def test_a_killed_server_comes_back_with_its_data_and_address(home: Path, choice: ServerChoice) -> None:
    with own_server(home, choice, durable=True) as server:
        write_row(server)
        killed, address = server.pid(), server.urls()
        kill_server(server)
        server.start()
        assert server.pid() != killed
        assert server.urls() == address
        assert read_row(server) == 19


def test_a_dead_servers_process_id_given_to_another_process_deceives_nobody(home: Path) -> None:
    with own_server(home, ServerChoice.EMBEDDED, durable=True) as server:
        write_row(server)
        kill_server(server)
        account = account_for_server(server.folder.owner_of_data)
        stranger = subprocess.Popen(["sleep", "60"], cwd="/", user=account.user_id, group=account.group_id)
        try:
            note = server.folder.data / "postmaster.pid"
            note.write_text("\n".join([str(stranger.pid), *note.read_text().splitlines()[1:]]) + "\n")
            server.start()
            assert read_row(server) == 19
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()


def test_a_taken_port_is_left_to_its_owner(home: Path) -> None:
    server = own_server(home, ServerChoice.EMBEDDED)
    with server:
        port = int(psycopg.conninfo.conninfo_to_dict(server.urls().app.get_secret_value())["port"] or 0)
    with socket.create_server(("127.0.0.1", port)), server:
        moved = psycopg.conninfo.conninfo_to_dict(server.urls().app.get_secret_value())["port"]
        assert int(moved or 0) != port
        with psycopg.connect(server.urls().app.get_secret_value()):
            pass
        kept = server.urls()
        server.stop()
        server.start()
        assert server.urls() == kept


@both_servers
def test_an_interrupted_first_start_leaves_no_broken_folder(empty_home: Path, choice: ServerChoice) -> None:
    server = own_server(empty_home, choice)
    user = UserProcess(empty_home, choice)
    wait_until(lambda: any(server.folder.path.glob("new-*/data/PG_VERSION")))
    user.signal(signal.SIGKILL)
    assert not server.folder.data.exists()
    (server.folder.path / "passwords.json.0123abcd").write_text("{")
    with server:
        write_row(server)
        assert read_row(server) == 19
    assert not list(server.folder.path.glob("new-*"))
    assert not list(server.folder.path.glob("passwords.json.*"))


def test_a_forked_child_counts_as_a_user_and_does_not_stop_the_server(home: Path) -> None:
    with own_server(home, ServerChoice.EMBEDDED) as server:
        child = os.fork()
        if child == 0:
            server.stop()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        with psycopg.connect(server.urls().app.get_secret_value()):
            pass


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests already run as a normal user")
@both_servers
def test_a_normal_user_runs_the_server_too(empty_home: Path, choice: ServerChoice) -> None:
    own_server(empty_home, choice)
    os.chown(empty_home, NOBODY, NOBODY)
    empty_home.chmod(0o700)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # The interpreter may lie where this account cannot read: so no new one is started.
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            with own_server(empty_home, choice) as server:
                write_row(server)
                owner = server.folder.data.stat().st_uid
                told = f"{read_row(server)} {owner} {'root' in server.describe().en}"
            told += f" {server.folder.server_lives()}"
        except BaseException as problem:
            told = repr(problem)
        os.write(writer, told.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    assert told == f"19 {NOBODY} False False"
