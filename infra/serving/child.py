"""A child of a serving hub, started by its supervisor and by nobody else: `python -m infra.serving.child web ...`."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from typing import Final, cast

import psycopg
import structlog

from infra.cli.speech import language_of_terminal
from infra.logs import configure_logs
from infra.process import running_hub
from infra.serving.application import Build
from infra.serving.children import ALIVE, LISTENING
from infra.serving.web import run_web
from infra.settings import WebSettings
from infra.worker import run_worker
from tenants.errors import Refusal

_REFUSED: Final = 1
_CLOSING_SECONDS: Final = 15
_JOBS_AT_ONCE: Final = 4

_log = structlog.get_logger()


def main() -> int:
    """What the arguments say; gives the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("web", "worker"))
    parser.add_argument("--lifeline", type=int, required=True)
    parser.add_argument("--words", type=int, required=True)
    parser.add_argument("--socket", type=int)
    parser.add_argument("--application")
    given = parser.parse_args()
    configure_logs()
    settings = WebSettings()
    _end_with_parent(given.lifeline, settings.stop_seconds)
    try:
        if given.role == "worker":
            with running_hub(connections=max(5, _JOBS_AT_ONCE)) as hub:
                return run_worker(hub, concurrency=_JOBS_AT_ONCE, with_beat=True)
        return run_web(
            build_named(given.application),
            socket.socket(fileno=given.socket),
            settings,
            listening=lambda: _say(given.words, LISTENING),
            every_second=lambda: _say(given.words, ALIVE),
        )
    except Refusal as refused:
        print(refused.sentence(language_of_terminal()), file=sys.stderr)  # noqa: T201 - as every command says it
        return _REFUSED
    except psycopg.OperationalError as problem:
        _log.warning("not_started", exc_info=problem)
        return _REFUSED


def build_named(name: str) -> Build:
    """The function that makes an application, by `module:function`."""
    module, _, function = name.partition(":")
    return cast(Build, getattr(import_module(module), function))


def _say(words: int, what: bytes) -> None:
    # Without a parent nobody listens; the lifeline tells the rest.
    with suppress(BrokenPipeError):
        os.write(words, what)


def _end_with_parent(lifeline: int, stop_seconds: int) -> None:
    def wait_for_the_end() -> None:
        # Nothing is ever written: the reading ends when the last holder of the other end, the parent, has gone.
        os.read(lifeline, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(stop_seconds + _CLOSING_SECONDS)
        os._exit(_REFUSED)

    threading.Thread(target=wait_for_the_end, name="lifeline", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
