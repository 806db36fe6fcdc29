from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

import pytest

from tests.infra.processes import eventually
from tests.kill.checks import differences, jobs_left, journal_is_as_sealed
from tests.kill.clients import Client
from tests.kill.hub_under_fire import VICTIMS, HubUnderFire, hub_under_fire
from tests.kill.ledger import Ledger

ROUNDS = int(os.environ.get("HUB_KILL_ROUNDS", "10"))
SEED = int(os.environ.get("HUB_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
CLIENTS = 3
STORIES = 2
# Everything is done within seconds, unless the machine is busy with other things.
PATIENCE_SECONDS = 90


@pytest.mark.kill
def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    chance, ledger = random.Random(SEED), Ledger()  # noqa: S311 - to be repeated, not to be secret
    tell(f"\nHUB_KILL_SEED={SEED} HUB_KILL_ROUNDS={ROUNDS}")
    with hub_under_fire(tmp_path) as hub:
        try:
            for number in range(1, ROUNDS + 1):
                begun = time.monotonic()
                victim = play_round(hub, ledger, chance)
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


def play_round(hub: HubUnderFire, ledger: Ledger, chance: random.Random) -> str:
    """Clients work, something dies among them, and in the end everything is as they were told; gives what died."""
    victim = chance.choice(VICTIMS)
    clients = [Client(hub.world, ledger, chance.randrange(10**9), STORIES) for _ in range(CLIENTS)]
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
    return victim
