"""What is on the hub already: imported tickets, bodies, services and teams by the labels of files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import ARRAY, String, any_, cast, select, text

from hub.catalogue.models import Service, Team
from hub.tickets.models import Ticket
from tenants.context import Context
from tenants.ids import HUB
from tenants.languages import Text
from tenants.models import Tenant

# A plan kept from when a tenant had few tickets compares every one of them with the whole list; one made for the list
# at hand looks it up in a hash table or an index.
_PLAN = text("SELECT set_config('plan_cache_mode', :mode, true)")


class Named:
    """Things with codes and names, found by a label: one of that very code or, after those, of that name."""

    def __init__(self, things: Iterable[tuple[UUID, str, Text]]) -> None:
        self.codes: set[str] = set()
        self._by_label: dict[str, UUID] = {}
        by_name: dict[str, UUID] = {}
        for thing_id, code, name in things:
            self.codes.add(code)
            self._by_label[code] = thing_id
            for label in (name.en, name.ar):
                by_name.setdefault(label, thing_id)
        self._by_label = by_name | self._by_label

    def find(self, label: str) -> UUID | None:
        """The thing that a label means, or None."""
        return self._by_label.get(label)

    def add(self, label: str, code: str, thing_id: UUID) -> None:
        """Remember a thing that was just made for a label."""
        self.codes.add(code)
        self._by_label[label] = thing_id
        self._by_label.setdefault(code, thing_id)


def bodies(context: Context) -> Named:
    """The bodies on the hub by code and short name; the hub itself takes no history."""
    rows = context.session.execute(
        select(Tenant.id, Tenant.code, Tenant.short_name).where(Tenant.id != HUB).order_by(Tenant.created_at)
    )
    found = Named((row.id, row.code, row.short_name) for row in rows)
    found.codes.add("hub")
    return found


def services(context: Context) -> Named:
    """The services of the context's tenant, those on offer before those that are no longer."""
    rows = context.session.execute(
        select(Service.id, Service.code, Service.name)
        .where(Service.tenant_id == context.tenant_id)
        .order_by(Service.retired_at.is_not(None), Service.id)
    )
    return Named((row.id, row.code, row.name) for row in rows)


def teams(context: Context) -> Named:
    """The teams of the context's tenant."""
    rows = context.session.execute(
        select(Team.id, Team.code, Team.name).where(Team.tenant_id == context.tenant_id).order_by(Team.id)
    )
    return Named((row.id, row.code, row.name) for row in rows)


def known_ids(context: Context, source: str, external_ids: Collection[str]) -> set[str]:
    """Which of a source's ids the context's tenant has taken over already."""
    context.session.execute(_PLAN, {"mode": "force_custom_plan"})
    rows = context.session.scalars(
        select(Ticket.external_id).where(
            Ticket.tenant_id == context.tenant_id,
            Ticket.source == source,
            Ticket.external_id == any_(cast(list(external_ids), ARRAY(String))),
        )
    ).all()
    context.session.execute(_PLAN, {"mode": "auto"})
    return {external_id for external_id in rows if external_id is not None}
