"""The citizens' portal as an application, to be served beside the API."""

from __future__ import annotations

from fastapi import FastAPI

from hub.web.assets import Assets
from hub.web.pages import create_pages
from hub.web.rendering import Pages
from hub.web.settings import PageSettings
from hub.web.styleguide import router as styleguide
from hub.web.visits import PageState
from portal.errors import CaseNotOpen
from portal.pages import ROUTERS
from portal.pages.follow import ask_for_key
from tenants.database import Database
from tenants.settings import RateLimitSettings


def create_portal(
    database: Database,
    *,
    rates: RateLimitSettings | None = None,
    settings: PageSettings | None = None,
    assets: Assets | None = None,
) -> FastAPI:
    """The portal on a database.

    Raises `PagesNotBuilt` and `RouteWithoutGuard`: then nothing starts.
    """
    how = settings or PageSettings()
    pages = Pages(("portal",), assets or Assets(), how)
    state = PageState(database, rates or RateLimitSettings.model_validate({}), pages)
    app = create_pages(state, (*ROUTERS, styleguide) if how.styleguide else ROUTERS)
    app.add_exception_handler(CaseNotOpen, ask_for_key)
    return app
