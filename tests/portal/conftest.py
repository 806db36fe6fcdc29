from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.app import create_portal
from tenants.database import Database
from tests.hub.api.callers import AMPLE
from tests.pages.visitors import Visitor, visiting
from tests.world import World


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    """Somebody who visits the portal on the world, which is rolled back in the end."""
    database = Database(world.database.bind, clock=world.clock)
    with visiting(create_portal(database, rates=AMPLE)) as visitor:
        yield visitor
