"""HTTP on one connection, with an end to every wait: for a head, for a body, and for somebody to read the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from infra.settings import WebSettings

_TIMEOUT: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)


class _Awaited(Enum):
    """What a connection waits for."""

    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    NEXT = auto()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection is waited for, in seconds, and how much it may send before it says what it wants."""

    head_bytes: int
    head_seconds: float
    body_seconds: float
    body_bytes_per_second: int
    reader_seconds: float
    open_connections: int

    @classmethod
    def of(cls, settings: WebSettings, most_open: int) -> Patience:
        """As the settings say, with no more connections than the system allows the process."""
        return cls(
            head_bytes=settings.head_bytes,
            head_seconds=settings.head_seconds,
            body_seconds=settings.body_seconds,
            body_bytes_per_second=settings.body_bytes_per_second,
            reader_seconds=settings.reader_seconds,
            open_connections=min(settings.open_connections, most_open),
        )


class PatientConfig(uvicorn.Config):
    """uvicorn's configuration with our protocol and its patience."""

    def __init__(self, app: Any, *, patience: Patience, **options: Any) -> None:
        super().__init__(app, http=PatientProtocol, **options)
        self.patience = patience


class _HeadTooLarge(Exception):  # noqa: N818 - ends the reading of a head, and nothing else
    pass


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself would wait for ever for the rest of a request (slowloris).

    The server calls `look_after` every second; nothing is set up or taken down for a request that comes at once.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        if not isinstance(config, PatientConfig):
            raise TypeError("the protocol needs a PatientConfig")
        self._patience = config.patience
        self._awaited = _Awaited.HEAD
        self._since = 0.0
        self._head_bytes = 0
        self._body_bytes = 0
        self._unread_since: float | None = None
        self._closing_since: float | None = None

    @property
    def idle_since(self) -> float | None:
        """Since when the connection has brought no whole request; None while one is worked on."""
        waits = self._awaited in (_Awaited.HEAD, _Awaited.NEXT)
        return self._since if waits and self._answered() and not self.pipeline else None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Waits for a head; makes room when there are too many connections."""
        super().connection_made(transport)
        self._since = self.loop.time()
        if len(self.connections) > self._patience.open_connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Reads on."""
        if self._awaited is _Awaited.NEXT:
            self._await(_Awaited.HEAD)
        elif self._awaited is _Awaited.BODY:
            self._body_bytes += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._head_bytes = 0
        if self._awaited is not _Awaited.HEAD:
            self._await(_Awaited.HEAD)

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._count_head(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        super().on_headers_complete()
        self._body_bytes = 0
        self._await(_Awaited.BODY)

    def on_message_complete(self) -> None:
        """The body is there."""
        super().on_message_complete()
        self._await(_Awaited.NEXT if self._answered() else _Awaited.ANSWER)

    def on_response_complete(self) -> None:
        """The answer has been written; the rest of a body nobody wanted may still come."""
        super().on_response_complete()
        if self._awaited is _Awaited.ANSWER:
            self._await(_Awaited.NEXT)

    def send_400_response(self, msg: str) -> None:
        """Tells of a head that cannot be read, or is too large."""
        if self._head_bytes > self._patience.head_bytes:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        else:
            super().send_400_response(msg)

    def pause_writing(self) -> None:
        """Nobody reads the answer."""
        super().pause_writing()
        self._unread_since = self.loop.time()

    def resume_writing(self) -> None:
        """Somebody reads on."""
        super().resume_writing()
        self._unread_since = None

    def look_after(self, now: float) -> None:
        """Cut the connection if what it owes is overdue."""
        if self.transport.is_closing():
            self._closing_since = self._closing_since or now
            if now - self._closing_since > self._patience.reader_seconds:
                self.transport.abort()
        elif self._unread_since is not None and now - self._unread_since > self._patience.reader_seconds:
            self.transport.abort()
        elif self._awaited is _Awaited.BODY and self.flow.read_paused:
            # Not the client is slow, we are.
            self._since = now
        elif self._overdue(now):
            self._cut()

    def _overdue(self, now: float) -> bool:
        waited = now - self._since
        if self._awaited is _Awaited.HEAD:
            return waited > self._patience.head_seconds
        if self._awaited is _Awaited.BODY:
            allowed = self._patience.body_seconds + self._body_bytes / self._patience.body_bytes_per_second
            return waited > allowed
        if self._awaited is _Awaited.NEXT:
            # Usually uvicorn's own timer is earlier; it sets none after a body that came later than its answer.
            return waited > self.timeout_keep_alive and self._answered() and not self.pipeline
        return False

    def _cut(self) -> None:
        if self._awaited is not _Awaited.NEXT and (self.cycle is None or not self._begun()):
            self.transport.write(_TIMEOUT)
        if self.cycle is not None and not self.cycle.response_complete:
            # The application reads that the client has gone, and what it still says is not sent.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _make_room(self) -> None:
        idle = [
            (since, each)
            for each in self.connections
            if isinstance(each, PatientProtocol)
            and each is not self
            and (since := each.idle_since) is not None
        ]
        if idle:
            min(idle, key=lambda pair: pair[0])[1].transport.abort()
        else:
            self.transport.abort()

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self._patience.head_bytes:
            raise _HeadTooLarge

    def _await(self, awaited: _Awaited) -> None:
        self._awaited = awaited
        self._since = self.loop.time()

    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _begun(self) -> bool:
        return self.cycle.response_started and not self.cycle.response_complete
