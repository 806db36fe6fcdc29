from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import httpx2
import pytest

from hub.keys.actions import IssuedKey, create_key, revoke_key
from tenants.servers import OwnServer
from tests.infra.conftest import live_copy
from tests.infra.processes import HubProcess, Live, running
from tests.services.ports import free_port
from tests.world import Agency

_PATIENCE_SECONDS = 40
_AMPLE = dict.fromkeys(("HUB_RATE_KEY_QUOTA", "HUB_RATE_TENANT_QUOTA", "HUB_RATE_ADDRESS_QUOTA"), "100000")


class Serving:
    """The hub served, a key of each body, and what can be done with them."""

    def __init__(self, live: Live, process: HubProcess, port: int) -> None:
        self.live = live
        self.process = process
        self.address = f"http://127.0.0.1:{port}/api/v1"
        self.keys = {agency.code: self._key(agency) for agency in (live.world.water, live.world.tax)}

    def open_case(self, agency: str = "water") -> str:
        """A case of a body's machine; gives its ticket."""
        answer = httpx2.post(
            f"{self.address}/tenants/{agency}/cases",
            headers=self.machine(agency),
            json={"service": "bill", "description": "كم الفاتورة؟"},
            timeout=30,
            verify=False,
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ticket_id"])

    def machine(self, agency: str) -> dict[str, str]:
        """What a body's machine signs in with."""
        return {"Authorization": f"Bearer {self.keys[agency].key}"}

    @contextmanager
    def following(self, agency: str = "water", after: str | None = None) -> Iterator[Queue[dict[str, Any]]]:
        """The events of a body, as they come; `{}` when the stream has ended."""
        heard: Queue[dict[str, Any]] = Queue()
        headers = self.machine(agency) | ({"Last-Event-ID": after} if after else {})
        with (
            httpx2.Client(timeout=_PATIENCE_SECONDS, verify=False) as client,
            client.stream("GET", f"{self.address}/events", headers=headers) as answer,
        ):
            assert answer.status_code == 200
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            lines = answer.iter_lines()
            assert next(lines).startswith("retry: ")

            def listen() -> None:
                event: dict[str, Any] = {}
                try:
                    for line in lines:
                        name, _, value = line.partition(": ")
                        if name == "data":
                            heard.put(event | json.loads(value))
                        elif name in ("id", "event"):
                            event[name] = value
                except httpx2.HTTPError:
                    pass
                heard.put({})

            listener = threading.Thread(target=listen)
            listener.start()
            yield heard
            client.close()
        listener.join(timeout=_PATIENCE_SECONDS)

    def _key(self, agency: Agency) -> IssuedKey:
        with self.live.world.as_staff(agency, "manager") as context:
            return create_key(context, name="Events", scopes=["tickets:open", "tickets:read"])


@contextmanager
def served(live: Live, log: Path) -> Iterator[tuple[Live, HubProcess, int]]:
    port = free_port()
    arguments = ("serve", "--port", str(port), "--admin-port", "0", "--workers", "2")
    with running(log, live.environment | _AMPLE, *arguments, ready="The hub listens on") as process:
        yield live, process, port


@pytest.fixture(scope="module")
def served_once(
    server: OwnServer, template: str, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Live, HubProcess, int]]:
    with (
        live_copy(server, template, run_folder) as live,
        served(live, tmp_path_factory.mktemp("events") / "web") as there,
    ):
        yield there


@pytest.fixture
def serving(served_once: tuple[Live, HubProcess, int]) -> Serving:
    """The hub that all tests here leave running, with keys that are this test's own."""
    return Serving(*served_once)


def kinds_until(heard: Queue[dict[str, Any]], ticket: str, kind: str) -> list[str]:
    """What is heard of a ticket, up to a kind of event."""
    found: list[str] = []
    while kind not in found:
        event = heard.get(timeout=_PATIENCE_SECONDS)
        assert event, "the stream ended"
        if event["ticket_id"] == ticket:
            found.append(event["event"])
    return found


def test_every_change_of_a_bodys_tickets_is_heard_in_order_and_nobody_elses(serving: Serving) -> None:
    with serving.following("water") as heard, serving.following("tax") as elsewhere:
        theirs = serving.open_case("tax")
        ours = serving.open_case("water")
        assert kinds_until(heard, ours, "ticket.forwarded") == [
            "ticket.opened",
            "ticket.routed",
            "ticket.forwarded",
        ]
        event = elsewhere.get(timeout=_PATIENCE_SECONDS)
        assert event["ticket_id"] == theirs
        assert set(event) == {"id", "event", "fact", "at", "ticket_id", "version"}


def test_whoever_comes_back_hears_what_it_missed(serving: Serving) -> None:
    with serving.following() as heard:
        first = serving.open_case()
        last = heard.get(timeout=_PATIENCE_SECONDS)
        assert (last["ticket_id"], last["event"]) == (first, "ticket.opened")
    missed = [serving.open_case() for _ in range(3)]
    with serving.following(after=last["id"]) as heard:
        assert kinds_until(heard, first, "ticket.forwarded")[-2:] == ["ticket.routed", "ticket.forwarded"]
        for ticket in missed:
            assert kinds_until(heard, ticket, "ticket.forwarded")[0] == "ticket.opened"


def test_a_reader_that_does_not_read_harms_nobody_and_loses_nothing(serving: Serving) -> None:
    with (
        httpx2.Client(timeout=_PATIENCE_SECONDS, verify=False) as client,
        client.stream("GET", f"{serving.address}/events", headers=serving.machine("water")) as sleepy,
    ):
        tickets = []
        with serving.following() as heard:
            for _ in range(40):
                tickets.append(serving.open_case())
            assert kinds_until(heard, tickets[-1], "ticket.forwarded")
        seen = set()
        for line in sleepy.iter_lines():
            if line.startswith("data: "):
                seen.add(json.loads(line.removeprefix("data: "))["ticket_id"])
            if seen == set(tickets):
                break
        assert seen == set(tickets)


def test_a_stream_ends_with_its_process_and_the_process_ends_well(live: Live, tmp_path: Path) -> None:
    with served(live, tmp_path / "web") as there, (serving := Serving(*there)).following() as heard:
        assert serving.process.end() == 0
        assert heard.get(timeout=_PATIENCE_SECONDS) == {}


def test_a_revoked_key_hears_nothing_more(serving: Serving) -> None:
    world = serving.live.world
    with serving.following() as heard:
        with world.as_staff(world.water, "manager") as context:
            revoke_key(context, serving.keys["water"].id)
        while heard.get(timeout=_PATIENCE_SECONDS):
            pass


@pytest.mark.parametrize("after", ["7", "x", "9" * 40])
def test_what_is_no_id_of_an_event_is_refused(serving: Serving, after: str) -> None:
    headers = serving.machine("water") | {"Last-Event-ID": after}
    answer = httpx2.get(f"{serving.address}/events", headers=headers, timeout=30, verify=False)
    assert (answer.status_code, answer.json()["code"]) == (400, "position_not_understood")
