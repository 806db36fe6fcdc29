"""A sweeper process, as the beat sweeps: a round every so often, repeated while batches are full, until it is killed."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection

from hub import reactions
from hub.sla.actions import sweep_clocks
from tenants.across import Across, Purpose
from tenants.context import SYSTEM
from tenants.database import Database

BATCH = 500
ROUND_SECONDS = 1.0


def sweep_for_ever(url: str, told: Connection) -> None:
    """Sweep a database by its own clock; after each round says so, as long as anybody listens."""
    reactions.install()
    across = Across(Database.at(url, pool_size=1))
    while True:
        looked_at = BATCH
        while looked_at >= BATCH:
            with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM) as context:
                looked_at = sweep_clocks(context, limit=BATCH)
        told.send("a round is made")
        time.sleep(ROUND_SECONDS)


def sweep_and_hang(url: str, told: Connection) -> None:
    """Fire all that is due and never come to the end of the transaction."""
    reactions.install()
    with Across(Database.at(url, pool_size=1)).unit_of_work(Purpose.ROUNDS, actor=SYSTEM) as context:
        sweep_clocks(context, limit=BATCH)
        told.send("all is fired and nothing kept")
        time.sleep(600)
