from __future__ import annotations

import pytest
from sqlalchemy import text

from tenants import database as ground
from tenants.context import SYSTEM
from tenants.database import Database
from tenants.ids import HUB
from tests.world import World


def backend(database: Database) -> int:
    with database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        return int(context.session.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_a_connection_is_used_again_and_a_rested_one_is_tried_first(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = backend(own_world.database)
    assert backend(own_world.database) == first
    monkeypatch.setattr(ground, "_TRIED_AFTER_SECONDS", 0.0)
    with own_world.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        mine = int(context.session.execute(text("SELECT pg_backend_pid()")).scalar_one())
        # Another connection of the same login may end this pool's resting ones.
        other = Database(own_world.database.bind)
        resting = backend(other)
        assert resting != mine
        context.session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": resting})
    assert backend(own_world.database) != resting
    assert backend(own_world.database) != resting
