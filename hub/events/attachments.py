"""Files. Neither their names nor what is in them come here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hub.events.event import Event


@dataclass(frozen=True, kw_only=True)
class AttachmentUploaded(Event):
    """All bytes of a file have arrived; it is examined before anybody gets it."""

    kind = "attachment.uploaded"
    attachment_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttachmentReady(Event):
    """A file was examined and can be fetched."""

    kind = "attachment.ready"
    attachment_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttachmentRefused(Event):
    """A file is not taken, for a reason its sender is told."""

    kind = "attachment.refused"
    attachment_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class AttachmentAdded(Event):
    """A file became part of a ticket."""

    kind = "attachment.added"
    attachment_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttachmentCarried(Event):
    """A file that the citizen had given another body came along with their case; its bytes follow."""

    kind = "attachment.carried"
    attachment_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttachmentErased(Event):
    """A file is gone: asked for, never finished, never used, or gone from where it was carried from."""

    kind = "attachment.erased"
    attachment_id: UUID
    reason: str
