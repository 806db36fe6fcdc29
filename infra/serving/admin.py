"""The port for operators' machines: figures for Prometheus, apart from what the public can reach."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from prometheus_client import CollectorRegistry, make_wsgi_app

from infra.serving.beside import Application, serving_beside

_PATH: Final = "/metrics"


@contextmanager
def serving_figures(listener: socket.socket, registry: CollectorRegistry) -> Iterator[str]:
    """Figures on a socket for as long as the block lasts; gives the address of their page."""
    with serving_beside(listener, _only_figures(make_wsgi_app(registry)), "figures") as address:
        yield address + _PATH


def _only_figures(figures: Any) -> Application:
    def answer(environment: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        if environment.get("PATH_INFO") != _PATH:
            begin("404 Not Found", [("Content-Type", "text/plain")])
            return [b""]
        found: Iterable[bytes] = figures(environment, begin)
        return found

    return answer
