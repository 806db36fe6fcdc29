"""The routes of the API, a module for each thing that is asked about."""

from __future__ import annotations

from hub.api.routes import acts, cases, catalogue, events, files, tickets

ROUTERS = (catalogue.router, cases.router, files.router, tickets.router, acts.router, events.router)
