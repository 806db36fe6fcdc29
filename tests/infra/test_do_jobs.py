from __future__ import annotations

import json
import signal
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from hub.people.actions import Reporter
from hub.tickets.access import ticket_for
from tests.factories.tickets import open_leak, ticket_of
from tests.infra.harm import promise_a_job
from tests.infra.processes import Command, Live, eventually, running

# A seal waits for every open transaction of the server, those of other workers' databases among them.
pytestmark = pytest.mark.alone

READY = "ready."
BEGUN = "rounds_begun"
CANARY = "01099887766"


def settled(live: Live, duplicate: UUID) -> bool:
    return live.facts(live.world.water, "ticket.resolved", duplicate) == 1


def someone_waits_for_a_lock(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    ).fetchone()
    return row is not None and row[0] != 0


def test_a_promised_job_is_done_by_worker_and_beat(live: Live, tmp_path: Path) -> None:
    with (
        running(tmp_path / "beat", live.environment, "beat") as beat,
        running(tmp_path / "worker", live.environment, "worker", ready=READY) as worker,
    ):
        beat.wait_for_word(BEGUN)
        duplicate = promise_a_job(live)
        eventually(lambda: live.jobs() == 0)
        assert settled(live, duplicate)
        # The broker loses every message: the job comes again when its lease has run out.
        with live.administrator() as connection:
            connection.execute("ALTER TABLE pgmq.q_hub_jobs DISABLE TRIGGER USER")
            connection.execute(
                "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
            )
            connection.execute(
                "CREATE TRIGGER lose BEFORE INSERT ON pgmq.q_hub_jobs FOR EACH ROW EXECUTE FUNCTION lose()"
            )
            lost = promise_a_job(live)
            eventually(lambda: handed_out(live))
            connection.execute("DROP TRIGGER lose ON pgmq.q_hub_jobs")
        assert not settled(live, lost)
        eventually(lambda: live.jobs() == 0)
        assert settled(live, lost)
        assert beat.end() == 0
        assert worker.end() == 0


def handed_out(live: Live) -> bool:
    with live.administrator() as connection:
        row = connection.execute("SELECT count(*) FROM jobs WHERE next_attempt_at > now()").fetchone()
        return row == (1,)


def test_worker_and_beat_in_one_process_end_cleanly(live: Live, tmp_path: Path) -> None:
    with running(tmp_path / "both", live.environment, "worker", "--with-beat", ready=READY) as both:
        duplicate = promise_a_job(live, reporter=Reporter(name="نادية", phone=CANARY))
        eventually(lambda: live.jobs() == 0)
        assert settled(live, duplicate)
        eventually(lambda: sealed(live))
        assert both.end(signal.SIGINT) == 0
        assert "rounds_ended" in both.words
        # What is logged names things by their ids, never people.
        assert CANARY not in both.words


def sealed(live: Live) -> bool:
    with live.administrator() as connection:
        row = connection.execute(
            "SELECT count(*) FROM journal WHERE NOT EXISTS (SELECT FROM journal_seals s"
            " WHERE s.tenant_id = journal.tenant_id AND written_by < to_writer)"
        ).fetchone()
        return row == (0,)


def test_a_worker_killed_in_the_middle_of_a_job_leaves_it_to_be_done_once(live: Live, tmp_path: Path) -> None:
    with (
        running(tmp_path / "beat", live.environment, "beat", ready=BEGUN),
        live.administrator() as looking,
    ):
        duplicate = promise_a_job(live)
        with psycopg.connect(live.administrator_url) as holding:
            holding.execute("SELECT FROM tickets WHERE id = %s FOR UPDATE", (duplicate,))
            with running(tmp_path / "first", live.environment, "worker", ready=READY) as first:
                eventually(lambda: someone_waits_for_a_lock(looking))
                first.kill()
        assert live.jobs() == 1
        with running(tmp_path / "second", live.environment, "worker", ready=READY):
            eventually(lambda: live.jobs() == 0)
    assert settled(live, duplicate)
    assert ticket_of_id(live, duplicate) == "resolved"


def ticket_of_id(live: Live, ticket_id: UUID) -> str:
    with live.world.as_system(live.world.water) as context:
        return ticket_for(context, ticket_id).status


def test_a_killed_beat_is_replaced_by_any_other(live: Live, tmp_path: Path) -> None:
    with running(tmp_path / "worker", live.environment, "worker", ready=READY):
        with running(tmp_path / "first", live.environment, "beat", ready=BEGUN) as first:
            first.kill()
        duplicate = promise_a_job(live)
        with (
            running(tmp_path / "second", live.environment, "beat"),
            running(tmp_path / "third", live.environment, "beat"),
        ):
            eventually(lambda: live.jobs() == 0)
    assert settled(live, duplicate)


def test_a_job_that_keeps_failing_is_set_aside_and_tried_again_when_told(
    live: Live, hub: Command, tmp_path: Path
) -> None:
    opened = open_leak(live.world)
    with live.administrator() as connection:
        connection.execute(
            "CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION 'a fault with a phone in it: {CANARY}'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER sabotage BEFORE UPDATE ON tickets FOR EACH ROW"
            " WHEN (OLD.status = 'duplicate') EXECUTE FUNCTION sabotage()"
        )
    duplicate = promise_a_job(live)
    with (
        running(tmp_path / "beat", live.environment, "beat"),
        running(tmp_path / "worker", live.environment, "worker", ready=READY) as worker,
    ):
        eventually(lambda: "settle_duplicates" in hub("jobs", "failed")[1])
        assert hub("jobs", "waiting")[1] == "Jobs waiting: 0.\n"
        status, listed, _ = hub("jobs", "failed", "--format", "json")
        (job,) = json.loads(listed)
        assert (status, job["tenant"], job["task"], job["attempts"]) == (
            0,
            "water",
            "tickets.settle_duplicates",
            3,
        )
        assert "a fault" in job["last_error"]
        assert CANARY not in worker.words
        assert "RaiseException" in worker.words
        assert not settled(live, duplicate)
        with live.administrator() as connection:
            connection.execute("DROP TRIGGER sabotage ON tickets")
        status, said, _ = hub("jobs", "retry", job["id"], "--yes")
        assert (status, said) == (0, "1 jobs will be tried again.\n")
        eventually(lambda: live.jobs() == 0)
    assert settled(live, duplicate)
    assert ticket_of(live.world, opened).status == "received"
