from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.infra.processes import eventually
from tests.kill.checks import differences, jobs_left, journal_is_as_sealed
from tests.kill.clients import Client, DirectClient
from tests.kill.hub_under_fire import HubUnderFire, hub_under_fire
from tests.kill.ledger import Ledger
from tests.kill.web_client import WebClient, keys_of

ROUNDS = int(os.environ.get("HUB_KILL_ROUNDS", "6"))
SEED = int(os.environ.get("HUB_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
BEHIND_THE_WEB = (
    "worker",
    "beat",
    "database",
    "backend",
    "worker beat",
    "database worker",
    "database beat worker",
)
WITH_THE_WEB = (
    "web",
    "worker",
    "database",
    "backend",
    "web worker",
    "web database",
    "web database worker beat",
)
# Everything is done within seconds, unless the machine is busy with other things.
PATIENCE_SECONDS = 90

Clients = Callable[[Ledger, random.Random], list[Client]]


@pytest.mark.kill
def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    with hub_under_fire(tmp_path) as hub:

        def clients(ledger: Ledger, chance: random.Random) -> list[Client]:
            return [DirectClient(hub.world, ledger, chance.randrange(10**9), stories=2) for _ in range(3)]

        play(hub, BEHIND_THE_WEB, clients)


@pytest.mark.kill
def test_whoever_asks_again_over_http_sees_one_world(tmp_path: Path) -> None:
    with hub_under_fire(tmp_path, web=True) as hub:
        keys = keys_of(hub.world)

        def clients(ledger: Ledger, chance: random.Random) -> list[Client]:
            return [
                WebClient(hub.world, ledger, chance.randrange(10**9), 1, hub.address, keys) for _ in range(8)
            ]

        play(hub, WITH_THE_WEB, clients)


def play(hub: HubUnderFire, victims: Sequence[str], clients: Clients) -> None:
    """Round after round, and at the end once more: everything is as everybody was told."""
    chance, ledger = random.Random(SEED), Ledger()  # noqa: S311 - to be repeated, not to be secret
    tell(f"\nHUB_KILL_SEED={SEED} HUB_KILL_ROUNDS={ROUNDS}")
    order: list[str] = []
    try:
        for number in range(1, ROUNDS + 1):
            begun = time.monotonic()
            # None comes again before all the others came: few rounds meet as many as they can.
            order = order or chance.sample(victims, len(victims))
            victim = order.pop()
            play_round(hub, ledger, chance, victim, clients(ledger, chance))
            tell(
                f"round {number}: {victim}; {len(ledger.told)} cases, {ledger.looked_up} outcomes looked up,"
                f" {time.monotonic() - begun:.1f} s"
            )
        hub.end()
        with hub.administrator() as connection:
            assert jobs_left(connection) == 0
            assert differences(connection, ledger) == []
    except BaseException:
        tell(hub.words())
        raise
    tell(f"{len(ledger.told)} cases; broken off: {dict(ledger.retried)}")


def tell(line: str) -> None:
    """A line for whoever watches (pytest -s) or has to find out why it failed."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def play_round(
    hub: HubUnderFire, ledger: Ledger, chance: random.Random, victim: str, clients: Sequence[Client]
) -> None:
    """Clients work, something dies among them, and in the end everything is as they were told."""
    for client in clients:
        client.start()
    time.sleep(chance.uniform(0.05, 1.0))
    hub.kill(victim, chance)
    if chance.random() < 1 / 5:
        time.sleep(chance.uniform(0, 0.5))
        hub.kill(victim, chance)
    for client in clients:
        client.join(timeout=120)
        assert not client.is_alive()
        if client.failed is not None:
            raise client.failed
    with hub.administrator() as connection:
        eventually(lambda: jobs_left(connection) == 0, seconds=PATIENCE_SECONDS)
        assert differences(connection, ledger) == []
    assert journal_is_as_sealed(hub.world, hub.world.database) == []
