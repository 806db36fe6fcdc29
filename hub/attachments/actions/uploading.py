"""Taking files in, whole or in pieces that may be sent again after a broken line."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC
from tempfile import TemporaryFile
from typing import IO, Final
from uuid import UUID, uuid4

from sqlalchemy import case as case_when
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from hub.attachments.access import upload_for
from hub.attachments.actions.examining import refuse
from hub.attachments.errors import (
    BadChecksum,
    ChecksumDiffers,
    FileEmpty,
    FileTooLarge,
    MoreThanDeclared,
    PieceTooLarge,
    TooManyBytesToday,
    TooManyPieces,
    UploadIncomplete,
    UploadOver,
    WrongOffset,
)
from hub.attachments.images import PhotoPlace, place_of
from hub.attachments.kinds import IMAGES, FileKind, NotAccepted, RefusedBecause
from hub.attachments.models import Allowance, Attachment, AttachmentState, Progress
from hub.attachments.names import cleaned_name, truthful_name
from hub.attachments.originals import mapped, original
from hub.attachments.settings import file_settings
from hub.attachments.sniffing import sniff
from hub.attachments.store import process_store
from hub.events import AttachmentUploaded
from hub.journal.actions import record
from tenants.context import ActorKind, Context
from tenants.errors import NotAllowed
from tenants.permissions import Permission

_MEGABYTE: Final = 1024 * 1024
_SHA256: Final = re.compile("[0-9a-fA-F]{64}")
# Whoever may bring in a case may attach to it, and whoever may write on a ticket.
_UPLOADERS: Final = (Permission.TICKETS_OPEN, Permission.TICKETS_NOTE)


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that was begun: where its pieces go, and how large one may be."""

    id: UUID
    name: str
    size: int
    most_bytes_per_piece: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A file that has arrived: being examined, or refused at once; `place` is where a photo says it was taken.

    The place is offered to the citizen and forgotten: it is kept nowhere unless they send it back as the case's.
    """

    id: UUID
    name: str
    state: AttachmentState
    because: RefusedBecause | None
    place: PhotoPlace | None


def begin_upload(context: Context, *, name: str, size: int) -> Upload:
    """Announce a file of `size` bytes to the context's one tenant, for a citizen, staff or a machine.

    What it is called is cleaned and kept to be shown; what it is, its bytes will say. A citizen bound to a case
    attaches to that case and no other. Raises `NotAllowed`, `FileEmpty`, `FileTooLarge`, `TooManyBytesToday`.
    """
    _demand(context, size)
    _take_allowance(context, size)
    return _insert(context, uuid4(), name, size)


def put_piece(context: Context, attachment_id: UUID, *, offset: int, content: bytes) -> Progress:
    """Add the bytes that begin at `offset` to an upload; the same piece again changes nothing.

    Raises `NotFound`, `UploadOver`, `FileEmpty`, `PieceTooLarge`, `TooManyPieces`, `MoreThanDeclared`, and
    `WrongOffset`, which says where the next piece begins; then nothing is changed.
    """
    attachment = upload_for(context, attachment_id)
    if attachment.state != AttachmentState.UPLOADING:
        raise UploadOver(field="attachment")
    size, digest = _read_piece(content)
    if [offset, size, digest] not in attachment.pieces:
        if offset != attachment.received:
            raise WrongOffset(field="offset", expected=attachment.received)
        _demand_room(attachment, size)
        process_store().write(attachment.piece_key(offset, digest), content)
        attachment.pieces = [*attachment.pieces, [offset, size, digest]]
        attachment.received += size
        context.session.flush()
    return Progress(attachment.received, attachment.size)


def finish_upload(context: Context, attachment_id: UUID, *, sha256: str | None) -> Finished:
    """Close an upload whose bytes have all arrived, by the SHA-256 of the whole file in hex; it is examined next.

    None is for browsers that cannot reckon it: then what arrived counts. Finishing again with the same checksum, or
    without any, gives the same answer. Raises `NotFound`, `BadChecksum`,
    `UploadIncomplete`, `ChecksumDiffers` and `UploadOver`; then nothing is changed.
    """
    expected = _read_checksum(sha256) if sha256 is not None else None
    attachment = upload_for(context, attachment_id)
    if attachment.state != AttachmentState.UPLOADING:
        if expected not in (None, attachment.sha256):
            raise UploadOver(field="attachment")
        return _finished(attachment, _place_again(attachment))
    if attachment.received < attachment.size:
        raise UploadIncomplete(field="attachment", received=attachment.received, size=attachment.size)
    with original(attachment) as (file, digest):
        if expected not in (None, digest):
            raise ChecksumDiffers(field="sha256")
        return _settle(context, attachment, file, digest)


def upload(
    context: Context, *, name: str, content: IO[bytes], size: int, sha256: str | None = None
) -> Finished:
    """Take in a whole file of `size` bytes at once; what `begin_upload` and `finish_upload` say holds here too.

    Raises what they do, but nothing is kept of the rows; bytes already written are swept later.
    """
    _demand(context, size)
    expected = _read_checksum(sha256) if sha256 is not None else None
    settings = file_settings()
    _refuse_beyond_allowance(size, _taken_today(context))
    attachment = Attachment(tenant_id=context.tenant_id, id=uuid4())
    pieces: list[list[object]] = []
    whole, received = hashlib.sha256(), 0
    with TemporaryFile(prefix="hub19-") as file:
        while piece := content.read(settings.bytes_per_piece):
            if received + len(piece) > size:
                raise MoreThanDeclared(field="file", size=size)
            length, digest = _read_piece(piece)
            process_store().write(attachment.piece_key(received, digest), piece)
            pieces.append([received, length, digest])
            whole.update(piece)
            file.write(piece)
            received += length
        file.flush()
        if received < size:
            raise UploadIncomplete(field="file", received=received, size=size)
        if expected not in (None, whole.digest()):
            raise ChecksumDiffers(field="sha256")
        _take_allowance(context, size)
        _insert(context, attachment.id, name, size, pieces=pieces, received=received)
        return _settle(context, upload_for(context, attachment.id), file, whole.digest())


def _demand(context: Context, size: int) -> None:
    may = context.actor.may
    if context.actor.kind is not ActorKind.CITIZEN and not any(
        may(permission, context.tenant_id) for permission in _UPLOADERS
    ):
        raise NotAllowed()
    if size < 1:
        raise FileEmpty(field="file")
    most = file_settings().bytes_per_file
    if size > most:
        raise FileTooLarge(field="file", most=most // _MEGABYTE or 1)


def _insert(
    context: Context,
    attachment_id: UUID,
    name: str,
    size: int,
    *,
    pieces: list[list[object]] | None = None,
    received: int = 0,
) -> Upload:
    called = cleaned_name(name)
    context.session.execute(
        insert(Attachment).values(
            tenant_id=context.tenant_id,
            id=attachment_id,
            case_id=context.case_id,
            internal=False,
            from_citizen=False,
            state=AttachmentState.UPLOADING.value,
            name=called,
            size=size,
            received=received,
            pieces=pieces or [],
            uploaded_by_kind=context.actor.kind.value,
            uploaded_by=context.actor.id,
            created_at=context.now,
        )
    )
    return Upload(attachment_id, called, size, file_settings().bytes_per_piece)


def _read_piece(content: bytes) -> tuple[int, str]:
    """A piece as it is written down: its size and its SHA-256."""
    if not content:
        raise FileEmpty(field="piece")
    most = file_settings().bytes_per_piece
    if len(content) > most:
        raise PieceTooLarge(field="piece", most=most)
    return len(content), hashlib.sha256(content).hexdigest()


def _demand_room(attachment: Attachment, more: int) -> None:
    if attachment.received + more > attachment.size:
        raise MoreThanDeclared(field="piece", size=attachment.size)
    most = file_settings().pieces_per_file
    if len(attachment.pieces) >= most:
        raise TooManyPieces(field="piece", most=most)


def _read_checksum(given: str) -> bytes:
    if _SHA256.fullmatch(given) is None:
        raise BadChecksum(field="sha256")
    return bytes.fromhex(given)


def _settle(context: Context, attachment: Attachment, file: IO[bytes], digest: bytes) -> Finished:
    """An upload that is whole: refused at once for what its first look shows, else examined by a promised job."""
    attachment.sha256 = digest
    try:
        with mapped(file) as content:
            kind = sniff(content)
    except NotAccepted as no:
        refuse(context, attachment, no.because)
        return _finished(attachment, None)
    attachment.media_type = kind.value
    attachment.name = truthful_name(attachment.name or "", kind)
    attachment.state = AttachmentState.SCANNING.value
    context.session.flush()
    record(context, AttachmentUploaded(**attachment.named))
    return _finished(attachment, place_of(file, kind) if kind in IMAGES else None)


def _place_again(attachment: Attachment) -> PhotoPlace | None:
    if attachment.state != AttachmentState.SCANNING or attachment.media_type not in IMAGES:
        return None
    with original(attachment) as (file, _):
        return place_of(file, FileKind(attachment.media_type))


def _finished(attachment: Attachment, place: PhotoPlace | None) -> Finished:
    because = attachment.refused_because
    return Finished(
        attachment.id,
        attachment.name or "",
        AttachmentState(attachment.state),
        RefusedBecause(because) if because else None,
        place,
    )


def _taken_today(context: Context) -> int:
    today = context.now.astimezone(UTC).date()
    taken = context.session.scalar(
        select(Allowance.bytes).where(Allowance.tenant_id == context.tenant_id, Allowance.day == today)
    )
    return taken or 0


def _refuse_beyond_allowance(size: int, taken: int) -> None:
    if taken + size > file_settings().bytes_per_day:
        raise TooManyBytesToday(field="file")


def _take_allowance(context: Context, size: int) -> None:
    """Count the bytes against the tenant's day, unless they go beyond it; parallel uploads count one by one."""
    most, today = file_settings().bytes_per_day, context.now.astimezone(UTC).date()
    _refuse_beyond_allowance(size, 0)
    statement = upsert(Allowance).values(tenant_id=context.tenant_id, day=today, bytes=size)
    before = case_when((Allowance.day == today, Allowance.bytes), else_=0)
    taken = context.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id"],
            set_={"day": today, "bytes": before + size},
            where=before + size <= most,
        ).returning(Allowance.tenant_id)
    ).one_or_none()
    if taken is None:
        raise TooManyBytesToday(field="file")
