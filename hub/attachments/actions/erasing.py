"""Files go: the row says so first, the bytes follow after the commit."""

from __future__ import annotations

from uuid import UUID

from hub.attachments.access import held_attachment, upload_for
from hub.attachments.errors import FileInUse
from hub.attachments.models import Attachment, AttachmentState
from hub.attachments.store import process_store
from hub.events import AttachmentErased
from hub.journal.actions import record
from tenants.context import ActorKind, Context


def delete(context: Context, attachment_id: UUID) -> None:
    """Erase a file: its bytes, name and digests; the row stays and says that there was one.

    Its uploader may until a ticket claims it. After that it belongs to the record, which the body complained about
    does not control: only the system erases it then, for somebody's right to be forgotten.
    Raises `NotFound` and `FileInUse`.
    """
    attachment = upload_for(context, attachment_id)
    if attachment.ticket_id is not None and context.actor.kind is not ActorKind.SYSTEM:
        raise FileInUse(field="attachment")
    erase(context, attachment, "asked")


def erase(context: Context, attachment: Attachment, reason: str) -> None:
    """Erase a file that is held, and record why: `asked`, `unfinished`, `unclaimed` or `gone_before_copied`."""
    attachment.state = AttachmentState.ERASED.value
    attachment.settled_at = context.now
    attachment.name = attachment.sha256 = attachment.refused_because = None
    attachment.stored_size = attachment.stored_sha256 = None
    attachment.pieces = []
    context.session.flush()
    record(context, AttachmentErased(**attachment.named, reason=reason))


def clear(context: Context, tenant_id: UUID, attachment_id: UUID) -> None:
    """Remove all bytes of a file that its row no longer names."""
    attachment = held_attachment(context, tenant_id, attachment_id)
    store = process_store()
    kept = attachment.keys_kept()
    store.remove([key for key in store.under(attachment.prefix) if key not in kept])
