"""Answers kept for callers who ask again, such as with the same Idempotency-Key: kept with the act, or not at all.

As in draft-ietf-httpapi-idempotency-key-header. The answer is written in the act's own transaction, sealed by the key
itself: whoever reads the database finds neither the key nor what the answer says, which may be a case's PIN.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Row, delete, select, text

from hub.sealing import drawer_of, seal, unseal
from hub.web.errors import BadIdempotencyKey, KeyUsedForSomethingElse
from hub.web.models import KeptAnswerRow
from tenants.context import Context

LEAST: Final = 16
MOST: Final = 128
KEPT_FOR: Final = timedelta(hours=24)
_KEY: Final = re.compile(rf"[!-~]{{{LEAST},{MOST}}}")
_CLAIM: Final = text("SELECT asked, sealed FROM claim_answer(:name, :asked, :until, :moment)")
_LOOK: Final = text("SELECT asked, sealed FROM answer_kept(:name, :moment)")
_KEEP: Final = text("SELECT keep_answer(:name, :sealed)")


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it can be given again: its status, the headers that belong to it, and its body."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Promise:
    """One request under its caller's key: what it is kept under, what was asked, and what seals the answer."""

    name: bytes
    asked: bytes
    sealing: bytes = field(repr=False)


def promise_for(pepper: bytes, caller: str, key: str, asked: bytes) -> Promise:
    """The promise not to do twice what a caller asks under a key of their own choosing.

    Raises `BadIdempotencyKey`: a short key might be somebody else's too.
    """
    if _KEY.fullmatch(key) is None:
        raise BadIdempotencyKey(field="Idempotency-Key", least=LEAST, most=MOST)
    drawer = drawer_of(pepper, f"idempotency {caller} {key}")
    return Promise(name=drawer.name, asked=hashlib.sha256(asked).digest(), sealing=drawer.key)


def answered_before(
    context: Context, promise: Promise, *, kept_for: timedelta = KEPT_FOR
) -> KeptAnswer | None:
    """The answer given before, or None for a first request; a parallel one waits here until that one is decided.

    The answer to a first request will be kept for so long. Raises `KeyUsedForSomethingElse`.
    """
    row = context.session.execute(
        _CLAIM,
        {
            "name": promise.name,
            "asked": promise.asked,
            "until": context.now + kept_for,
            "moment": context.now,
        },
    ).one()
    return _told(promise, row)


def answer_kept(context: Context, promise: Promise) -> KeptAnswer | None:
    """The answer given before, if there is one, for who only wants to see it again: nothing is claimed, nobody waits.

    Raises `KeyUsedForSomethingElse`.
    """
    row = context.session.execute(_LOOK, {"name": promise.name, "moment": context.now}).one_or_none()
    return None if row is None else _told(promise, row)


def keep(context: Context, promise: Promise, answer: KeptAnswer) -> None:
    """Keep what is about to be answered; it is kept if and only if what was done is."""
    written = orjson.dumps([answer.status, answer.headers]) + b"\n" + answer.body
    sealed = seal(promise.sealing, written, promise.asked)
    context.session.execute(_KEEP, {"name": promise.name, "sealed": sealed})


def forget_answers(context: Context, *, limit: int) -> int:
    """Remove answers that were kept long enough, for the hub itself; gives their number."""
    # Found first and removed then: as one statement the planner may ask for the limited rows again and again.
    over = context.session.scalars(
        select(KeptAnswerRow.name)
        .where(KeptAnswerRow.kept_until <= context.now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    context.session.execute(
        delete(KeptAnswerRow).where(KeptAnswerRow.name.in_(over)).execution_options(synchronize_session=False)
    )
    return len(over)


def _told(promise: Promise, row: Row[Any]) -> KeptAnswer | None:
    if not hmac.compare_digest(row.asked, promise.asked):
        raise KeyUsedForSomethingElse(field="Idempotency-Key")
    return None if row.sealed is None else _opened(promise, row.sealed)


def _opened(promise: Promise, sealed: bytes) -> KeptAnswer:
    written = unseal(promise.sealing, sealed, promise.asked)
    head, _, body = written.partition(b"\n")
    told: list[Any] = orjson.loads(head)
    return KeptAnswer(told[0], told[1], body)
