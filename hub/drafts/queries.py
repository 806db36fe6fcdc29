"""Finding an unsent report again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from hub.drafts.content import Draft, read
from hub.drafts.secrets import drawer_for
from hub.sealing import NotSealedHere, unseal
from tenants.context import ActorKind, Context

_OPEN: Final = text("SELECT sealed, version, kept_until FROM open_draft(:name, :moment)")


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft as it is kept: its version, to be named when more is kept, and how long it stays."""

    draft: Draft
    version: int
    kept_until: datetime


def draft_of(context: Context, secret: str) -> KeptDraft | None:
    """The unsent report of whoever holds the secret; None when there is none, any more or yet.

    For citizens alone: to staff and machines there are no drafts.
    """
    drawer = drawer_for(secret)
    if drawer is None or context.actor.kind is not ActorKind.CITIZEN:
        return None
    row = context.session.execute(_OPEN, {"name": drawer.name, "moment": context.now}).one_or_none()
    if row is None:
        return None
    try:
        content = unseal(drawer.key, row.sealed, drawer.name)
    except NotSealedHere:
        # Somebody changed the row; there is nothing of the citizen's left in it.
        return None
    return KeptDraft(read(content), row.version, row.kept_until)
