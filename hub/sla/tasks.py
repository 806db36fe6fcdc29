"""Jobs of clocks."""

from __future__ import annotations

from hub.journal.models import Fact
from hub.journal.tasks import job
from hub.sla import actions
from tenants.across import Purpose, widened
from tenants.context import Context
from tenants.ids import HUB


@job("sla.move_clocks")
def move_clocks(context: Context, fact: Fact) -> bool:
    """Count open clocks anew after a change of calendars or service levels; the hub's concern every tenant."""
    everywhere = widened(context, Purpose.JOBS) if fact.tenant_id == HUB else context
    return actions.move_clocks(everywhere)
