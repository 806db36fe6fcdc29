from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from celery.signals import task_postrun, task_prerun
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from infra import celery_app  # noqa: F401 - hears of jobs
from infra.logs import at_hand, configure_logs
from tenants.errors import NotFound
from tests.infra.harm import promise_a_job
from tests.infra.processes import Live, eventually
from tests.infra.served import Served, served
from tests.world import World

CANARY = "01099887766"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    words = io.StringIO()
    monkeypatch.setattr(sys, "stderr", words)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logs()
    yield words
    root.handlers[:], _ = before
    root.setLevel(before[1])
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_each_line_is_one_object_with_its_time(log: io.StringIO) -> None:
    structlog.get_logger().info("rounds_begun", rounds=["relay"])
    logging.getLogger("celery").warning("lost %s", "connection")
    first, second = (json.loads(line) for line in log.getvalue().splitlines())
    assert (first["event"], first["level"], first["rounds"]) == ("rounds_begun", "info", ["relay"])
    assert (second["event"], second["logger"]) == ("lost connection", "celery")
    assert first["timestamp"].endswith("Z")


def test_an_exception_is_told_by_kind_and_place_never_by_its_words(log: io.StringIO) -> None:
    try:
        int(CANARY + "?")
    except ValueError as problem:
        structlog.get_logger().warning("job_failed", exc_info=problem)
        logging.getLogger("anything").exception("broken")
    first, second = (json.loads(line) for line in log.getvalue().splitlines())
    assert CANARY not in log.getvalue()
    for line in (first, second):
        assert line["failure"]["kind"] == "ValueError"
        assert line["failure"]["at"][-1].startswith("tests/infra/test_logs.py:")


def test_a_refusal_is_told_with_its_field(log: io.StringIO) -> None:
    structlog.get_logger().warning("refused", exc_info=NotFound(field="ticket"))
    assert json.loads(log.getvalue())["failure"] == {"kind": "NotFound", "at": [], "field": "ticket"}


def test_what_a_statement_was_given_is_no_part_of_its_exception(log: io.StringIO, world: World) -> None:
    with pytest.raises(DBAPIError) as broken, world.as_system() as context:
        context.session.execute(text("SELECT 1 / length(:given) - length(:given)::uuid"), {"given": CANARY})
    structlog.get_logger().warning("job_failed", exc_info=broken.value)
    assert json.loads(log.getvalue())["failure"]["sqlstate"]
    assert CANARY not in log.getvalue()


def test_the_engine_of_processes_keeps_parameters_to_itself(live_statement: str) -> None:
    assert CANARY not in live_statement


@pytest.fixture
def live_statement(own_world: World) -> str:
    """The words of an exception about a statement that was given somebody's number."""
    with pytest.raises(DBAPIError) as broken, own_world.as_system() as context:
        context.session.execute(text("SELECT :given::text FROM nowhere"), {"given": CANARY})
    return str(broken.value)


def test_celery_s_own_line_about_a_task_keeps_the_exception_s_words_out(log: io.StringIO) -> None:
    data = {"name": "tickets.settle_duplicates", "id": "1", "exc": f"ValueError({CANARY})"}
    logging.getLogger("celery.app.trace").error("Task %(name)s raised: %(exc)s", data, extra={"data": data})
    line = json.loads(log.getvalue())
    assert (line["event"], line["task"], line["message_id"]) == (
        "task_failed",
        "tickets.settle_duplicates",
        "1",
    )
    assert CANARY not in log.getvalue()


def test_a_line_written_while_a_request_is_answered_carries_its_ids(log: io.StringIO) -> None:
    known: dict[str, Any] = {"request_id": "request-4711", "name": CANARY}
    token = at_hand.set(known)
    structlog.get_logger().info("before")
    known["tenant_id"] = "a-tenant"
    logging.getLogger("anything").info("after")
    at_hand.reset(token)
    structlog.get_logger().info("outside")
    before, after, outside = (json.loads(line) for line in log.getvalue().splitlines())
    assert before["request_id"] == after["request_id"] == "request-4711"
    assert "tenant_id" not in before
    assert after["tenant_id"] == "a-tenant"
    assert "request_id" not in outside
    assert CANARY not in log.getvalue()


def test_what_asyncio_says_of_a_lost_exception_keeps_its_words_out(log: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError(CANARY)

    async def forget() -> None:
        task = asyncio.ensure_future(fail())
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(forget())
    (line,) = [json.loads(line) for line in log.getvalue().splitlines() if "never retrieved" in line]
    assert line["failure"]["kind"] == "ValueError"
    assert CANARY not in log.getvalue()


def test_every_request_has_a_line_of_ids_and_nothing_a_person_wrote(shared: Served) -> None:
    before = len(shared.lines("request"))
    canary = {"X-Request-Id": "request-4711", "User-Agent": CANARY, "Authorization": f"Bearer {CANARY}"}
    shared.get(f"/things/{CANARY}?q={CANARY}", headers=canary)
    shared.get(f"/nowhere/{CANARY}")
    shared.get(f"/failure?given={CANARY}", headers=canary)
    httpx2.post(f"{shared.address}/echo", content=CANARY * 100)
    with shared.connect() as connection:
        connection.sendall(f"GET /{CANARY} HTTP/9.7\r\n{CANARY}\r\n\r\n".encode())
        connection.recv(1_000)
    eventually(lambda: len(shared.lines("request")) == before + 4, 10)
    assert CANARY not in shared.process.words
    looked, lost, failed, echoed = shared.lines("request")[before:]
    assert {name: looked[name] for name in ("method", "route", "status", "level")} == {
        "method": "GET",
        "route": "/things/{thing}",
        "status": 200,
        "level": "info",
    }
    assert looked["request_id"] == "request-4711"
    assert (looked["actor_kind"], len(looked["actor_id"])) == ("api_key", 36)
    assert 0 <= looked["seconds"] < 30
    assert (lost["route"], lost["status"]) == ("unmatched", 404)
    assert (failed["route"], failed["status"], failed["level"]) == ("/failure", 500, "warning")
    assert echoed["route"] == "/echo"
    # What was logged inside the request, in the thread that answered it, is known by the same ids.
    (inside,) = [line for line in shared.lines("looked") if line["request_id"] == "request-4711"]
    assert (inside["request_id"], inside["actor_id"]) == ("request-4711", looked["actor_id"])
    told = shared.lines("request_failed")[-1]
    assert told["failure"]["kind"] == "ValueError"


def test_every_line_of_all_processes_is_one_object(live: Live, tmp_path: Path) -> None:
    with served(tmp_path / "log", live.environment, 2, "with-worker") as hub:
        hub.process.wait_for_word("rounds_begun")
        duplicate = promise_a_job(live, description=CANARY)
        eventually(lambda: live.jobs() == 0)
        hub.get(f"/things/{CANARY}")
        assert hub.process.end() == 0
        assert CANARY not in hub.process.words
        assert duplicate
        for line in hub.lines():
            assert {"event", "level", "timestamp"} <= line.keys()


def test_a_line_written_while_a_job_is_done_carries_its_ids(log: io.StringIO) -> None:
    task_prerun.send(sender="tickets.settle_duplicates", args=["a-tenant", "a-job"])
    structlog.get_logger().info("during")
    task_postrun.send(sender="tickets.settle_duplicates", args=["a-tenant", "a-job"])
    structlog.get_logger().info("after")
    during, after = (json.loads(line) for line in log.getvalue().splitlines())
    assert (during["tenant_id"], during["job_id"]) == ("a-tenant", "a-job")
    assert "job_id" not in after
