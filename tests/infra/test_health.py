from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx2
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from infra.migrate import migrate
from infra.serving.readiness import DATABASE, LOGIN, MIGRATIONS, Readiness
from tenants.servers import OwnServer
from tests.infra.harm import harm
from tests.infra.processes import Live, eventually
from tests.infra.served import Served, served
from tests.tenants.own_servers import new_home, own_server


@pytest.fixture
def alone(live: Live, tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "log", live.environment) as hub:
        yield hub


def failing(hub: Served) -> list[str]:
    answer = hub.get("/ready")
    if answer.status_code == 200:
        assert answer.json() == {"status": "ok"}
        return []
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json()["status"] == "unavailable"
    found: list[str] = answer.json()["failing"]
    return found


def test_a_process_that_works_is_healthy_and_ready(shared: Served) -> None:
    for path in ("/health", "/ready"):
        answer = shared.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["Cache-Control"] == "no-store"
        assert shared.get(path + "/").status_code == 404
    assert httpx2.head(f"{shared.address}/ready").status_code == 200
    assert httpx2.post(f"{shared.address}/ready").status_code == 404


def test_a_database_that_hangs_is_told_within_a_second_and_when_it_is_back(live: Live, alone: Served) -> None:
    assert failing(alone) == []
    with live.administrator() as connection:
        pids = [
            row[0]
            for row in connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'hub19 readiness'"
                " AND datname = current_database()"
            )
        ]
        assert len(pids) == 1
        backend = int(str(pids[0]))
    os.kill(backend, signal.SIGSTOP)
    try:
        time.sleep(0.6)
        began = time.monotonic()
        assert failing(alone) == [DATABASE]
        assert time.monotonic() - began < 3
        assert alone.get("/health").status_code == 200
    finally:
        os.kill(backend, signal.SIGCONT)
    eventually(lambda: failing(alone) == [], 20)


def test_a_missing_migration_is_told(live: Live, alone: Served) -> None:
    harm(live, "UPDATE alembic_version SET version_num = '0006'")
    eventually(lambda: failing(alone) == [MIGRATIONS], 10)
    harm(live, "UPDATE alembic_version SET version_num = '9999_of_a_newer_release'")
    eventually(lambda: failing(alone) == [], 10)
    harm(live, "DELETE FROM alembic_version")
    eventually(lambda: failing(alone) == [MIGRATIONS], 10)
    harm(live, "DROP TABLE alembic_version")
    time.sleep(0.6)
    assert failing(alone) == [MIGRATIONS]


def test_a_login_that_could_step_over_a_fence_is_told(live: Live) -> None:
    for url, failing_checks in ((live.urls.app, ()), (SecretStr(live.administrator_url), (LOGIN,))):
        with closing(Readiness(url)) as readiness:
            assert asyncio.run(readiness.failing()) == failing_checks


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[OwnServer, dict[str, str]]]:
    """A server of the hub's own with all tables, and what a process of that hub is told."""
    with new_home() as home, own_server(home, None, durable=True) as server:
        migrate(server.urls().owner.get_secret_value())
        yield (
            server,
            {
                "HUB_DATA": str(home),
                "HUB_KEY_PEPPER": "only for tests: " + "0" * 32,
                "HUB_LANGUAGE": "en",
            },
        )


def test_a_database_that_is_stopped_and_started_is_told_truthfully(
    own: tuple[OwnServer, dict[str, str]], tmp_path: Path
) -> None:
    server, environment = own
    # As an outside server, which nobody but its operator starts again.
    url = server.urls().app.get_secret_value()
    with served(tmp_path / "log", environment | {"DATABASE_URL": url}) as hub:
        assert failing(hub) == []
        os.kill(server.pid(), signal.SIGKILL)
        eventually(lambda: failing(hub) == [DATABASE], 10)
        assert hub.get("/health").status_code == 200
        assert hub.figures()["hub_database_up"] == 0
        password = str(conninfo_to_dict(url)["password"])
        assert password not in hub.get("/ready").text + hub.process.words
        server.start()
        eventually(lambda: failing(hub) == [], 20)
        assert hub.get("/statement?given=x").status_code == 200


def test_a_server_of_our_own_that_dies_is_told_and_comes_back_by_itself(
    own: tuple[OwnServer, dict[str, str]], tmp_path: Path
) -> None:
    server, environment = own
    with served(tmp_path / "log", environment, 2) as hub:
        assert failing(hub) == []
        for path in ("/ready", "/statement?given=x"):
            os.kill(server.pid(), signal.SIGKILL)
            # Whoever asks first learns of it, and that is what brings it back.
            eventually(partial(answers_badly, hub, path), 10)
            eventually(lambda: failing(hub) == [], 30)
            eventually(lambda: hub.get("/statement?given=x").status_code == 200, 10)
        assert hub.process.end() == 0


def answers_badly(hub: Served, path: str) -> bool:
    return hub.get(path).status_code >= 500
