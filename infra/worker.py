"""The worker: does promised jobs as messages come, and may make the rounds of the beat beside them."""

from __future__ import annotations

import socket
import warnings
from contextlib import nullcontext

from celery.apps import worker as celery_worker
from celery.exceptions import SecurityWarning
from celery.signals import worker_shutting_down

from infra.beat import Rounds, rounds_of
from infra.broker import find_broker
from infra.celery_app import celery_app
from infra.process import Hub
from infra.settings import BrokerSettings


def run_worker(hub: Hub, *, concurrency: int, with_beat: bool = False) -> int:
    """Do jobs in `concurrency` threads until TERM or an interrupt; what was begun is finished; gives the exit status.

    `with_beat` makes the rounds in the same process, for a demonstration or a small hub.
    """
    app = celery_app(find_broker(BrokerSettings(), hub.urls.app))
    # Celery warns of root because of pickled messages; ours are JSON and nothing else is accepted.
    warnings.simplefilter("ignore", SecurityWarning)
    worker = app.Worker(
        hostname=f"hub@{socket.gethostname()}",
        pool="threads",
        concurrency=concurrency,
        loglevel="INFO",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    # Celery tells of signals in words of its own, past every log.
    celery_worker.safe_say = _say_nothing
    asked: list[str] = []

    def remember(how: str, **_given: object) -> None:
        asked.append(how)

    worker_shutting_down.connect(remember)
    rounds = Rounds(rounds_of(hub, app), revive=hub.server.start) if with_beat else nullcontext()
    with rounds:
        worker.start()
    # Celery calls an interrupt a failure. Whoever asked the worker to end, and let it finish, got what they wanted.
    return 0 if asked and set(asked) == {"Warm"} else int(worker.exitcode or 0)


def _say_nothing(*_words: object) -> None:
    pass
