"""Sealing and verifying the journal: batches of facts, hash-chained per tenant, so that tampering shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, select, text

from hub.journal.errors import SealedElsewhere
from hub.journal.models import Fact, Seal
from tenants.context import Context

LEAF = 32
_ID = 16
# PostgreSQL counts transactions in 32 bits and an epoch above them.
_COUNTED_BITS = 32

# A fact's digest over everything it says. The moment is written in UTC microseconds, whatever the session's zone.
_LEAVES = text(
    """
    SELECT coalesce(string_agg(
        uuid_send(id) || substring(sha256(convert_to(concat_ws(E'\\x1f',
            id, (extract(epoch FROM at) * 1000000)::bigint, kind, actor_kind, coalesce(actor_id::text, '-'),
            coalesce(case_id::text, '-'), coalesce(ticket_id::text, '-'), coalesce(version::text, '-'), data::text
        ), 'UTF8')) FOR 16), ''::bytea ORDER BY id), ''::bytea) AS leaves
    FROM journal
    WHERE tenant_id = :tenant AND written_by >= :from_writer AND written_by < :to_writer
    """
)
# Every transaction below this number is over: no fact can join theirs any more.
_SETTLED = text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")


class Tampering(StrEnum):
    """What was done to the record."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    CHAIN_BROKEN = "chain_broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the journal is not as it was sealed; `fact_id` is None where the chain itself is broken."""

    tenant_id: UUID
    seal: int
    tampering: Tampering
    fact_id: UUID | None


class _Head(NamedTuple):
    """What a seal says beside its leaves."""

    number: int
    sealed_at: datetime
    from_writer: int
    to_writer: int
    facts: int


def seal_tenant(context: Context, tenant_id: UUID) -> int:
    """Seal what a tenant's settled transactions wrote since its last seal; gives the number of facts sealed.

    Takes a lock per tenant: a second sealer of the same tenant waits. Nothing new makes no seal.
    Raises `SealedElsewhere` after a restore into a server that has counted fewer transactions.
    """
    session = context.session
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 19))"), {"key": f"seal {tenant_id}"}
    )
    last = session.execute(
        select(Seal.number, Seal.to_writer, Seal.digest)
        .where(Seal.tenant_id == tenant_id)
        .order_by(Seal.number.desc())
        .limit(1)
    ).one_or_none()
    from_writer = last.to_writer if last else 0
    settled: int = session.execute(_SETTLED).scalar_one()
    if settled < from_writer:
        raise SealedElsewhere(
            field="journal",
            sealed=from_writer,
            counted=settled,
            epoch=(from_writer >> _COUNTED_BITS) + 1,
        )
    leaves = _leaves(context, tenant_id, from_writer, settled)
    if not leaves:
        return 0
    head = _Head(last.number + 1 if last else 1, context.now, from_writer, settled, len(leaves) // LEAF)
    digest = _link(last.digest if last else b"", head, leaves)
    session.execute(insert(Seal).values(tenant_id=tenant_id, **head._asdict(), leaves=leaves, digest=digest))
    return len(leaves) // LEAF


def verify_tenant(context: Context, tenant_id: UUID) -> Iterator[Finding]:
    """Every place where a tenant's facts differ from its seals.

    Facts younger than the last seal are not covered yet. Edited, deleted and inserted facts are named one by one.
    """
    digest, expected_number, expected_writer = b"", 1, 0
    for seal in context.session.scalars(
        select(Seal)
        .where(Seal.tenant_id == tenant_id)
        .order_by(Seal.number)
        .execution_options(populate_existing=True)
    ):
        head = _Head(seal.number, seal.sealed_at, seal.from_writer, seal.to_writer, seal.facts)
        digest = _link(digest, head, seal.leaves)
        whole = (
            seal.number == expected_number
            and seal.from_writer == expected_writer
            and seal.facts * LEAF == len(seal.leaves)
            and seal.digest == digest
        )
        if not whole:
            yield Finding(tenant_id, seal.number, Tampering.CHAIN_BROKEN, None)
        yield from _differences(context, tenant_id, seal)
        digest, expected_number, expected_writer = seal.digest, seal.number + 1, seal.to_writer


def _differences(context: Context, tenant_id: UUID, seal: Seal) -> Iterator[Finding]:
    found = _leaves(context, tenant_id, seal.from_writer, seal.to_writer)
    if found == seal.leaves:
        return
    was, now = _by_id(seal.leaves), _by_id(found)
    for fact_id in sorted(was.keys() | now.keys()):
        if fact_id not in now:
            tampering = Tampering.DELETED
        elif fact_id not in was:
            tampering = Tampering.INSERTED
        elif was[fact_id] != now[fact_id]:
            tampering = Tampering.EDITED
        else:
            continue
        yield Finding(tenant_id, seal.number, tampering, UUID(bytes=fact_id))


def sealed(context: Context, tenant_id: UUID) -> int:
    """How many facts of a tenant its seals cover."""
    return context.session.scalar(select(func.sum(Seal.facts)).where(Seal.tenant_id == tenant_id)) or 0


def unsealed(context: Context, tenant_id: UUID) -> int:
    """How many facts of a tenant no seal covers yet."""
    bound = select(func.coalesce(func.max(Seal.to_writer), 0)).where(Seal.tenant_id == tenant_id)
    return (
        context.session.scalar(
            select(func.count())
            .select_from(Fact)
            .where(Fact.tenant_id == tenant_id, Fact.written_by >= bound.scalar_subquery())
        )
        or 0
    )


def _leaves(context: Context, tenant_id: UUID, from_writer: int, to_writer: int) -> bytes:
    leaves = context.session.execute(
        _LEAVES, {"tenant": tenant_id, "from_writer": from_writer, "to_writer": to_writer}
    ).scalar_one()
    return bytes(leaves)


def _link(previous: bytes, head: _Head, leaves: bytes) -> bytes:
    moment = head.sealed_at.astimezone(UTC).isoformat()
    said = f"{head.number} {moment} {head.from_writer} {head.to_writer} {head.facts}\n"
    return hashlib.sha256(previous + said.encode() + leaves).digest()


def _by_id(leaves: bytes) -> dict[bytes, bytes]:
    return {
        leaves[start : start + _ID]: leaves[start + _ID : start + LEAF]
        for start in range(0, len(leaves), LEAF)
    }
