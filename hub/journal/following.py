"""Following the journal as it is written: every fact of a tenant's tickets, none missed, whichever commits first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, select, text

from hub.journal.models import Fact
from tenants.context import Context

# id, at, kind, ticket_id, version, written_by
FollowedFact = Row[UUID, datetime, str, UUID | None, int | None, int]

_POSITION: Final = re.compile(r"([0-9]{1,18})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a follower has come: all that transactions below `low` wrote is known to it, and beyond that `seen`.

    Facts become visible when their transactions commit, which is in no order of theirs: a fact may appear behind one
    that was read long ago, as long as a transaction older than that is open.
    """

    low: int
    seen: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Followed:
    """Facts that a follower did not know, and how far it has come with them."""

    facts: Sequence[FollowedFact]
    position: Position


def write_position(low: int, fact_id: UUID) -> str:
    """Where a follower stands after a fact, as it may tell it when it comes back."""
    return f"{low}-{fact_id}"


def read_position(told: str) -> Position | None:
    """Where a follower stood that comes back; None for what is no position.

    Facts beside the last one may come again: of those that were under way at the time only the last is known.
    """
    read = _POSITION.fullmatch(told)
    return None if read is None else Position(int(read[1]), frozenset({UUID(read[2])}))


def position_now(context: Context, tenant_id: UUID) -> Position:
    """Where a follower stands that wants to hear only of what is still to come."""
    low = _oldest_open(context)
    rows = context.session.scalars(
        select(Fact.id).where(
            Fact.tenant_id == tenant_id, Fact.ticket_id.is_not(None), Fact.written_by >= low
        )
    )
    return Position(low, frozenset(rows))


def facts_after(context: Context, tenant_id: UUID, position: Position, *, limit: int) -> Followed:
    """The facts of a tenant's tickets that a follower does not know yet, at most `limit` of them."""
    # Read first: whatever was written below it is there to be seen by the statement that follows.
    low = _oldest_open(context)
    rows = context.session.execute(
        select(Fact.id, Fact.at, Fact.kind, Fact.ticket_id, Fact.version, Fact.written_by)
        .where(
            Fact.tenant_id == tenant_id,
            Fact.tenant_id.in_(context.tenants),
            Fact.ticket_id.is_not(None),
            Fact.written_by >= position.low,
            Fact.id.not_in(position.seen),
        )
        .order_by(Fact.written_by, Fact.id)
        .limit(limit)
    ).all()
    if len(rows) == limit:
        low = min(low, rows[-1].written_by)
    low = max(low, position.low)
    known = position.seen | {row.id for row in rows}
    recent = {row.id for row in rows if row.written_by >= low}
    if position.seen:
        recent |= set(
            context.session.scalars(
                select(Fact.id).where(
                    Fact.tenant_id == tenant_id, Fact.written_by >= low, Fact.id.in_(position.seen)
                )
            )
        )
    return Followed(rows, Position(low, frozenset(recent & known)))


def _oldest_open(context: Context) -> int:
    """The oldest transaction of the server that may still write; all older ones have ended."""
    return int(
        context.session.execute(
            text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        ).scalar_one()
    )
