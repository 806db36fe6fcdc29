from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from tests.infra.processes import eventually
from tests.kill.checks import differences, jobs_left
from tests.kill.hub_under_fire import hub_under_fire
from tests.kill.ledger import Ledger
from tests.kill.test_kill import tell
from tests.kill.web_client import WebClient, keys_of

AWAY_SECONDS = float(os.environ.get("HUB_AWAY_SECONDS", "4"))
# So long may an answer take that says "later"; the database's own time limits are longer.
NO_HANG_SECONDS = 15


@dataclass
class Probe(threading.Thread):
    """Asks again and again, each time on a connection of its own, and keeps when, what and how long it took."""

    url: str
    seen: list[tuple[float, int, float]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Ask until it is over."""
        with httpx2.Client(timeout=60, verify=False) as client:
            while not self.over.wait(0.2):
                begun = time.monotonic()
                status = client.get(self.url).status_code
                self.seen.append((begun, status, time.monotonic() - begun))


@pytest.mark.kill
def test_while_the_database_is_away_everybody_is_told_to_come_again(tmp_path: Path) -> None:
    ledger = Ledger()
    with hub_under_fire(tmp_path, web=True, outside=True) as hub:
        keys = keys_of(hub.world)
        clients = [
            WebClient(hub.world, ledger, seed, 3, hub.address, keys, patience=AWAY_SECONDS + 60)
            for seed in range(8)
        ]
        probes = [Probe(f"{hub.address}{path}") for path in ("/ready", "/health", "/api/v1/tenants")]
        try:
            for each in (*probes, *clients):
                each.start()
            eventually(lambda: all(len(probe.seen) > 1 for probe in probes))
            leaving = time.monotonic()
            hub.server.stop()
            went = time.monotonic()
            time.sleep(AWAY_SECONDS)
            returning = time.monotonic()
            hub.server.start()
            back = time.monotonic()
            for client in clients:
                client.join(timeout=180)
                assert client.failed is None, client.failed
            with hub.administrator() as connection:
                eventually(lambda: jobs_left(connection) == 0, seconds=90)
                assert differences(connection, ledger) == []
            time.sleep(1)
        finally:
            for probe in probes:
                probe.over.set()
                probe.join(timeout=90)
    ready, health, tenants = (probe.seen for probe in probes)
    assert {status for _, status, _ in health} == {200}
    for seen in (ready, tenants):
        # Moments in which it went or came back are nobody's to tell.
        assert {status for at, status, took in seen if at + took < leaving} == {200}
        assert {status for at, status, took in seen if went < at and at + took < returning} == {503}
        assert seen[-1][1] == 200
    for seen in (ready, health, tenants):
        assert max(took for _, _, took in seen) < NO_HANG_SECONDS
    again = next(at for at, status, _ in ready if at > back and status == 200) - back
    tell(
        f"away {AWAY_SECONDS:.0f} s; ready again {again:.1f} s after; slowest answer"
        f" {max(took for seen in (ready, tenants) for _, _, took in seen):.1f} s; {len(ledger.told)} cases,"
        f" {ledger.retried['503']} times told to come again"
    )
