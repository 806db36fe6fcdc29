from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from hub.journal.tasks import JOBS
from hub.reactions import REACTIONS
from infra import process
from infra.errors import MigrationsMissing, PepperLost, PepperMissing, PostgresqlTooOld
from infra.process import JOB_MODULES, check_database, check_version, load_jobs, running_hub
from tenants.context import SYSTEM
from tenants.ids import HUB
from tenants.roles import UnsafeLogin
from tenants.server_errors import LoginNotGiven
from tests.infra.harm import harm
from tests.infra.processes import HubProcess, Live
from tests.tenants.own_servers import new_home

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(live: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    return live


def test_every_module_of_jobs_is_loaded() -> None:
    there = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "hub").rglob("tasks.py")
        if "@job(" in path.read_text("utf-8")
    }
    assert set(JOB_MODULES) == there


def test_every_promised_job_can_be_done() -> None:
    load_jobs()
    assert {task for reaction in REACTIONS.values() for task in reaction.later} <= JOBS.keys()


def test_a_process_works_with_the_database_it_is_given(environment: Live) -> None:
    with (
        running_hub() as hub,
        hub.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context,
        hub.kpi.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as figures,
    ):
        assert context.session.scalar(text("SELECT current_user")) == "hub_app"
        assert figures.session.scalar(text("SELECT current_user")) == "hub_kpi"


def test_figures_without_their_login_are_refused_only_when_asked_for(
    environment: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_KPI_URL")
    with running_hub() as hub, pytest.raises(LoginNotGiven) as refused:
        assert hub.kpi
    assert refused.value.field == "DATABASE_KPI_URL"


def test_a_database_without_its_migrations_is_refused(environment: Live) -> None:
    harm(environment, "UPDATE alembic_version SET version_num = '0006'")
    with pytest.raises(MigrationsMissing, match="hub migrate"), running_hub():
        pass


def test_an_empty_database_is_refused(environment: Live) -> None:
    harm(environment, "DROP TABLE alembic_version")
    with pytest.raises(MigrationsMissing, match="0001"):
        check_database(environment.urls.app)


def test_a_login_that_could_step_over_a_fence_is_refused(
    environment: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", environment.administrator_url)
    with pytest.raises(UnsafeLogin), running_hub():
        pass


def test_an_old_server_is_refused(environment: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "OLDEST_POSTGRESQL", 99)
    with (
        psycopg.connect(environment.urls.app.get_secret_value()) as connection,
        pytest.raises(PostgresqlTooOld, match="needs 99"),
    ):
        check_version(connection)


def test_an_outside_server_needs_the_pepper(environment: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_KEY_PEPPER")
    with pytest.raises(PepperMissing) as refused, running_hub():
        pass
    assert refused.value.field == "HUB_KEY_PEPPER"


def test_an_own_server_keeps_its_pepper_beside_its_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_KPI_URL", "HUB_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HUB_KEY_PEPPER", "")
    with new_home() as home:
        monkeypatch.setenv("HUB_DATA", str(home))
        migrating = HubProcess(tmp_path / "migrate", {}, "migrate")
        assert migrating.process.wait(timeout=120) == 0, migrating.words
        (file,) = home.glob("*/pepper")
        made = file.read_text("utf-8").strip()
        assert file.stat().st_mode & 0o777 == 0o600
        assert len(made) >= 32
        with running_hub() as hub:
            assert os.environ["HUB_KEY_PEPPER"] == made
            # Without it every PIN would be wrong, and a new one would not help.
            file.unlink()
            monkeypatch.setenv("HUB_KEY_PEPPER", "")
            with pytest.raises(PepperLost):
                process.provide_pepper(hub.server, needed=True)
            assert not file.exists()
