"""Files become part of a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from hub.attachments.errors import FileNotFinished, FileRefused, FilesNotKnown, TooManyFiles
from hub.attachments.kinds import RefusedBecause
from hub.attachments.models import AttachmentState
from hub.attachments.settings import file_settings
from hub.attachments.wording import REASONS
from hub.events import AttachmentAdded
from hub.journal.actions import record
from tenants.context import Context

_CLAIM: Final = text(
    "SELECT id, state, refused_because, fresh FROM claim_attachments(:owner, CAST(:wanted AS uuid[]), :by_kind,"
    " CAST(:by_id AS uuid), :for_case, :for_ticket, CAST(:for_entry AS uuid), :for_staff, :of_citizen, :moment)"
)


def claim(
    context: Context,
    ids: Sequence[UUID],
    *,
    tenant_id: UUID,
    case_id: UUID,
    ticket_id: UUID,
    entry_id: UUID | None = None,
    internal: bool = False,
    from_citizen: bool = False,
    field: str = "attachments",
) -> None:
    """Give files to a ticket, all of them or none; the caller has the right to the ticket.

    They may still be examined, and have to be the caller's own uploads; to be claimed by the same ticket again is no
    matter. `entry_id` is what was written with them; `internal` keeps them from the citizen, `from_citizen` lets them
    go where the case goes; `field` names the caller's input.
    Raises `TooManyFiles`, `FilesNotKnown`, `FileNotFinished` and `FileRefused`; then nothing is changed.
    """
    wanted = list(dict.fromkeys(ids))
    most = file_settings().files_per_answer
    if len(wanted) > most:
        raise TooManyFiles(field=field, most=most)
    if not wanted:
        return
    known = context.session.execute(
        _CLAIM,
        {
            "owner": tenant_id,
            "wanted": wanted,
            "by_kind": context.actor.kind.value,
            "by_id": context.actor.id,
            "for_case": case_id,
            "for_ticket": ticket_id,
            "for_entry": entry_id,
            "for_staff": internal,
            "of_citizen": from_citizen,
            "moment": context.now,
        },
    ).all()
    if len(known) < len(wanted):
        raise FilesNotKnown(field=field)
    for row in known:
        if row.fresh and row.state == AttachmentState.UPLOADING:
            raise FileNotFinished(field=field)
        if row.fresh and row.state == AttachmentState.REFUSED:
            raise FileRefused(field=field, reason=REASONS[RefusedBecause(row.refused_because)])
    added = {row.id for row in known if row.fresh}
    if not added:
        return
    record(
        context,
        *(
            AttachmentAdded(tenant_id=tenant_id, case_id=case_id, ticket_id=ticket_id, attachment_id=each)
            for each in wanted
            if each in added
        ),
    )
