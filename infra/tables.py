"""All tables of the hub in one place, for migrations and the checks of fences."""

from __future__ import annotations

from importlib import import_module

from tenants.database import Base

# Importing a module of models registers its tables.
for _feature in (
    "tenants",
    "hub.attachments",
    "hub.calendars",
    "hub.catalogue",
    "hub.drafts",
    "hub.forms",
    "hub.journal",
    "hub.looks",
    "hub.messages",
    "hub.people",
    "hub.promises",
    "hub.proofs",
    "hub.ratings",
    "hub.routing",
    "hub.sla",
    "hub.tickets",
    "hub.web",
    "hub.worklists",
):
    import_module(f"{_feature}.models")

metadata = Base.metadata
