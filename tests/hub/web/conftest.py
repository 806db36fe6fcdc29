from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI

from hub.web.assets import Assets
from hub.web.pages import create_pages
from hub.web.rendering import Pages
from hub.web.settings import PageSettings
from hub.web.visits import PageState
from tenants.database import Database
from tests.hub.api.callers import AMPLE
from tests.hub.web.failing import router as failing
from tests.pages.asking import router as asking
from tests.pages.visitors import Visitor, visiting
from tests.world import World


def pages_on(world: World, *routers: APIRouter) -> FastAPI:
    """The kit's application on the world with some routes."""
    database = Database(world.database.bind, clock=world.clock)
    pages = Pages(("tests.pages",), Assets(), PageSettings())
    return create_pages(PageState(database, AMPLE, pages), routers)


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    """Somebody who visits pages that ask, and pages that fail."""
    with visiting(pages_on(world, asking, failing)) as visitor:
        yield visitor
