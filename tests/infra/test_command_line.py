from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tenants.server_errors import ServerUnreachable
from tests.infra.harm import closed_port, harm, promise_a_job
from tests.infra.processes import Command, Live, eventually, running

ROOT = Path(__file__).parents[2]
HEAVY = ("sqlalchemy", "celery", "pydantic", "psycopg", "alembic")


def test_help_comes_without_loading_what_the_commands_work_with() -> None:
    program = (
        "import sys; from infra.cli import command_line; command_line();"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_refusal_is_one_sentence_in_the_language_asked_for(
    hub: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("journal", "verify", "--tenant", "nobody")
    assert hub(*asked)[2] == "There is no body with the code “nobody” on the hub.\n"
    monkeypatch.setenv("HUB_LANGUAGE", "ar")
    assert hub(*asked) == (1, "", "لا توجد على المنصة جهة برمز «nobody».\n")


@pytest.mark.parametrize(
    ("lang", "language"), [("ar_EG.UTF-8", "ar"), ("en_GB.UTF-8", "en"), ("C", "en"), ("", "en")]
)
def test_without_a_word_the_language_is_that_of_the_terminal(
    hub: Command, monkeypatch: pytest.MonkeyPatch, lang: str, language: str
) -> None:
    monkeypatch.delenv("HUB_LANGUAGE")
    monkeypatch.setenv("LANG", lang)
    said = hub("jobs", "waiting")[1]
    assert said == {"ar": "مهام في الانتظار: 0.\n", "en": "Jobs waiting: 0.\n"}[language]


def test_a_stopped_database_is_one_sentence(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://hub_app:secret@127.0.0.1:{closed_port()}/hub19")
    status, out, err = hub("jobs", "waiting")
    assert (status, out) == (1, "")
    assert err.startswith(ServerUnreachable.says.en.split("{")[0])
    assert "secret" not in err
    assert "Traceback" not in err


def test_a_database_that_goes_away_in_the_middle_is_one_sentence(live: Live, hub: Command) -> None:
    promise_a_job(live)
    harm(
        live,
        "UPDATE jobs SET state = 'failed'",
        "CREATE FUNCTION go() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$",
        "CREATE TRIGGER go BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION go()",
    )
    status, _, err = hub("jobs", "retry", "--all", "--yes")
    assert status == 1
    assert err == (
        "The connection to the database broke before the command was done; what was not kept is unchanged."
        " Look at it with: hub doctor\n"
    )


def test_a_setting_that_cannot_be_used_is_named_and_its_value_kept_quiet(
    hub: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_BROKER_VISIBILITY_SECONDS", "soon-4711")
    status, _, err = hub("doctor")
    assert status == 1
    assert err.startswith("The value of HUB_BROKER_VISIBILITY_SECONDS cannot be used: ")
    assert "4711" not in err


def test_a_broker_of_an_unknown_kind_is_refused(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_BROKER_URL", "carrier-pigeon://user:p4ssw0rd@loft")
    status, out, _ = hub("doctor")
    assert status == 1
    assert "HUB_BROKER_URL names no broker that the hub knows" in out
    assert "p4ssw0rd" not in out


def test_an_interrupt_ends_a_command_with_130_and_no_trace(live: Live, tmp_path: Path) -> None:
    with psycopg.connect(live.administrator_url) as holding, live.administrator() as looking:
        holding.execute("LOCK TABLE journal_seals")
        with running(tmp_path / "log", live.environment, "journal", "verify") as command:

            def waits() -> bool:
                row = looking.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                ).fetchone()
                return row == (1,)

            eventually(waits)
            assert command.end(signal.SIGINT) == 130
            assert "Traceback" not in command.words


def test_jobs_to_try_again_have_to_be_named(hub: Command) -> None:
    assert hub("jobs", "retry")[0] == 1
    assert hub("jobs", "retry", "--all", "00000000-0000-7000-8000-000000000001")[0] == 1
    assert hub("jobs", "retry", "this-one", "--yes")[2] == (
        "“this-one” is not the id of a job; copy it from: hub jobs failed\n"
    )
    assert hub("jobs", "retry", "--all") == (0, "No jobs have been set aside.\n", "")


def test_an_unknown_job_is_not_tried_again(hub: Command) -> None:
    assert hub("jobs", "retry", "00000000-0000-7000-8000-000000000001", "--yes") == (
        1,
        "",
        "We could not find what you asked for.\n",
    )


def test_a_migrated_database_needs_nothing(hub: Command) -> None:
    assert hub("migrate") == (0, "The database is up to date.\n", "")


def test_the_roles_of_an_outside_server_are_printed_as_sql(hub: Command) -> None:
    status, out, _ = hub("migrate", "--print-roles")
    assert status == 0
    assert "CREATE ROLE" in out
    assert "NOBYPASSRLS" in out
