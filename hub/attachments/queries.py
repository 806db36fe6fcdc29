"""Seeing and fetching attached files: how an upload stands, a ticket's files, their bytes, and links to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from hub.attachments.access import (
    attachment_for,
    attachment_of_link,
    attachments_visible_to,
    upload_for,
)
from hub.attachments.errors import DownloadLinkRefused, FileNotReady, FileRefused
from hub.attachments.kinds import RefusedBecause
from hub.attachments.links import FileLink, read_link, write_link
from hub.attachments.models import Attachment, AttachmentState, Progress
from hub.attachments.settings import file_settings
from hub.attachments.store import BytesMissing, process_store
from hub.attachments.wording import REASONS
from tenants.clock import Clock
from tenants.context import CITIZEN, Context
from tenants.database import Database
from tenants.errors import NotFound
from tenants.languages import Language, Text

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file as people see it listed; `size` in bytes is that of the download once there is one.

    `entry_id` is what was written with it; `from_citizen` says whether the citizen gave it.
    """

    id: UUID
    tenant_id: UUID
    ticket_id: UUID | None
    entry_id: UUID | None
    from_citizen: bool
    name: str
    state: AttachmentState
    media_type: str | None
    size: int
    internal: bool
    uploaded_at: datetime
    refused_because: RefusedBecause | None
    reason: Text | None


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way out: its bytes in chunks, and what is to be said of it; always as a download, never a page."""

    name: str
    media_type: str
    size: int
    sha256: bytes
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """What opens one file until a moment, for whoever holds it."""

    token: str = field(repr=False)
    expires_at: datetime


def progress_of(context: Context, attachment_id: UUID) -> Progress:
    """How much of an upload has arrived, for whoever uploads it and goes on after a broken line.

    Raises `NotFound`.
    """
    attachment = upload_for(context, attachment_id, held=False)
    return Progress(attachment.received, attachment.size)


def attachment_view(context: Context, attachment_id: UUID) -> AttachmentView:
    """One file as it stands; raises `NotFound`."""
    return _view(attachment_for(context, attachment_id))


def attachments_of_ticket(context: Context, ticket_id: UUID) -> Sequence[AttachmentView]:
    """The files of a ticket that the context may see, as they came to it; none for other tickets."""
    rows = context.session.scalars(
        attachments_visible_to(context)
        .where(Attachment.ticket_id == ticket_id)
        .order_by(Attachment.claimed_at, Attachment.created_at, Attachment.id)
    )
    return [_view(row) for row in rows]


def read(context: Context, attachment_id: UUID) -> Download:
    """A file's bytes, for whoever may see it; they may be taken after the unit of work has ended.

    Raises `NotFound`, `FileNotReady`, `FileRefused` and `StoreUnavailable`.
    """
    return _download(_ready(attachment_for(context, attachment_id)))


def make_link(context: Context, attachment_id: UUID) -> DownloadLink:
    """A short-lived link to a file, for whoever may see it and wants a browser to fetch it.

    Raises `NotFound`, `FileNotReady` and `FileRefused`.
    """
    attachment = _ready(attachment_for(context, attachment_id))
    settings = file_settings()
    expires_at = (context.now + timedelta(seconds=settings.link_seconds)).replace(microsecond=0)
    link = FileLink(attachment.tenant_id, attachment.id, expires_at)
    return DownloadLink(write_link(settings.pepper.get_secret_value().encode(), link), expires_at)


def open_link(
    database: Database, token: str, *, language: Language = Language.ARABIC, clock: Clock | None = None
) -> Download:
    """The file of a link, for whoever holds it, in a unit of work of its own that sees the one tenant.

    Raises `DownloadLinkRefused` for what is no link, is over, or leads to a file that is gone, and
    `StoreUnavailable`.
    """
    link = read_link(file_settings().pepper.get_secret_value().encode(), token)
    if link is None:
        raise DownloadLinkRefused(field="link")
    with database.unit_of_work(
        actor=CITIZEN, tenants=(link.tenant_id,), language=language, clock=clock
    ) as context:
        attachment = attachment_of_link(context, link.attachment_id)
        if attachment is None or link.expires_at <= context.now:
            raise DownloadLinkRefused(field="link")
    try:
        return _download(attachment)
    except NotFound:
        raise DownloadLinkRefused(field="link") from None


def _ready(attachment: Attachment) -> Attachment:
    if attachment.state == AttachmentState.REFUSED:
        raise FileRefused(field="attachment", reason=REASONS[RefusedBecause(str(attachment.refused_because))])
    if attachment.state != AttachmentState.READY:
        raise FileNotReady(field="attachment")
    return attachment


def _download(attachment: Attachment) -> Download:
    assert attachment.stored_sha256 is not None  # noqa: S101 - the database holds ready files to that
    assert attachment.stored_size is not None  # noqa: S101
    try:
        chunks = process_store().read(attachment.file_key(attachment.stored_sha256))
    except BytesMissing:
        # Erased since its row was read; otherwise the store has lost something, which somebody has to hear of.
        _log.error("file_missing", tenant=str(attachment.tenant_id), attachment=str(attachment.id))
        raise NotFound(field="attachment") from None
    return Download(
        attachment.name or "",
        attachment.media_type or "application/octet-stream",
        attachment.stored_size,
        attachment.stored_sha256,
        chunks,
    )


def _view(attachment: Attachment) -> AttachmentView:
    because = RefusedBecause(attachment.refused_because) if attachment.refused_because else None
    return AttachmentView(
        attachment.id,
        attachment.tenant_id,
        attachment.ticket_id,
        attachment.entry_id,
        attachment.from_citizen,
        attachment.name or "",
        AttachmentState(attachment.state),
        attachment.media_type,
        attachment.stored_size or attachment.size,
        attachment.internal,
        attachment.created_at,
        because,
        REASONS[because] if because else None,
    )
