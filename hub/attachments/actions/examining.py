"""Looking into a file before anybody else does: scanned, opened, drawn anew; then handed out, or refused."""

from __future__ import annotations

import hashlib
from typing import IO
from uuid import UUID

import structlog

from hub.attachments.access import held_attachment
from hub.attachments.images import drawn_anew
from hub.attachments.kinds import IMAGES, OFFICE, FileKind, NotAccepted, RefusedBecause
from hub.attachments.models import Attachment, AttachmentState
from hub.attachments.office import check_document
from hub.attachments.originals import original
from hub.attachments.scanner import Scanner
from hub.attachments.settings import file_settings
from hub.attachments.store import process_store
from hub.events import AttachmentReady, AttachmentRefused
from hub.journal.actions import record
from tenants.context import Context

_log = structlog.get_logger()


class BytesDiffer(RuntimeError):  # noqa: N818 - says what is wrong with them
    """The store gave other bytes than were put there."""


def examine(context: Context, tenant_id: UUID, attachment_id: UUID) -> None:
    """Examine an uploaded file and have its bytes ready before its row says so; done once, however often it is called.

    A configured scanner looks first; without its verdict the file stays where it is.
    Raises `ScannerUnreachable`, `StoreUnavailable` and `BytesDiffer`, for the job to be tried again.
    """
    attachment = held_attachment(context, tenant_id, attachment_id)
    if attachment.state != AttachmentState.SCANNING:
        return
    kind = FileKind(str(attachment.media_type))
    with original(attachment) as (file, digest):
        if digest != attachment.sha256:
            raise BytesDiffer(f"the store gave other bytes of {attachment.id} than were uploaded")
        settings = file_settings()
        if settings.scanner is not None:
            found = Scanner(settings.scanner, settings.scanner_seconds).scan(file)
            if found is not None:
                _log.warning("virus_found", tenant=str(tenant_id), attachment=str(attachment_id), found=found)
                refuse(context, attachment, RefusedBecause.VIRUS)
                return
        try:
            content = _content(file, kind)
        except NotAccepted as no:
            refuse(context, attachment, no.because)
            return
        _hand_out(context, attachment, content)


def refuse(context: Context, attachment: Attachment, because: RefusedBecause) -> None:
    """Say that a file is not taken, and why; its bytes go after the commit."""
    attachment.state = AttachmentState.REFUSED.value
    attachment.refused_because = because.value
    attachment.settled_at = context.now
    attachment.pieces = []
    context.session.flush()
    record(context, AttachmentRefused(**attachment.named, reason=because.value))


def _content(file: IO[bytes], kind: FileKind) -> bytes:
    limits = file_settings().limits
    if kind in IMAGES:
        return drawn_anew(file, kind, limits.pixels)
    if kind in OFFICE:
        check_document(file, kind, limits)
    file.seek(0)
    return file.read()


def _hand_out(context: Context, attachment: Attachment, content: bytes) -> None:
    digest = hashlib.sha256(content).digest()
    process_store().write(attachment.file_key(digest), content)
    attachment.stored_size = len(content)
    attachment.stored_sha256 = digest
    attachment.state = AttachmentState.READY.value
    attachment.settled_at = context.now
    attachment.pieces = []
    context.session.flush()
    record(context, AttachmentReady(**attachment.named))
