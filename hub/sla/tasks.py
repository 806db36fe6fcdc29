"""Jobs of clocks."""

from __future__ import annotations

from sqlalchemy import text

from hub.journal.models import Fact
from hub.journal.tasks import job
from hub.sla import actions
from tenants.across import Purpose, widened
from tenants.context import Context
from tenants.ids import HUB

# A ticket opened by a transaction that began before the change may still be counted the old way.
_OLDER_ONES_RUN = text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint <= :writer")


@job("sla.move_clocks")
def move_clocks(context: Context, fact: Fact) -> bool:
    """Count open clocks anew after a change of calendars or service levels; the hub's concern every tenant."""
    older = context.session.execute(_OLDER_ONES_RUN, {"writer": fact.written_by}).scalar_one()
    everywhere = widened(context, Purpose.JOBS) if fact.tenant_id == HUB else context
    more = actions.move_clocks(everywhere, since=fact.at, why=fact.kind)
    return more or bool(older)
