from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from infra.logs import configure_logs
from tenants.errors import NotFound
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
