"""What is done with attached files, a module a verb: taken in, examined, claimed by a ticket, carried, erased, swept."""

from __future__ import annotations

from hub.attachments.actions.carrying import bring, carry
from hub.attachments.actions.claiming import claim
from hub.attachments.actions.erasing import clear, delete
from hub.attachments.actions.examining import examine
from hub.attachments.actions.sweeping import Swept, sweep_orphans
from hub.attachments.actions.uploading import (
    Finished,
    Upload,
    begin_upload,
    finish_upload,
    put_piece,
    upload,
)

__all__ = [
    "Finished",
    "Swept",
    "Upload",
    "begin_upload",
    "bring",
    "carry",
    "claim",
    "clear",
    "delete",
    "examine",
    "finish_upload",
    "put_piece",
    "sweep_orphans",
    "upload",
]
