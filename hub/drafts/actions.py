"""Keeping an unsent report, dropping it once it is sent, and forgetting what was left too long."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, text

from hub.drafts.content import Draft, written
from hub.drafts.errors import DraftChangedElsewhere, DraftOver
from hub.drafts.models import DraftRow
from hub.drafts.secrets import drawer_for
from hub.sealing import seal
from tenants.context import ActorKind, Context
from tenants.errors import NotAllowed, NotFound

KEPT_FOR: Final = timedelta(days=7)
_KEEP: Final = text("SELECT taken, version, over FROM keep_draft(:name, :sealed, :version, :until, :moment)")
_DROP: Final = text("SELECT drop_draft(:name)")


def keep_draft(context: Context, secret: str, draft: Draft, *, version: int) -> int:
    """Keep what a citizen has typed so far, for seven days from now; gives the new version.

    `version` is the one the page was made from, 0 for a new report. A report that nobody touched for so long that it
    was forgotten is taken as it comes. Raises `DraftChangedElsewhere` when a later one is kept, `DraftOver` when it
    was sent or discarded, `DraftTooLarge`, `DraftUnreadable`, `NotFound` for a secret that is none, and `NotAllowed`
    for anybody but citizens; then what was kept stays as it was.
    """
    if context.actor.kind is not ActorKind.CITIZEN:
        raise NotAllowed()
    drawer = drawer_for(secret)
    if drawer is None:
        raise NotFound(field="draft")
    row = context.session.execute(
        _KEEP,
        {
            "name": drawer.name,
            "sealed": seal(drawer.key, written(draft), drawer.name),
            "version": version,
            "until": context.now + KEPT_FOR,
            "moment": context.now,
        },
    ).one()
    if not row.taken:
        raise DraftOver(field="draft") if row.over else DraftChangedElsewhere(field="version")
    kept: int = row.version
    return kept


def drop_draft(context: Context, secret: str) -> None:
    """Erase an unsent report, in the unit of work that sends it or because its citizen asked; its secret is used up.

    Does nothing where there is none. Raises `NotAllowed` for anybody but citizens.
    """
    if context.actor.kind is not ActorKind.CITIZEN:
        raise NotAllowed()
    drawer = drawer_for(secret)
    if drawer is not None:
        context.session.execute(_DROP, {"name": drawer.name})


def forget_drafts(context: Context, *, limit: int) -> int:
    """Remove unsent reports that were left long enough, for the hub itself; gives their number."""
    # Found first and removed then: as one statement the planner may ask for the limited rows again and again.
    over = context.session.scalars(
        select(DraftRow.name)
        .where(DraftRow.kept_until <= context.now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    context.session.execute(
        delete(DraftRow).where(DraftRow.name.in_(over)).execution_options(synchronize_session=False)
    )
    return len(over)
