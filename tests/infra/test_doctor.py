from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from hub.attachments.store import FileStore
from hub.sla.actions import sweep_clocks
from hub.sla.models import TicketClock
from infra import doctor
from infra.fence_gaps import fence_gaps
from tests.factories.tickets import open_leak
from tests.infra.harm import closed_port, harm, old_fact, promise_a_job
from tests.infra.processes import Command, Live
from tests.services.clamav import running_clamav


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the hub under examination keeps files in."""
    monkeypatch.setenv("HUB_FILES_FOLDER", str(tmp_path / "files"))
    return tmp_path / "files"


def examined(hub: Command) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """Exit status, and by check the level and English text of each finding."""
    status, out, err = hub("doctor", "--format", "json")
    assert err == ""
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in json.loads(out):
        assert any("\u0600" <= letter <= "\u06ff" for letter in finding["text"]["ar"])
        found.setdefault(finding["check"], []).append((finding["level"], finding["text"]["en"]))
    return status, found


def not_well(found: dict[str, list[tuple[str, str]]]) -> set[str]:
    """What is not well, beside that the server of the tests is fast and not durable."""
    return {check for check, findings in found.items() for level, _ in findings if level != "ok"} - {
        "settings"
    }


def test_all_is_well_with_a_hub_that_runs(hub: Command) -> None:
    _, found = examined(hub)
    assert not_well(found) == set()
    assert found.keys() >= {
        "server",
        "version",
        "settings",
        "clock",
        "roles",
        "login",
        "migrations",
        "fences",
    }
    assert found.keys() >= {"pepper", "files", "broker", "jobs", "sweep", "seals", "clocks"}


def test_each_finding_is_a_line_and_the_last_one_counts_them(hub: Command) -> None:
    status, out, err = hub("doctor")
    assert (status, err) == (1, "")
    *lines, last = out.splitlines()
    assert all(line.startswith(("OK ", "warning ", "problem ")) for line in lines)
    assert last == "Problems: 1, warnings: 0."


def test_the_doctor_speaks_arabic_too(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LANGUAGE", "ar")
    assert hub("doctor")[1].endswith("مشكلات: 1، تنبيهات: 0.\n")


def test_a_dropped_policy_is_a_problem_with_advice(live: Live, hub: Command) -> None:
    harm(live, "DROP POLICY tenants_fence ON tickets")
    status, found = examined(hub)
    assert status == 1
    assert found["fences"][0][0] == "problem"
    assert "tickets: SELECT is not held to the tenants" in found["fences"][0][1]
    assert "restore the policy" in found["fences"][0][1]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("DROP POLICY tenants_fence ON journal", "journal: INSERT is not held to the tenants of the context"),
        ("ALTER POLICY tenants_fence ON jobs USING (true)", "jobs: DELETE is not held to the tenants"),
        ("ALTER TABLE people DISABLE ROW LEVEL SECURITY", "people: row-level security is not enabled"),
        ("ALTER TABLE journal NO FORCE ROW LEVEL SECURITY", "journal: row-level security does not bind"),
        ("DROP POLICY one_case ON tickets", "tickets: SELECT is not held to the case of the context"),
        ("CREATE POLICY more ON people USING (true)", "people: SELECT is open to everybody"),
        ("DROP POLICY everyone ON teams", "teams: SELECT is closed to everybody"),
        ("ALTER POLICY tenants_fence ON tickets TO hub_kpi", "tickets: UPDATE is not held to the tenants"),
        (
            "CREATE TABLE forgotten (tenant_id uuid); GRANT SELECT ON forgotten TO hub_app",
            "forgotten: row-level security is not enabled",
        ),
    ],
)
def test_a_gap_in_a_fence_is_found(live: Live, broken: str, told: str) -> None:
    with psycopg.connect(live.administrator_url) as connection:
        assert fence_gaps(connection) == []
        connection.execute(broken.encode())
        assert any(gap.startswith(told) for gap in fence_gaps(connection))
        connection.rollback()


def test_a_missing_migration_is_a_problem(live: Live, hub: Command) -> None:
    harm(live, "UPDATE alembic_version SET version_num = '0007'")
    status, found = examined(hub)
    assert status == 1
    ((level, text),) = found["migrations"]
    assert level == "problem"
    assert "0008 The broker" in text
    assert text.endswith("Run: hub migrate")


def test_a_newer_database_is_a_problem(live: Live, hub: Command) -> None:
    harm(live, "UPDATE alembic_version SET version_num = '9999'")
    status, found = examined(hub)
    assert status == 1
    assert (
        "A newer release of the hub has migrated the database (migration “9999”)" in found["migrations"][0][1]
    )


def test_a_login_that_could_step_over_a_fence_is_a_problem(
    live: Live, hub: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", live.administrator_url)
    status, found = examined(hub)
    assert status == 1
    assert found["login"][0][0] == "problem"
    assert "It is a superuser." in found["login"][0][1]


def test_a_stopped_database_is_the_only_thing_told(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://hub_app:secret@127.0.0.1:{closed_port()}/hub19")
    status, out, err = hub("doctor")
    assert (status, err) == (1, "")
    first, *_ = out.splitlines()
    assert first.startswith("problem ")
    assert "DATABASE_URL could not be reached" in first
    assert "secret" not in out
    assert "Traceback" not in out


def test_a_missing_pepper_is_a_problem(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_KEY_PEPPER")
    status, found = examined(hub)
    assert status == 1
    assert found["pepper"][0][0] == "problem"


def test_a_broker_that_does_not_answer_is_a_problem(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_BROKER_URL", f"amqp://guest:secret@127.0.0.1:{closed_port()}//")
    status, found = examined(hub)
    assert status == 1
    assert found["broker"][0][0] == "problem"
    assert "secret" not in found["broker"][0][1]


def test_messages_nobody_takes_say_that_no_worker_runs(live: Live, hub: Command) -> None:
    harm(
        live,
        "SELECT pgmq.send('hub_jobs', '{}'::jsonb)",
        "UPDATE pgmq.q_hub_jobs SET enqueued_at = now() - interval '1 hour'",
    )
    _, found = examined(hub)
    assert not_well(found) == {"broker"}
    assert found["broker"][0][0] == "warning"
    assert "Start: hub worker" in found["broker"][0][1]


def test_work_that_is_behind_is_told_with_what_to_start(live: Live, hub: Command) -> None:
    promise_a_job(live)
    open_leak(live.world)
    old_fact(live)
    harm(
        live,
        "UPDATE jobs SET next_attempt_at = now() - interval '10 minutes'",
        "UPDATE ticket_clocks SET next_action_at = now() - interval '10 minutes' WHERE kind = 'resolution'",
    )
    _, found = examined(hub)
    assert not_well(found) == {"jobs", "sweep", "seals"}
    assert [level for level, _ in found["jobs"] + found["sweep"] + found["seals"]] == ["warning"] * 3
    assert "Promised jobs have waited 600 seconds" in found["jobs"][0][1]
    assert "was reached 600 seconds ago. Start: hub beat" in found["sweep"][0][1]
    assert "hub journal seal" in found["seals"][0][1]


def test_jobs_set_aside_are_told(live: Live, hub: Command) -> None:
    promise_a_job(live)
    harm(live, "UPDATE jobs SET state = 'failed'")
    _, found = examined(hub)
    assert found["jobs"] == [
        (
            "warning",
            "1 jobs failed and were set aside. See hub jobs failed, mend the cause, then hub jobs retry",
        )
    ]


def test_a_server_that_may_lose_what_it_confirmed_is_a_problem(live: Live, hub: Command) -> None:
    harm(live, "ALTER ROLE hub_app IN DATABASE " + name_of(live) + " SET synchronous_commit = off")
    status, found = examined(hub)
    # The tests' own server is not durable either, by fsync.
    assert (status, found["settings"][0][0]) == (1, "problem")
    assert "synchronous_commit" in found["settings"][0][1]


def test_the_store_of_files_is_tried_and_left_as_it_was(hub: Command, files: Path) -> None:
    _, found = examined(hub)
    assert found["files"] == [
        ("ok", f"The store of files, {files}, keeps what it is given and gives it back.")
    ]
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_a_store_of_files_that_takes_nothing_is_a_problem(hub: Command, files: Path) -> None:
    files.write_text("no folder")
    status, found = examined(hub)
    assert (status, not_well(found)) == (1, {"files"})
    level, text = found["files"][0]
    assert level == "problem"
    assert str(files) in text
    assert "HUB_FILES_FOLDER" in text


def test_a_store_that_gives_back_other_bytes_is_a_problem(
    hub: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(FileStore):
        def read(self, key: str) -> Iterator[bytes]:
            return iter([b"something else"])

    monkeypatch.setattr(doctor, "FileStore", Forgetful)
    _, found = examined(hub)
    assert not_well(found) == {"files"}
    assert "gave back other bytes" in found["files"][0][1]


def test_a_store_at_no_address_is_told_in_its_own_words(
    hub: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_FILES_S3_URL", "bucket")
    _, found = examined(hub)
    assert not_well(found) == {"files"}
    assert "s3://bucket/prefix" in found["files"][0][1]


def test_a_scanner_that_gives_no_verdict_is_a_problem(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "scanner" not in examined(hub)[1]
    address = f"tcp://127.0.0.1:{closed_port()}"
    monkeypatch.setenv("HUB_FILES_SCANNER", address)
    status, found = examined(hub)
    assert (status, not_well(found)) == (1, {"scanner"})
    assert f"The virus scanner {address} gives no verdict" in found["scanner"][0][1]


def test_a_scanner_that_works_is_told(hub: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_clamav(tmp_path / "clamav") as daemon:
        monkeypatch.setenv("HUB_FILES_SCANNER", daemon.tcp)
        _, found = examined(hub)
    assert found["scanner"] == [("ok", f"The virus scanner {daemon.tcp} answers.")]


def test_a_deadline_that_cannot_be_reckoned_is_told_with_its_row(live: Live, hub: Command) -> None:
    opened = open_leak(live.world)
    with live.world.as_system(live.world.water) as context:
        clock_id = context.session.scalars(
            select(TicketClock.id).where(
                TicketClock.tenant_id == live.world.water.id,
                TicketClock.ticket_id == opened.ticket_id,
                TicketClock.kind == "resolution",
            )
        ).one()
    harm(
        live,
        "UPDATE ticket_clocks SET target = '0', next_action_at = now() WHERE kind = 'resolution'",
        "UPDATE case_clocks SET pauses = '[1]', next_action_at = now()",
    )
    with live.world.as_system(live.world.water) as context:
        assert sweep_clocks(context) == 2
    status, found = examined(hub)
    assert (status, not_well(found)) == (1, {"clocks"})
    assert [level for level, _ in found["clocks"]] == ["problem", "problem"]
    told = [text for _, text in found["clocks"]]
    assert f"row {clock_id} of ticket_clocks (ValueError: a clock needs a target" in told[0]
    assert f"row {opened.case_id} of case_clocks" in told[1]


def name_of(live: Live) -> str:
    with live.administrator() as connection:
        row: Any = connection.execute("SELECT current_database()").fetchone()
        return str(row[0])
