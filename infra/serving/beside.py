"""A small application on a socket of its own, served by a thread beside what the process is there for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from infra.serving.server import address_of

_SLOWEST_SECONDS: Final = 20

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: whoever asks and goes away is no failure of ours."""


class _Handler(WSGIRequestHandler):
    timeout = _SLOWEST_SECONDS

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a line for every request would bury the others."""


@contextmanager
def serving_beside(listener: socket.socket, application: Application, name: str) -> Iterator[str]:
    """An application (WSGI) on a socket for as long as the block lasts; gives its address. `name` is the thread's."""
    host, port = listener.getsockname()[:2]
    server = _Server((host, port), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = host, port
    server.setup_environ()
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name=name, daemon=True)
    thread.start()
    try:
        yield address_of(listener)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
