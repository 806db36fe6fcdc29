"""The port for operators' machines: figures for Prometheus, apart from what the public can reach."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from infra.serving.server import address_of

_PATH: Final = "/metrics"
_SLOWEST_SECONDS: Final = 20

_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: whoever fetches figures and goes away is no failure of ours."""


class _Handler(WSGIRequestHandler):
    timeout = _SLOWEST_SECONDS

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a line for every fetching would bury the others."""


@contextmanager
def serving_figures(listener: socket.socket, registry: CollectorRegistry) -> Iterator[str]:
    """Figures on a socket for as long as the block lasts; gives the address of their page."""
    host, port = listener.getsockname()[:2]
    server = _Server((host, port), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = host, port
    server.setup_environ()
    server.set_app(_only_figures(make_wsgi_app(registry)))
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="figures", daemon=True)
    thread.start()
    try:
        yield address_of(listener) + _PATH
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _only_figures(figures: Any) -> _Application:
    def answer(environment: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        if environment.get("PATH_INFO") != _PATH:
            begin("404 Not Found", [("Content-Type", "text/plain")])
            return [b""]
        found: Iterable[bytes] = figures(environment, begin)
        return found

    return answer
