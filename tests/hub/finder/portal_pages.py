"""The service pages of the national portal, brought onto the hub as bodies' services; read where the shared data lies."""

from __future__ import annotations

import json
from typing import Any

from hub.catalogue.actions import ServiceDescription, save_service
from hub.vocabulary import Kind
from tenants.context import SYSTEM
from tenants.database import Database
from tenants.ids import HUB
from tenants.languages import Text
from tenants.models import TenantState
from tenants.provisioning import TenantDescription, save_tenant, set_state
from tests.hub.onboarding.packs import SHARED_EGYPT

FILE = SHARED_EGYPT / "digital_services.json"


def load_pages(database: Database) -> int:
    """Make a live body of each category and a service `page_N` of each page; gives their number.

    A page has no English, so neither has its service.
    """
    pages = json.loads(FILE.read_text("utf-8"))
    categories: dict[str, list[dict[str, Any]]] = {}
    for page in pages:
        categories.setdefault(page["category"], []).append(page)
    for number, (category, offered) in enumerate(categories.items()):
        name = Text(ar=category, en="")
        with database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
            tenant = save_tenant(
                context,
                TenantDescription(
                    code=f"portal-{number}", name=name, short_name=name, about=name, zone="Africa/Cairo"
                ),
            )
        with database.unit_of_work(actor=SYSTEM, tenants=(tenant,)) as context:
            set_state(context, tenant, TenantState.LIVE)
            for page in offered:
                save_service(
                    context,
                    ServiceDescription(
                        code=f"page_{page['id']}",
                        kind=Kind.REQUEST,
                        name=Text(ar=page["service"], en=""),
                        description=Text(ar=page.get("description") or "", en=""),
                    ),
                )
    return len(pages)
