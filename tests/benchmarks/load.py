"""A load generator in a process of its own: so many connections that each send a request when the last was answered.

Takes a plan as JSON from standard input and gives what it found as JSON on standard output. It speaks just enough
HTTP to cost next to nothing, and says how much of a processor it used, so that it can be seen not to be what is slow.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

# Stands in a request where each one has to differ; replaced by as many digits.
NUMBER = "0123456789AB"
_ROOT = Path(__file__).parents[2]
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Plan:
    """What to send where: each connection goes round `requests`, for some seconds or until so many were sent."""

    address: str
    requests: Sequence[str]
    connections: int = 1
    seconds: float = 0
    most: int = 0
    warmup_seconds: float = 0


@dataclass
class Found:
    """What came of it: seconds a request took, in order of size, and how often each status was answered."""

    seconds: float
    cpu_seconds: float
    statuses: dict[str, int]
    took: list[float] = field(repr=False)
    first_failure: str = ""

    @property
    def per_second(self) -> float:
        """Requests answered a second."""
        return len(self.took) / self.seconds

    def percentile(self, share: float) -> float:
        """The milliseconds within which a share of the requests was answered."""
        return 1000 * self.took[min(len(self.took) - 1, int(share * len(self.took)))]


def request(method: str, path: str, headers: dict[str, str], body: object = None) -> str:
    """A request as it goes over the line."""
    written = "" if body is None else json.dumps(body, ensure_ascii=False)
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(written.encode())}"]
    return "\r\n".join(lines) + "\r\n\r\n" + written


def put_under_load(plan: Plan) -> Found:
    """Carry a plan out in a process of its own.

    Raises `RuntimeError` when anything but success was answered.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        cwd=_ROOT,
        check=True,
    )
    found = Found(**json.loads(done.stdout))
    if not found.took or any(not status.startswith("2") for status in found.statuses):
        asked = plan.requests[0].splitlines()[0]
        raise RuntimeError(f"{asked} was not answered well: {found.statuses} {found.first_failure}")
    return found


class _Connections:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.requests = [one.encode() for one in plan.requests]
        self.numbers = count(time.time_ns() // 1000 % 10**11)
        self.took: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.first_failure = ""
        self.counting_from = time.perf_counter() + plan.warmup_seconds
        self.until = self.counting_from + (plan.seconds or 3600)

    def drive(self, first: int) -> None:
        parts = urlsplit(self.plan.address)
        took: list[float] = []
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for number in count(first):
                begun = time.perf_counter()
                if begun >= self.until or (self.plan.most and len(took) >= self.plan.most):
                    break
                template = self.requests[number % len(self.requests)]
                line.sendall(template.replace(NUMBER.encode(), f"{next(self.numbers):012}".encode()))
                head, body = _answer(line)
                ended = time.perf_counter()
                if begun >= self.counting_from:
                    took.append(ended - begun)
                    self.statuses[head[9:12].decode()] += 1
                    if not self.first_failure and head[9:10] != b"2":
                        self.first_failure = (head + _END_OF_HEAD + body).decode("utf-8", "replace")
        self.took += took


def _answer(line: socket.socket) -> tuple[bytes, bytes]:
    answer = b""
    while _END_OF_HEAD not in answer:
        answer += _some(line)
    head, _, body = answer.partition(_END_OF_HEAD)
    name = b"content-length:"
    at = head.lower().find(name)
    if at < 0:
        raise RuntimeError(f"an answer without a length: {head!r}")
    length = int(head[at + len(name) :].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += _some(line)
    return head, body


def _some(line: socket.socket) -> bytes:
    piece = line.recv(262_144)
    if not piece:
        raise RuntimeError("the server closed the connection")
    return piece


def main() -> None:
    """Read the plan, carry it out, write what was found."""
    plan = Plan(**json.load(sys.stdin))
    connections = _Connections(plan)
    threads = [
        threading.Thread(target=connections.drive, args=(number,)) for number in range(plan.connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = min(time.perf_counter(), connections.until) - connections.counting_from
    found = Found(
        seconds=seconds,
        cpu_seconds=time.process_time(),
        statuses=dict(connections.statuses),
        took=sorted(connections.took),
        first_failure=connections.first_failure,
    )
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
