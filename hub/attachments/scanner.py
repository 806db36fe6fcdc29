"""The virus scanner: ClamAV's daemon, asked over TCP or a local socket by its INSTREAM command."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import IO, Final
from urllib.parse import urlsplit

_CHUNK: Final = 64 * 1024
_LONGEST_REPLY: Final = 4096
_USUAL_PORT: Final = 3310


class ScannerUnreachable(RuntimeError):  # noqa: N818 - says what is wrong with it
    """The scanner did not give a verdict: it is down, too slow, or refused the file; never the file's own fault."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Where ClamAV's daemon listens (`tcp://host:port` or `unix:///path`), and how long it may take in all."""

    address: str
    seconds: float

    def scan(self, file: IO[bytes]) -> str | None:
        """The name of what was found in a file; None if nothing was.

        Raises `ScannerUnreachable`.
        """
        until = time.monotonic() + self.seconds
        file.seek(0)
        try:
            with self._connected(until) as connection:
                reply = _ask(connection, file, until)
        except OSError as problem:
            raise ScannerUnreachable(f"the virus scanner did not answer: {problem}") from problem
        # "stream: OK", "stream: NAME FOUND" or "REASON ERROR" (clamd(8)).
        verdict = reply.removeprefix("stream: ")
        if verdict == "OK":
            return None
        if verdict.endswith(" FOUND"):
            return verdict.removesuffix(" FOUND")
        raise ScannerUnreachable(f"the virus scanner gave no verdict: {reply or 'nothing'}")

    def _connected(self, until: float) -> socket.socket:
        parts = urlsplit(self.address)
        if parts.scheme == "tcp":
            return socket.create_connection((parts.hostname, parts.port or _USUAL_PORT), _left(until))
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(until))
            connection.connect(parts.path)
        except BaseException:
            connection.close()
            raise
        return connection


def is_address(address: str) -> bool:
    """Whether a scanner can be asked at an address."""
    try:
        parts = urlsplit(address)
        return (
            bool(parts.hostname and parts.port != 0)
            if parts.scheme == "tcp"
            else (parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1)
        )
    except ValueError:
        return False


def _ask(connection: socket.socket, file: IO[bytes], until: float) -> str:
    try:
        connection.sendall(b"zINSTREAM\0")
        while chunk := file.read(_CHUNK):
            connection.settimeout(_left(until))
            connection.sendall(len(chunk).to_bytes(4, "big") + chunk)
        connection.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        # It hangs up on what is longer than its own limit, after having said so.
        pass
    reply = b""
    while not reply.endswith(b"\0") and len(reply) < _LONGEST_REPLY:
        connection.settimeout(_left(until))
        received = connection.recv(_LONGEST_REPLY)
        if not received:
            break
        reply += received
    return reply.rstrip(b"\0\n").decode("utf-8", "replace")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time is over")
    return left
