"""The other brokers that the hub can use, for tests: the real servers on loopback, each gone at the end of its block."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.services.packages import program
from tests.services.ports import free_port

_START_SECONDS = 90
_RABBITMQ = Path("/usr/lib/rabbitmq/bin")


@contextmanager
def running_redis(folder: Path, port: int) -> Iterator[str]:
    """A Redis server that keeps nothing on disk; gives its address."""
    server = program("redis-server", "redis-server")
    command = [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with _running(command, folder / "redis.log", port):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def running_rabbitmq(folder: Path, port: int) -> Iterator[str]:
    """A RabbitMQ node of its own, without the daemon that nodes find each other by; gives its address."""
    server, talk = program("rabbitmq-server", "rabbitmq-server", folder=_RABBITMQ), free_port()
    (folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n")
    (folder / "plugins").write_text("[].\n")
    environment = {
        **os.environ,
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"hub19-{port}@localhost",
        "RABBITMQ_DIST_PORT": str(talk),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            f"-start_epmd false -erl_epmd_port {talk} -kernel inet_dist_use_interface {{127,0,0,1}}"
        ),
    }
    with _running([server], folder / "rabbitmq.log", port, environment):
        yield f"amqp://guest:guest@127.0.0.1:{port}//"


@contextmanager
def _running(
    command: Sequence[str], log: Path, port: int, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    with log.open("w") as words:
        server = subprocess.Popen(
            list(command), stdout=words, stderr=subprocess.STDOUT, env=environment, stdin=subprocess.DEVNULL
        )
    try:
        _wait_for(port, server, log)
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server did not start: {log.read_text()}")
