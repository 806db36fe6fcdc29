"""What processes write down about themselves: one JSON object a line on standard error, never a person's data."""

from __future__ import annotations

import logging
import logging.config
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from tenants.errors import Refusal

_ROOT = Path(__file__).parent.parent
_DEEPEST = 12
_Event = MutableMapping[str, Any]
_IDS = ("request_id", "job_id", "tenant_id", "actor_kind", "actor_id")

# What is known of the request or job at hand, of which the ids are told; it learns more while the work goes on.
at_hand: ContextVar[Mapping[str, object] | None] = ContextVar("at_hand", default=None)


def configure_logs(*, level: int = logging.INFO) -> None:
    """Send the process's own words and those of its libraries to standard error, one JSON object a line."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_ids_of_what_is_at_hand,
        _without_message_of_exceptions,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_of_a_task, _of_the_loop, structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    # Each tells of every message, connection or look at the level of information.
    for talkative in (
        "alembic",
        "amqp",
        "celery.app.trace",
        "celery.worker.strategy",
        "kombu",
        "mail.log",
        "pgmq",
        "tenants.database.CountingPool",
        "uvicorn.error",
    ):
        logging.getLogger(talkative).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def failure(problem: BaseException) -> dict[str, Any]:
    """What may be told of an exception: its kind and where it came from, never its words.

    The words of a database's or a validation's exception quote what was given, and that may be a person's.
    """
    told: dict[str, Any] = {"kind": type(problem).__name__, "at": _places(problem.__traceback__)}
    if isinstance(problem, Refusal):
        told["field"] = problem.field
    cause = getattr(problem, "orig", None) or problem.__cause__
    state = getattr(cause or problem, "sqlstate", None)
    if state is not None:
        told["sqlstate"] = state
    if isinstance(cause, BaseException):
        told["cause"] = type(cause).__name__
    return told


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    for frame in traceback.extract_tb(trace):
        path = Path(frame.filename)
        name = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(*path.parts[-2:])
        places.append(f"{name}:{frame.lineno} {frame.name}")
    return places[-_DEEPEST:]


def _without_message_of_exceptions(_logger: Any, _method: str, event: _Event) -> _Event:
    given = event.pop("exc_info", None)
    event.pop("exception", None)
    if given is True:
        given = sys.exc_info()
    problem = given[1] if isinstance(given, tuple) else given
    if isinstance(problem, BaseException):
        event["failure"] = failure(problem)
    return event


def _of_a_task(_logger: Any, _method: str, event: _Event) -> _Event:
    """Celery writes the words of a task's exception into its own; the name and id of the task are enough."""
    record = event.get("_record")
    data = getattr(record, "data", None)
    if isinstance(data, dict) and "exc" in data:
        event["event"] = "task_failed"
        event["task"], event["message_id"] = data.get("name"), data.get("id")
    return event


def _with_ids_of_what_is_at_hand(_logger: Any, _method: str, event: _Event) -> _Event:
    known = at_hand.get()
    if known is not None:
        for name in _IDS:
            value = known.get(name)
            if value is not None:
                event.setdefault(name, str(value))
    return event


def _of_the_loop(_logger: Any, _method: str, event: _Event) -> _Event:
    """What asyncio adds about a task and its exception quotes the exception's words; the first line tells what it is."""
    record = event.get("_record")
    if record is not None and record.name == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    return event
