from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from portal.app import create_portal
from tenants.database import Database
from tenants.servers import OwnServer
from tests.hub.api.callers import AMPLE
from tests.pages.browsers import running_chromium, serving
from tests.pages.visitors import Visitor, visiting
from tests.portal.own_worlds import world_of_outages
from tests.world import World


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    """Somebody who visits the portal on the world, which is rolled back in the end."""
    database = Database(world.database.bind, clock=world.clock)
    with visiting(create_portal(database, rates=AMPLE)) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module: while it runs, no other event loop can run in this thread."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def hub(server: OwnServer, template: str, run_folder: Path) -> Iterator[tuple[str, World]]:
    """The portal served on a world of the module's own, and that world."""
    with (
        world_of_outages(server, template, run_folder) as world,
        serving(create_portal(world.database, rates=AMPLE)) as address,
    ):
        yield address, world
