from __future__ import annotations

import os
import re
import signal
import socket
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from infra.errors import BadProxyAddress, PortTaken
from infra.serving.server import address_of, configuration, listen
from infra.settings import WebSettings
from tests.infra.processes import HubProcess, Live, eventually, running
from tests.infra.served import Served, heard, served

CANARY = "01099887766"


def send(hub: Served, words: bytes) -> bytes:
    with hub.connect() as connection:
        connection.sendall(words)
        return heard(connection)


# Stopping.


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_under_load_loses_nothing_that_was_acknowledged(
    live: Live, tmp_path: Path, workers: int
) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    acknowledged: list[int] = []
    unanswered = 0
    with served(tmp_path / "log", live.environment | {"NOTES": str(notes)}, workers) as hub:

        def write(first: int) -> None:
            nonlocal unanswered
            with httpx2.Client(base_url=hub.address, timeout=30) as client:
                for number in range(first, first + 10_000):
                    try:
                        answer = client.post(f"/notes/{number}")
                    except httpx2.TransportError:
                        # Nothing was promised; whether it was done has to be asked.
                        unanswered += 1
                        return
                    assert answer.status_code == 200
                    acknowledged.append(number)

        writers = [threading.Thread(target=write, args=(each * 10_000,)) for each in range(8)]
        for writer in writers:
            writer.start()
        eventually(lambda: len(acknowledged) > 100)
        began = time.monotonic()
        assert hub.process.end() == 0
        assert time.monotonic() - began < 10
        for writer in writers:
            writer.join()
    written = [int(line) for line in notes.read_text().split()]
    assert unanswered == 8
    assert set(acknowledged) <= set(written)
    # What was taken was finished, and told: nothing was done without its answer but what the client gave up.
    assert len(written) - len(acknowledged) <= unanswered
    assert max(Counter(written).values()) == 1


def test_a_request_that_was_taken_is_answered_and_nobody_new_is_let_in(live: Live, tmp_path: Path) -> None:
    answers: list[str] = []
    with served(tmp_path / "log", live.environment) as hub:
        asking = threading.Thread(target=lambda: answers.append(hub.get("/slow?seconds=3").text))
        asking.start()
        eventually(lambda: hub.figures()["hub_http_requests_in_flight"] == 1)
        hub.process.process.send_signal(signal.SIGTERM)
        eventually(lambda: refuses(hub), 2)
        assert asking.is_alive()
        asking.join()
        assert hub.process.end() == 0
    assert answers == ["slept"]


def refuses(hub: Served) -> bool:
    try:
        hub.connect().close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize(("workers", "number"), [(1, signal.SIGINT), (2, signal.SIGTERM)])
def test_a_stream_is_ended_properly_when_the_hub_stops(
    live: Live, tmp_path: Path, workers: int, number: signal.Signals
) -> None:
    with served(tmp_path / "log", live.environment, workers) as hub:
        with httpx2.stream("GET", f"{hub.address}/stream", timeout=20) as answer:
            words = answer.iter_text()
            assert next(words).startswith("data: 0")
            began = time.monotonic()
            hub.process.process.send_signal(number)
            # Without its proper end this would be an error.
            "".join(words)
        assert hub.process.end() == 0
        assert time.monotonic() - began < 20
        assert hub.lines("request")[-1]["status"] == 200
        assert not [line for line in hub.lines() if line["level"] == "error"]


def test_a_request_beyond_the_limit_of_a_stop_is_broken_off(live: Live, tmp_path: Path) -> None:
    limit = {"HUB_WEB_STOP_SECONDS": "1"}
    with served(tmp_path / "log", live.environment | limit) as hub, hub.connect() as connection:
        connection.sendall(b"GET /slow?seconds=60 HTTP/1.1\r\nHost: hub\r\n\r\n")
        eventually(lambda: hub.figures()["hub_http_requests_in_flight"] == 1)
        assert hub.process.end() == 0
        assert b"slept" not in heard(connection)


# Several processes.


def processes_of(hub: Served) -> set[int]:
    return {hub.get("/things/1").json()["process"] for _ in range(60)}


def test_a_killed_process_is_replaced_and_none_outlives_its_parent(live: Live, tmp_path: Path) -> None:
    with served(tmp_path / "log", live.environment, 2, "with-worker") as hub:
        hub.process.wait_for_word("ready.")
        before = processes_of(hub)
        assert len(before) == 2
        assert hub.process.process.pid not in before
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: len(processes_of(hub) - {victim}) == 2)
        assert {line["pid"] for line in hub.lines("process_died")} == {victim}
        assert victim not in processes_of(hub)

        hub.process.kill()
        eventually(lambda: refuses(hub))
        eventually(lambda: "rounds_ended" in hub.process.words)


def test_a_hub_that_cannot_start_says_why_and_ends(live: Live, tmp_path: Path) -> None:
    with listen("127.0.0.1", 0, "HUB_WEB_PORT") as taken:
        port = str(taken.getsockname()[1])
        hub = HubProcess(tmp_path / "log", live.environment, "serve", "--port", port)
        assert hub.process.wait(timeout=60) == 1
    assert hub.words == (
        f"Cannot listen on 127.0.0.1 port {port} (Address already in use). Choose another port, or 0 for any that"
        " is free.\n"
    )


def test_a_host_that_is_not_ours_is_refused() -> None:
    with pytest.raises(PortTaken) as refused:
        listen("no.such.host.invalid", 0, "HUB_WEB_HOST")
    assert refused.value.field == "HUB_WEB_HOST"


# Slow and rude clients.


def test_hundreds_of_slow_clients_keep_nobody_from_being_served(live: Live, tmp_path: Path) -> None:
    slow = {"HUB_WEB_OPEN_CONNECTIONS": "300", "HUB_WEB_HEAD_SECONDS": "60", "HUB_WEB_BODY_SECONDS": "60"}
    with served(tmp_path / "log", live.environment | slow) as hub, ExitStack() as open_ones:
        for number in range(600):
            connection = open_ones.enter_context(hub.connect())
            connection.sendall(
                b"POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 9000\r\n\r\nx"
                if number % 6 == 0
                else b"GET /things/1 HTTP/1.1\r\nHost: h"
            )
        began = time.monotonic()
        for _ in range(20):
            assert hub.get("/things/1").status_code == 200
        assert time.monotonic() - began < 5


def test_a_head_that_does_not_come_is_not_waited_for(shared: Served) -> None:
    began = time.monotonic()
    with shared.connect() as connection:
        connection.sendall(b"GET /things/1 HTTP/1.1\r\nHost: ")
        for _ in range(3):
            # A byte now and then does not help.
            time.sleep(0.3)
            connection.sendall(b"h")
        assert heard(connection).startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began < 5


def test_a_connection_that_says_nothing_is_closed(shared: Served) -> None:
    with shared.connect() as connection:
        heard(connection)
    with shared.connect() as connection:
        connection.sendall(b"GET /things/1 HTTP/1.1\r\nHost: hub\r\n\r\n")
        assert b"200 OK" in heard(connection)


def test_a_body_that_does_not_come_is_not_waited_for(shared: Served) -> None:
    answer = send(shared, b"POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 9000\r\n\r\nx")
    assert answer.startswith(b"HTTP/1.1 408 ")
    eventually(lambda: [line["status"] for line in shared.lines("request")] != [])


def test_a_body_that_comes_slowly_and_steadily_has_its_time(shared: Served) -> None:
    with shared.connect() as connection:
        connection.sendall(
            b"POST /echo HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Length: 480000\r\n\r\n"
        )
        for _ in range(6):
            connection.sendall(b"x" * 80_000)
            time.sleep(0.5)
        assert heard(connection).endswith(b'{"bytes":480000}')


def test_an_answer_that_nobody_reads_is_not_kept(shared: Served) -> None:
    with shared.connect() as connection:
        connection.sendall(b"GET /flood HTTP/1.1\r\nHost: hub\r\n\r\n")
        eventually(lambda: shared.figures()["hub_http_requests_in_flight"] == 1)
        eventually(lambda: shared.figures()["hub_http_requests_in_flight"] == 0, 20)


def test_a_head_that_is_too_large_is_refused(shared: Served) -> None:
    assert send(shared, b"GET / HTTP/1.1\r\nHost: hub\r\nX: " + b"x" * 40_000 + b"\r\n\r\n").startswith(
        b"HTTP/1.1 431 "
    )
    many = b"".join(b"X-%d: y\r\n" % number for number in range(8_000))
    assert send(shared, b"GET / HTTP/1.1\r\nHost: hub\r\n" + many + b"\r\n").startswith(b"HTTP/1.1 431 ")
    assert send(shared, b"GET /" + b"y" * 40_000 + b" HTTP/1.1\r\nHost: hub\r\n\r\n").startswith(
        b"HTTP/1.1 431 "
    )


@pytest.mark.parametrize(
    "words",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"CONNECT hub:443 HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: -5\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_refused(shared: Served, words: bytes) -> None:
    before = errors_of(shared)
    assert send(shared, words).startswith(b"HTTP/1.1 400 ")
    assert shared.get("/health").status_code == 200
    assert errors_of(shared) == before


def errors_of(shared: Served) -> int:
    """How many errors the server has told of; other tests make it fail on purpose."""
    return len([line for line in shared.lines() if line["level"] == "error"])


def test_requests_on_one_connection_are_answered_in_their_order(shared: Served) -> None:
    one = b"GET /slow?seconds=0.3 HTTP/1.1\r\nHost: hub\r\n\r\n"
    two = b"POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\n\r\nabc"
    three = b"GET /nowhere HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    answer = send(shared, one + two + three)
    assert answer.count(b"HTTP/1.1 ") == 3
    assert answer.index(b"slept") < answer.index(b'{"bytes":3}') < answer.index(b"404 Not Found")


def test_more_than_can_be_worked_on_are_told_to_come_again(live: Live, tmp_path: Path) -> None:
    few = {"HUB_WEB_REQUESTS_AT_ONCE": "3"}
    with served(tmp_path / "log", live.environment | few) as hub, ExitStack() as busy:
        for _ in range(5):
            # A stream takes no place from requests.
            answer = busy.enter_context(httpx2.stream("GET", f"{hub.address}/stream", timeout=20))
            assert answer.status_code == 200
        for _ in range(3):
            busy.enter_context(hub.connect()).sendall(b"GET /slow?seconds=5 HTTP/1.1\r\nHost: hub\r\n\r\n")
        eventually(lambda: hub.figures()["hub_http_requests_in_flight"] == 8)
        refused = hub.get("/things/1", headers={"Accept-Language": "en"})
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "2"
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["code"] == "hub_unavailable"
        assert refused.headers["X-Request-Id"] == refused.json()["request_id"]
        # Probes are answered all the same.
        assert hub.get("/health").status_code == 200
        eventually(lambda: hub.get("/things/1").status_code == 200)


# Whose address it is.


@pytest.mark.parametrize(
    ("trusted", "client"),
    [("", "127.0.0.1"), ("10.0.0.0/8", "127.0.0.1"), ("10.0.0.1, 127.0.0.0/8", "192.0.2.7")],
)
def test_a_proxy_is_believed_only_where_it_is_named(
    monkeypatch: pytest.MonkeyPatch, trusted: str, client: str
) -> None:
    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(scope["client"][0])(scope, receive, send)

    monkeypatch.setenv("HUB_WEB_TRUSTED_PROXIES", trusted)
    config = configuration(tell, WebSettings(), 100)
    config.load()
    asking = TestClient(config.loaded_app, client=("127.0.0.1", 50_000))
    told = asking.get("/", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7, 127.0.0.2"})
    assert told.text == client


def test_a_trusted_proxy_has_to_be_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_WEB_TRUSTED_PROXIES", "10.0.0.1,everybody")
    with pytest.raises(BadProxyAddress, match="everybody"):
        WebSettings()


def test_an_address_of_version_6_can_be_listened_on() -> None:
    with listen("::1", 0, "HUB_WEB_HOST") as listener:
        assert address_of(listener).startswith("http://[::1]:")
        socket.create_connection(("::1", listener.getsockname()[1])).close()


# The command itself.


def test_the_api_is_served_by_several_processes_with_their_worker(live: Live, tmp_path: Path) -> None:
    arguments = ("serve", "--port", "0", "--workers", "2", "--with-worker")
    with running(tmp_path / "log", live.environment, *arguments, ready="/metrics") as process:
        address, figures = re.findall(r"http://[\d.:]+(?:/metrics)?", process.words)
        hub = Served(process, address, figures)
        assert hub.get("/ready").status_code == 200
        assert "water" in hub.get("/api/v1/tenants").text
        assert hub.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")
        case = {
            "service": "leak",
            "description": CANARY,
            "answers": {"hazard": False},
            "reporter": {"name": CANARY},
        }
        opened = httpx2.post(f"{address}/api/v1/tenants/water/cases", json=case, timeout=20)
        assert opened.status_code == 201, opened.text
        number, pin = opened.json()["number"], opened.json()["pin"]
        read = hub.get(f"/api/v1/cases/{number}?of={CANARY}", headers={"Hub-Case-Pin": pin})
        assert read.status_code == 200
        eventually(lambda: live.jobs() == 0)
        counted = hub.figures()
        assert counted["hub_http_requests_total:POST:/api/v1/tenants/{tenant}/cases:201"] == 1
        assert counted["hub_http_requests_total:GET:/api/v1/cases/{number}:200"] == 1
        assert counted["hub_http_requests_total:GET:/api/v1/openapi.json:200"] == 1
        with httpx2.stream("GET", f"{address}/api/v1/events", timeout=20) as refused:
            assert refused.status_code == 401
        assert process.end() == 0
        for private in (CANARY, number, number.replace("-", ""), pin):
            assert private not in process.words
            assert private not in str(counted)
