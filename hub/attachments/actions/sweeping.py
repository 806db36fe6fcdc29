"""Cleaning up: uploads nobody finished, files no ticket claimed, and bytes that no row knows of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select, tuple_

from hub.attachments.actions.erasing import erase
from hub.attachments.models import Attachment, AttachmentState
from hub.attachments.settings import file_settings
from hub.attachments.store import FileStore, StoredFile, process_store
from tenants.across import Across, Purpose
from tenants.clock import Clock
from tenants.context import SYSTEM, Context

_ERASED_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Swept:
    """How many files were given up, and how many stored things belonged to none."""

    given_up: int
    orphans: int


def sweep_orphans(across: Across, *, clock: Clock | None = None) -> Swept:
    """Erase what was uploaded in vain, and remove stored bytes that belong to no file.

    Many short transactions: whatever it is stopped in, nothing is lost, and the next round goes on. Bytes are left
    alone until they are old enough that no open transaction can be about to name them, and those of a tenant that
    the door does not show always. Raises `StoreUnavailable`.
    """
    given_up = 0
    while True:
        with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=clock) as context:
            erased = give_up_unused(context)
        given_up += erased
        if erased < _ERASED_AT_ONCE:
            break
    store = process_store()
    orphans = 0
    for batch in store.everything():
        with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=clock) as context:
            orphans += _remove_unknown(context, store, batch)
    with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=clock) as context:
        orphans += store.remove_unfinished(_old_enough(context))
    return Swept(given_up, orphans)


def give_up_unused(context: Context) -> int:
    """Erase some of the uploads that were not finished, and of the files that no ticket claimed, in time; gives their
    number.
    """
    settings = file_settings()
    unfinished = context.now - timedelta(hours=settings.unfinished_hours)
    unclaimed = context.now - timedelta(hours=settings.unclaimed_hours)
    unused = context.session.scalars(
        select(Attachment)
        .where(
            Attachment.tenant_id.in_(context.tenants),
            Attachment.ticket_id.is_(None),
            Attachment.state != AttachmentState.ERASED,
            or_(
                Attachment.created_at < unclaimed,
                and_(Attachment.state == AttachmentState.UPLOADING, Attachment.created_at < unfinished),
            ),
        )
        .order_by(Attachment.created_at)
        .limit(_ERASED_AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for attachment in unused:
        uploading = attachment.state == AttachmentState.UPLOADING
        erase(context, attachment, "unfinished" if uploading else "unclaimed")
    return len(unused)


def _old_enough(context: Context) -> datetime:
    return context.now - timedelta(hours=file_settings().orphan_hours)


def _remove_unknown(context: Context, store: FileStore, batch: Iterable[StoredFile]) -> int:
    old = [each for each in batch if each.written_at < _old_enough(context)]
    owners = {each.key: owner for each in old if (owner := _owner(each.key)) is not None}
    held, not_held = _rows_of(context, {owner for owner in owners.values() if owner[0] in context.tenants})
    kept = {key for row in held for key in row.keys_kept()}
    unknown = [
        key
        for key, owner in owners.items()
        if owner[0] in context.tenants and owner not in not_held and key not in kept
    ]
    store.remove(unknown)
    return len(unknown)


def _rows_of(
    context: Context, owners: set[tuple[UUID, UUID]]
) -> tuple[Sequence[Attachment], set[tuple[UUID, UUID]]]:
    """The rows of files, held, so that nobody is writing bytes for them meanwhile; and which are held elsewhere."""
    named = (
        Attachment.tenant_id.in_({tenant_id for tenant_id, _ in owners}),
        tuple_(Attachment.tenant_id, Attachment.id).in_(owners),
    )
    there = context.session.execute(select(Attachment.tenant_id, Attachment.id).where(*named))
    not_held = {(tenant_id, attachment_id) for tenant_id, attachment_id in there}
    held = context.session.scalars(
        select(Attachment)
        .where(*named)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    return held, not_held - {(row.tenant_id, row.id) for row in held}


def _owner(key: str) -> tuple[UUID, UUID] | None:
    """The tenant and the file that a key names; None for what the hub did not write."""
    parts = key.split("/")
    try:
        return UUID(parts[0]), UUID(parts[1])
    except (ValueError, IndexError):
        return None
