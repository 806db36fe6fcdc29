"""The citizen's files go along with a case that is handed on: rows at once, bytes by a job after the commit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from tempfile import TemporaryFile
from uuid import UUID

from sqlalchemy import insert

from hub.attachments.access import held_attachment
from hub.attachments.actions.erasing import erase
from hub.attachments.actions.examining import BytesDiffer, refuse
from hub.attachments.kinds import RefusedBecause
from hub.attachments.models import Attachment, AttachmentState
from hub.attachments.store import process_store
from hub.events import AttachmentCarried, AttachmentReady, AttachmentUploaded
from hub.journal.actions import record
from tenants.context import Context, set_fence


def carry(
    context: Context, files: Mapping[UUID, Attachment], *, tenant_id: UUID, case_id: UUID, ticket_id: UUID
) -> None:
    """Give another tenant's ticket on the same case files of its own, by their new ids; their bytes are on the way.

    For a context that reaches both tenants of the case. Who of the first body took a file in is not told.
    """
    if not files:
        return
    context.session.execute(
        insert(Attachment),
        [
            {
                "tenant_id": tenant_id,
                "id": new,
                "case_id": case_id,
                "ticket_id": ticket_id,
                "claimed_at": context.now,
                "internal": False,
                "from_citizen": True,
                "copied_from_tenant": file.tenant_id,
                "copied_from": file.id,
                "origin": file.origin or file.id,
                "state": AttachmentState.COPYING.value,
                "name": file.name,
                "size": file.size,
                "received": file.received,
                "pieces": [],
                "sha256": file.sha256,
                "media_type": file.media_type,
                "uploaded_by_kind": file.uploaded_by_kind,
                "created_at": file.created_at,
            }
            for new, file in files.items()
        ],
    )
    record(
        context,
        *(
            AttachmentCarried(tenant_id=tenant_id, case_id=case_id, ticket_id=ticket_id, attachment_id=new)
            for new in files
        ),
    )


def bring(context: Context, tenant_id: UUID, attachment_id: UUID) -> None:
    """Bring a carried file's bytes over and let it stand as its source does; done once, however often it is called.

    The bytes are there before the row says so. A source still being examined is brought as it was uploaded and
    examined again; one that is itself still on the way is passed over for where it comes from.
    Raises `StoreUnavailable`, `BytesMissing` and `BytesDiffer`, for the job to be tried again.
    """
    attachment = held_attachment(context, tenant_id, attachment_id)
    if attachment.state != AttachmentState.COPYING:
        return
    source = _source(context, attachment)
    match AttachmentState(source.state):
        case AttachmentState.READY:
            _bring_file(source, attachment)
            attachment.settled_at = context.now
            fact: type[AttachmentReady | AttachmentUploaded] = AttachmentReady
        case AttachmentState.SCANNING:
            _bring_pieces(source, attachment)
            fact = AttachmentUploaded
        case AttachmentState.REFUSED:
            refuse(context, attachment, RefusedBecause(str(source.refused_because)))
            return
        case _:
            erase(context, attachment, "gone_before_copied")
            return
    context.session.flush()
    record(context, fact(**attachment.named))


def _source(context: Context, attachment: Attachment) -> Attachment:
    """The row to copy from, held: the job reaches into the other tenant for this case alone."""
    source = attachment
    while source.state == AttachmentState.COPYING:
        assert attachment.case_id is not None  # noqa: S101 - the database holds copies to all three
        assert source.copied_from_tenant is not None  # noqa: S101
        assert source.copied_from is not None  # noqa: S101
        there = replace(context, case_id=attachment.case_id, tenants=frozenset({source.copied_from_tenant}))
        source = held_attachment(set_fence(there), source.copied_from_tenant, source.copied_from)
    set_fence(context)
    return source


def _bring_file(source: Attachment, attachment: Attachment) -> None:
    assert source.stored_sha256 is not None  # noqa: S101 - the database holds ready files to that
    digest = hashlib.sha256()
    with TemporaryFile(prefix="hub19-") as file:
        for chunk in process_store().read(source.file_key(source.stored_sha256)):
            digest.update(chunk)
            file.write(chunk)
        if digest.digest() != source.stored_sha256:
            raise BytesDiffer(f"the store gave other bytes of {source.id} than were put there")
        file.seek(0)
        process_store().write(attachment.file_key(source.stored_sha256), file)
    attachment.stored_size = source.stored_size
    attachment.stored_sha256 = source.stored_sha256
    attachment.media_type = source.media_type
    attachment.state = AttachmentState.READY.value


def _bring_pieces(source: Attachment, attachment: Attachment) -> None:
    for offset, _, sha256 in source.pieces:
        piece = b"".join(process_store().read(source.piece_key(offset, sha256)))
        if hashlib.sha256(piece).hexdigest() != sha256:
            raise BytesDiffer(f"the store gave other bytes of {source.id} than were put there")
        process_store().write(attachment.piece_key(offset, sha256), piece)
    attachment.pieces = list(source.pieces)
    attachment.state = AttachmentState.SCANNING.value
