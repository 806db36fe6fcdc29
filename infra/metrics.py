"""The figures of a running hub for Prometheus: requests, the pool, and how far behind its work is."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable
from concurrent.futures import Future
from importlib.metadata import version
from pathlib import Path
from threading import Lock, Thread
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from infra.work_state import WorkState, work_state
from tenants.across import Across, Purpose
from tenants.database import CountingPool, Database

# The variable by which prometheus_client learns, when it is imported, that several processes write together.
FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_KNOWN_SECONDS: Final = 5.0
_LONGEST_SECONDS: Final = 3.0
_BUCKETS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

_log = structlog.get_logger()

# What this process itself counts.
OWN: Final = CollectorRegistry()
REQUESTS: Final = Counter(
    "hub_http_requests",
    "Requests answered, by method, template of the route and status",
    ("method", "route", "status"),
    registry=OWN,
)
SECONDS: Final = Histogram(
    "hub_http_request_seconds",
    "Time from a request's head to the last byte of its answer; streams of events are left out",
    ("method", "route"),
    buckets=_BUCKETS,
    registry=OWN,
)
IN_FLIGHT: Final = Gauge(
    "hub_http_requests_in_flight",
    "Requests being answered, streams of events among them",
    multiprocess_mode="livesum",
    registry=OWN,
)
POOL_LIMIT: Final = Gauge(
    "hub_database_pool_limit",
    "Connections that the pools may open at most",
    multiprocess_mode="livesum",
    registry=OWN,
)
POOL_OPEN: Final = Gauge(
    "hub_database_pool_open",
    "Connections that the pools hold open",
    multiprocess_mode="livesum",
    registry=OWN,
)
POOL_IN_USE: Final = Gauge(
    "hub_database_pool_in_use", "Connections that work", multiprocess_mode="livesum", registry=OWN
)
POOL_IN_LINE: Final = Gauge(
    "hub_database_pool_in_line",
    "Threads in line for a connection",
    multiprocess_mode="livesum",
    registry=OWN,
)


def measure_pool(database: Database) -> None:
    """Note how the pool of this process is used at this moment."""
    bind = database.bind
    if isinstance(bind, Engine) and isinstance(bind.pool, CountingPool):
        pool = bind.pool
        POOL_LIMIT.set(pool.size() + pool.most_overflow)
        POOL_OPEN.set(pool.checkedin() + pool.checkedout())
        POOL_IN_USE.set(pool.checkedout())
        POOL_IN_LINE.set(pool.in_line)


def exposed(across: Across, folder: Path | None = None) -> CollectorRegistry:
    """All figures, for the one place that exposes them: of this process, or of those that write into `folder`."""
    registry = CollectorRegistry()
    if folder is None:
        registry.register(OWN)
    else:
        MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    registry.register(WorkCollector(across))
    return registry


def forget_process(pid: int, folder: Path) -> None:
    """Take a dead process's gauges away; what it counted stays counted."""
    mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]


class WorkCollector(Collector):
    """Asks the database how far behind the hub is, whenever figures are fetched and at most every few seconds."""

    def __init__(self, across: Across) -> None:
        self._across = across
        self._lock = Lock()
        self._look: Future[WorkState | None] | None = None
        self._begun_at = 0.0

    def collect(self) -> Iterable[Metric]:
        """The figures; without the database only that it is down."""
        build = GaugeMetricFamily("hub_build_info", "The release that runs", labels=("version", "python"))
        build.add_metric((version("hub19"), platform.python_version()), 1)
        yield build
        state = self._known()
        yield GaugeMetricFamily(
            "hub_database_up", "Whether the database answers", value=float(state is not None)
        )
        if state is not None:
            yield from _figures(state)

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: a registry need not ask the database to learn the names."""
        return ()

    def _known(self) -> WorkState | None:
        """What the last look found; None while the database does not answer: the other figures do not wait for it."""
        with self._lock:
            old = time.monotonic() - self._begun_at > _KNOWN_SECONDS
            if self._look is None or (old and self._look.done()):
                self._look, self._begun_at = self._begin(), time.monotonic()
            look = self._look
        try:
            return look.result(_LONGEST_SECONDS)
        except TimeoutError:
            return None

    def _begin(self) -> Future[WorkState | None]:
        found: Future[WorkState | None] = Future()

        def look() -> None:
            try:
                found.set_result(work_state(self._across, Purpose.METRICS))
            except SQLAlchemyError as problem:
                _log.warning("not_measured", exc_info=problem)
                found.set_result(None)

        Thread(target=look, name="figures of work", daemon=True).start()
        return found


def _figures(state: WorkState) -> Iterable[Metric]:
    jobs = GaugeMetricFamily("hub_jobs", "Promised jobs that are not done, by state", labels=("state",))
    jobs.add_metric(("waiting",), state.waiting_jobs)
    jobs.add_metric(("failed",), state.failed_jobs)
    yield jobs
    for name, told, value in (
        ("hub_jobs_oldest_age_seconds", "Age of the oldest job that waits", state.oldest_job_seconds),
        (
            "hub_outbox_age_seconds",
            "How long the oldest job due has not been handed out",
            state.jobs_late_seconds,
        ),
        ("hub_clocks_open", "Clocks that run or pause, of tickets and cases", state.open_clocks),
        (
            "hub_clocks_lateness_seconds",
            "How late the most overdue deadline that has not fired is",
            state.clocks_late_seconds,
        ),
        (
            "hub_journal_unsealed_seconds",
            "Age of the oldest fact that no seal covers",
            state.unsealed_seconds,
        ),
    ):
        yield GaugeMetricFamily(name, told, value=value)
