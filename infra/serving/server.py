"""The server of one process: takes connections on a given socket until it is told to stop, and finishes what it took."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from infra.errors import PortTaken
from infra.serving.application import WebApplication
from infra.serving.protocol import Patience, PatientConfig, PatientProtocol
from infra.settings import WebSettings

_BACKLOG: Final = 2_048
# uvicorn ticks ten times a second.
_TICKS: Final = 10
_FILES_WANTED: Final = 65_536
# Files of the process that are no connections: the database's, logs, libraries.
_FILES_KEPT: Final = 150


class HubServer(uvicorn.Server):
    """uvicorn, stopped by a signal with exit status 0, looking after its connections every second."""

    def __init__(
        self,
        config: PatientConfig,
        *,
        listening: Callable[[], None],
        every_second: Callable[[], None],
        stopping: Callable[[], None],
    ) -> None:
        """`listening` is called once requests are answered, `stopping` when no more connections are taken."""
        super().__init__(config)
        self._listening = listening
        self._every_second = every_second
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to listen."""
        await super().startup(sockets)
        if self.started:
            self._listening()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if counter % _TICKS == 0:
            self._look_after_connections()
            self._every_second()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes nothing new, ends streams, and waits for requests under way."""
        self._stopping()
        # A client that never sends the rest of its request is still cut off meanwhile.
        watching = asyncio.create_task(self._keep_looking())
        try:
            await super().shutdown(sockets)
        finally:
            watching.cancel()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """TERM and interrupt stop the server, and that is all they do: the process ends well."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _look_after_connections(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in list(self.server_state.connections):
            if isinstance(connection, PatientProtocol):
                connection.look_after(now)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._look_after_connections()
            self._every_second()


def listen(host: str, port: int, field: str) -> socket.socket:
    """A socket that listens; raises `PortTaken`, naming the setting `field`."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as problem:
        # Python adds the address to the system's words; a name that is not found has words of its own.
        is_name = isinstance(problem, socket.gaierror)
        reason = str(problem.strerror) if is_name or problem.errno is None else os.strerror(problem.errno)
        raise PortTaken(field=field, host=host, port=port, reason=reason) from None


def address_of(listener: socket.socket) -> str:
    """Where a listening socket is reached, such as http://127.0.0.1:8019."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def allow_many_connections() -> int:
    """Let the process have as many connections as the system permits; gives how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, _FILES_WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    most = _FILES_WANTED if soft == resource.RLIM_INFINITY else soft
    return max(most - _FILES_KEPT, _FILES_KEPT)


def run_server(
    web: WebApplication,
    listener: socket.socket,
    settings: WebSettings,
    *,
    listening: Callable[[], None],
    every_second: Callable[[], None],
) -> int:
    """Answer requests on a socket until TERM or an interrupt; gives the exit status."""
    config = configuration(web.app, settings, allow_many_connections())
    server = HubServer(config, listening=listening, every_second=every_second, stopping=web.stop)
    server.run([listener])
    return 0 if server.started else 1


def configuration(app: ASGIApp, settings: WebSettings, most_open: int) -> PatientConfig:
    """uvicorn's configuration as the settings say, for at most so many open connections."""
    return PatientConfig(
        app,
        patience=Patience.of(settings, most_open),
        ws="none",
        # Our own logs, written by the application's outermost layer.
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.stop_seconds,
    )
