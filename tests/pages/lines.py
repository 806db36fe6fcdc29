"""A line between a browser and the hub that can be cut in the middle of what is said, as lines of phones are."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_CHUNK = 16_384


class Line:
    """Hands on what comes, and counts it; what is planned to be cut is cut once each."""

    def __init__(self, host: str, port: int) -> None:
        self.sent = 0
        """How many bytes browsers have sent over it so far."""
        self._to = host, port
        self._cuts: list[int] = []
        self._answers_to_lose = 0
        self._marker = b""
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ends: set[socket.socket] = set()

    @property
    def address(self) -> str:
        """Where browsers reach the hub over this line."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def cut_after(self, *more: int) -> None:
        """Cut the line each time after so many further bytes were sent."""
        with self._lock:
            at = self.sent
            for each in more:
                at += each
                self._cuts.append(at)

    def lose_answers(self, many: int, *, to: bytes) -> None:
        """Cut the line instead of handing on the next answers to requests whose head holds these bytes."""
        with self._lock:
            self._answers_to_lose, self._marker = many, to

    def mend(self) -> None:
        """Cut nothing of what was planned any more."""
        with self._lock:
            self._cuts.clear()
            self._answers_to_lose = 0

    def cut(self) -> None:
        """Cut everything that is open now."""
        with self._lock:
            ends = list(self._ends)
        for each in ends:
            _close(each)

    def serve(self) -> None:
        """Take calls until the line is closed."""
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            try:
                hub = socket.create_connection(self._to)
            except OSError:
                caller.close()
                continue
            with self._lock:
                self._ends |= {caller, hub}
            asked: list[bytes] = [b""]
            for act in (self._send, self._answer):
                threading.Thread(target=act, args=(caller, hub, asked), daemon=True).start()

    def close(self) -> None:
        """Take no more calls, and end all."""
        _close(self._listening)
        self.cut()

    def _send(self, caller: socket.socket, hub: socket.socket, asked: list[bytes]) -> None:
        with suppress(OSError):
            while data := caller.recv(_CHUNK):
                if data.startswith((b"GET ", b"POST ")):
                    asked[0] = data[:500]
                with self._lock:
                    self.sent += len(data)
                    is_cut = bool(self._cuts) and self.sent >= self._cuts[0]
                    if is_cut:
                        self._cuts.pop(0)
                if is_cut:
                    break
                hub.sendall(data)
        self._end(caller, hub)

    def _answer(self, caller: socket.socket, hub: socket.socket, asked: list[bytes]) -> None:
        with suppress(OSError):
            while data := hub.recv(_CHUNK):
                with self._lock:
                    is_lost = self._answers_to_lose > 0 and self._marker in asked[0]
                    self._answers_to_lose -= is_lost
                if is_lost:
                    break
                caller.sendall(data)
        self._end(caller, hub)

    def _end(self, *ends: socket.socket) -> None:
        for each in ends:
            _close(each)
        with self._lock:
            self._ends -= set(ends)


@contextmanager
def line_to(address: str) -> Iterator[Line]:
    """A line to a served application."""
    parts = urlsplit(address)
    assert parts.hostname is not None
    assert parts.port is not None
    line = Line(parts.hostname, parts.port)
    thread = threading.Thread(target=line.serve, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        line.close()
        thread.join()


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
