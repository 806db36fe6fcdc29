"""Rate limits: taking from several quotas at once, atomically, whichever process of the hub takes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, select

from tenants.addresses import Address, neighbourhood
from tenants.clock import Clock, DatabaseClock
from tenants.context import Context
from tenants.database import Database
from tenants.errors import Refusal
from tenants.languages import Text
from tenants.models import RateCount
from tenants.quotas import Count, Limit, Taken, standings
from tenants.settings import RateLimitSettings

_SUBJECT_BYTES: Final = 16
_TAKE: Final = (
    "SELECT before, taken, elapsed, refused FROM take_counts(%(subjects)s::bytea[], %(quotas)s::bigint[],"
    " %(spans)s::bigint[], %(moment)s::timestamptz) ORDER BY place"
)


class TooManyRequests(Refusal):
    """A quota is used up for now; nothing was done."""

    says = Text(
        ar="عدد الطلبات أكبر من المسموح به. يُرجى المحاولة بعد {seconds} ثانية.",
        en="There were too many requests. Please try again in {seconds} seconds.",
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """One limit, and the digest of whom it is counted for."""

    limit: Limit
    subject: bytes


def per_key(limit: Limit, key_id: UUID) -> Counted:
    """A limit on one API key."""
    return Counted(limit, _subject(limit, str(key_id), b""))


def per_tenant(limit: Limit, tenant_id: UUID) -> Counted:
    """A limit on all keys of one tenant together."""
    return Counted(limit, _subject(limit, str(tenant_id), b""))


def per_address(limit: Limit, address: Address, *, pepper: bytes, day: date) -> Counted:
    """A limit on one network address, or on the /64 that an IPv6 address lies in.

    The database gets a digest that nobody can turn back without the pepper, and another one each day, so that the
    counts never tell who called twice.
    """
    salt = hmac.digest(pepper, f"rate counts of {day.isoformat()}".encode(), "sha256")
    return Counted(limit, _subject(limit, neighbourhood(address), salt))


def per_contact(limit: Limit, contact: str, *, pepper: bytes, day: date) -> Counted:
    """A limit on one phone number or e-mail address.

    As with network addresses, the counts tell nobody whom they are of, nor that it was the same the day before.
    """
    salt = hmac.digest(pepper, f"rate counts of {day.isoformat()}".encode(), "sha256")
    return Counted(limit, _subject(limit, f"contact {contact}", salt))


def limits_on(
    settings: RateLimitSettings,
    *,
    key_id: UUID | None = None,
    tenant_id: UUID | None = None,
    address: Address | None = None,
) -> list[Counted]:
    """The limits on a request of which this much is known, as the hub's settings say."""
    counted = []
    if key_id is not None:
        counted.append(per_key(Limit("key", settings.key_quota, settings.seconds), key_id))
    if tenant_id is not None:
        counted.append(per_tenant(Limit("tenant", settings.tenant_quota, settings.seconds), tenant_id))
    if address is not None:
        limit = Limit("address", settings.address_quota, settings.seconds)
        pepper = settings.pepper.get_secret_value().encode()
        counted.append(per_address(limit, address, pepper=pepper, day=datetime.now(UTC).date()))
    return counted


def take(database: Database, counted: Sequence[Counted], *, clock: Clock | None = None) -> Taken:
    """Take one from each of several quotas, or from none of them when one is used up.

    A transaction of its own, in one round trip: what is taken stays taken whatever becomes of the request. All
    processes count together; of any number of parallel takers no more get through than the quota allows. Somebody
    who is refused uses up nothing, neither of their own nor of what they share with others.
    """
    if not counted:
        return Taken(())
    chosen = clock or database.clock
    # The database reads its own clock only once it is this caller's turn.
    moment = None if isinstance(chosen, DatabaseClock) else chosen.read(datetime.now(UTC))
    return _standings(counted, database.call(_TAKE, _values(counted, moment)))


def take_within(context: Context, counted: Sequence[Counted]) -> Taken:
    """Take one from each of several quotas, or from none, as part of a unit of work: undone if that is undone.

    For what is rare for each of them; others who take from the same quotas wait until the unit of work ends.
    """
    rows = context.session.connection().exec_driver_sql(_TAKE, _values(counted, context.now)).all()
    return _standings(counted, rows)


def _values(counted: Sequence[Counted], moment: datetime | None) -> dict[str, Any]:
    return {
        "subjects": _array(f'"\\\\x{each.subject.hex()}"' for each in counted),
        "quotas": _array(each.limit.quota for each in counted),
        "spans": _array(each.limit.span for each in counted),
        "moment": moment,
    }


def _standings(counted: Sequence[Counted], rows: Sequence[Row[Any]]) -> Taken:
    return standings(
        [each.limit for each in counted],
        [Count(row.before, row.taken, row.elapsed) for row in rows],
        [row.refused for row in rows],
    )


def sweep_counts(context: Context, *, limit: int) -> int:
    """Remove counts that no longer matter to any quota, for the hub itself; gives their number.

    Counts that somebody is taking from at this moment are left for the next time.
    """
    # Found first and removed then: as one statement the planner may ask for the limited rows again and again.
    over = context.session.scalars(
        select(RateCount.subject)
        .where(RateCount.over_at <= context.now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    context.session.execute(
        delete(RateCount).where(RateCount.subject.in_(over)).execution_options(synchronize_session=False)
    )
    return len(over)


def _array(values: Iterable[object]) -> str:
    # As PostgreSQL reads it; the driver's general way is felt at a thousand requests a second.
    return "{" + ",".join(map(str, values)) + "}"


def _subject(limit: Limit, value: str, salt: bytes) -> bytes:
    # The span belongs to it: windows of another length are numbered otherwise.
    named = f"{limit.name} {limit.seconds} {value}".encode()
    return hmac.new(salt, named, hashlib.sha256).digest()[:_SUBJECT_BYTES]
