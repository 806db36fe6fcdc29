from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hub.api.app import create_app
from hub.web.settings import PageSettings
from infra.asgi import House
from portal.app import create_portal
from tenants.database import Database
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.hub.api.callers import AMPLE
from tests.pages.browsers import running_chromium, serving


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module: while it runs, no other event loop can run in this thread."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(server: OwnServer, template: str, run_folder: Path) -> Iterator[str]:
    """The hub with all its pages, on a world of the module's own."""
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value())
        try:
            portal = create_portal(database, rates=AMPLE, settings=PageSettings(styleguide=True))
            with serving(House(create_app(database, rates=AMPLE), portal)) as address:
                yield address
        finally:
            database.dispose()
