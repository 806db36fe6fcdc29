"""Jobs of attached files."""

from __future__ import annotations

from uuid import UUID

from hub.attachments import actions
from hub.journal.models import Fact
from hub.journal.tasks import job
from tenants.context import Context


@job("attachments.examine")
def examine(context: Context, fact: Fact) -> None:
    """Look into a file that has been uploaded."""
    actions.examine(context, fact.tenant_id, UUID(fact.data["attachment_id"]))


@job("attachments.bring")
def bring(context: Context, fact: Fact) -> None:
    """Bring over the bytes of a file that came along with a case."""
    actions.bring(context, fact.tenant_id, UUID(fact.data["attachment_id"]))


@job("attachments.clear")
def clear(context: Context, fact: Fact) -> None:
    """Remove the bytes that a settled file needs no longer."""
    actions.clear(context, fact.tenant_id, UUID(fact.data["attachment_id"]))
