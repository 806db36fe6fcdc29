"""Jobs of tickets."""

from __future__ import annotations

from hub.journal.models import Fact
from hub.journal.tasks import job
from hub.tickets import actions
from tenants.context import Context


@job("tickets.settle_duplicates")
def settle_duplicates(context: Context, fact: Fact) -> None:
    """Let the duplicates of the fact's ticket share its fate."""
    if fact.ticket_id is not None:
        actions.settle_duplicates(context, fact.tenant_id, fact.ticket_id)
