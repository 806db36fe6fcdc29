"""The citizen's way to their case: its number with the PIN, or the link with its secret; and the throttle on guessing.

Whoever has shown either can be given a pass, so that a browser need not keep what opens the case for ever.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import case as case_when
from sqlalchemy import delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from hub.digits import latin_digits
from hub.events import KeysThrottled
from hub.journal.actions import record
from hub.tickets.errors import Throttled, WrongKey, WrongLink
from hub.tickets.models import CaseKey, CaseTenant, KeyAttempts
from hub.tickets.numbers import PIN_DIGITS, pin_digest, read_number, secret_digest
from hub.tickets.settings import KeySettings, key_settings
from tenants.clock import Clock
from tenants.context import CITIZEN, Context
from tenants.database import Database
from tenants.ids import HUB, new_id
from tenants.languages import Language

_LONGEST_SECRET = 100
_CLEARED_AT_ONCE = 20
_LONGEST_PASS = 100
_UNTIL_BYTES = 8
# What a case without keys is compared with: the digest of nothing, so of no PIN and no secret.
_NO_DIGEST = bytes(32)


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case somebody holds the key to: with it and its tenants a citizen's unit of work is asked for."""

    case_id: UUID
    tenants: frozenset[UUID]


def case_by_pin(
    database: Database,
    number: str,
    pin: str,
    *,
    language: Language = Language.ARABIC,
    clock: Clock | None = None,
) -> OpenedCase:
    """The case of a number, for whoever knows its PIN; both may be typed in any digits, with spaces and hyphens.

    A unit of work of its own, which is kept although the answer is a refusal: the wrong PIN is counted in it.
    Every number is treated alike, a case's or not, in the answers, in the throttle and in what the database has to
    do, so that nobody learns which numbers exist. Wrong PINs beyond the free ones are looked at only after a wait
    that doubles each time; the link's secret opens the case all the while.
    Raises `WrongNumber`, `WrongKey` and `Throttled`.
    """
    digits = read_number(number)
    typed = "".join(latin_digits(pin).split())
    if not (len(typed) == PIN_DIGITS and typed.isascii() and typed.isdigit()):
        # No PIN at all: it could open nothing, so it costs no attempt.
        raise WrongKey(field="pin")
    with database.unit_of_work(actor=CITIZEN, tenants=(HUB,), language=language, clock=clock) as context:
        attempts = _attempts_on(context, digits)
        if attempts.locked_until is not None and attempts.locked_until > context.now:
            refusal: Throttled | WrongKey = _throttled(context, attempts.locked_until)
        else:
            bound, stored = _keys_of(context, digits)
            expected = stored.pin_digest if stored else _NO_DIGEST
            given = pin_digest(key_settings().pepper.get_secret_value().encode(), _case_of(bound), typed)
            if hmac.compare_digest(expected, given):
                context.session.execute(
                    delete(KeyAttempts).where(KeyAttempts.tenant_id == HUB, KeyAttempts.number == digits)
                )
                return _opened(bound)
            _count_failure(context, digits, attempts.failures + 1, _case_of(bound) if stored else None)
            refusal = WrongKey(field="pin")
        _clear_forgotten(context)
    raise refusal


def case_by_secret(
    database: Database,
    number: str,
    secret: str,
    *,
    language: Language = Language.ARABIC,
    clock: Clock | None = None,
) -> OpenedCase:
    """The case of a number, for whoever holds the secret of its link.

    A secret has 256 random bits: guessing is hopeless, so nothing is counted, and a citizen whose PIN somebody
    else is guessing at still gets in. Raises `WrongNumber` and `WrongLink`.
    """
    digits = read_number(number)
    if not secret.isascii() or len(secret) > _LONGEST_SECRET:
        raise WrongLink(field="secret")
    with database.unit_of_work(actor=CITIZEN, tenants=(HUB,), language=language, clock=clock) as context:
        bound, stored = _keys_of(context, digits)
        expected = stored.secret_digest if stored else _NO_DIGEST
        if hmac.compare_digest(expected, secret_digest(secret)):
            return _opened(bound)
    raise WrongLink(field="secret")


def pass_to(database: Database, opened: OpenedCase, *, lasting: timedelta, clock: Clock | None = None) -> str:
    """A pass to a case that somebody has just opened by its PIN or secret, good for so long and for this case alone.

    It is signed with the hub's pepper over both keys of the case: when these are replaced, every pass is void. Nothing
    is kept of it, so that a single one cannot be taken back; let it last no longer than a visit.
    """
    with database.unit_of_work(actor=CITIZEN, tenants=(HUB,), clock=clock) as context:
        bound = context.reaching(opened.case_id)
        stored = bound.session.scalars(select(CaseKey).where(CaseKey.case_id == bound.case_id)).one()
        until = int((context.now + lasting).timestamp()).to_bytes(_UNTIL_BYTES)
        return urlsafe_b64encode(until + _signature(stored, until)).rstrip(b"=").decode()


def case_by_pass(
    database: Database,
    number: str,
    presented: str,
    *,
    language: Language = Language.ARABIC,
    clock: Clock | None = None,
) -> OpenedCase:
    """The case of a number, for whoever holds a pass to it that is still good; wrong PINs of others do not matter.

    Raises `WrongNumber`, and `WrongLink` for a pass that is over, to another case, or none at all.
    """
    digits = read_number(number)
    until, signature = _read_pass(presented)
    with database.unit_of_work(actor=CITIZEN, tenants=(HUB,), language=language, clock=clock) as context:
        bound, stored = _keys_of(context, digits)
        # Anybody can write a signature that is all zeros: what no case has signed opens nothing, whatever it says.
        if (
            stored is not None
            and hmac.compare_digest(_signature(stored, until), signature)
            and context.now.timestamp() < int.from_bytes(until)
        ):
            return _opened(bound)
    raise WrongLink(field="pass")


def _read_pass(presented: str) -> tuple[bytes, bytes]:
    try:
        read = urlsafe_b64decode(presented[:_LONGEST_PASS] + "==") if presented.isascii() else b""
    except ValueError:
        read = b""
    return read[:_UNTIL_BYTES], read[_UNTIL_BYTES:]


def _signature(stored: CaseKey, until: bytes) -> bytes:
    pepper = key_settings().pepper.get_secret_value().encode()
    about = b"case pass" + stored.case_id.bytes + stored.pin_digest + stored.secret_digest + until
    return hmac.digest(pepper, about, "sha256")


def _attempts_on(context: Context, number: str) -> KeyAttempts:
    """What was tried on a number so far; holds the row, so that parallel attempts come one after the other."""
    fresh = {
        "failures": 0,
        "locked_until": None,
        "forgotten_at": context.now + timedelta(seconds=key_settings().forgotten_after_seconds),
    }
    remembered = KeyAttempts.forgotten_at > context.now
    return context.session.execute(
        insert(KeyAttempts)
        .values(tenant_id=HUB, number=number, **fresh)
        .on_conflict_do_update(
            index_elements=["tenant_id", "number"],
            set_={
                "failures": case_when((remembered, KeyAttempts.failures), else_=0),
                "locked_until": case_when((remembered, KeyAttempts.locked_until), else_=None),
            },
        )
        .returning(KeyAttempts)
        .execution_options(populate_existing=True)
    ).scalar_one()


def _keys_of(context: Context, number: str) -> tuple[Context, CaseKey | None]:
    """A context bound to the case of a number, and its keys; bound to nothing that exists if there is none."""
    case_id: UUID | None = context.session.execute(
        text("SELECT case_of_number(:number)"), {"number": number}
    ).scalar_one()
    bound = context.reaching(case_id or new_id())
    return bound, bound.session.scalar(select(CaseKey).where(CaseKey.case_id == bound.case_id))


def _case_of(bound: Context) -> UUID:
    assert bound.case_id is not None  # noqa: S101 - `_keys_of` bound it
    return bound.case_id


def _opened(bound: Context) -> OpenedCase:
    tenants = bound.session.scalars(select(CaseTenant.tenant_id).where(CaseTenant.case_id == bound.case_id))
    return OpenedCase(_case_of(bound), frozenset(tenants))


def _count_failure(context: Context, number: str, failures: int, case_id: UUID | None) -> None:
    settings = key_settings()
    until = _wait_until(context.now, failures, settings)
    kept = context.now + timedelta(seconds=settings.forgotten_after_seconds)
    context.session.execute(
        update(KeyAttempts)
        .where(KeyAttempts.tenant_id == HUB, KeyAttempts.number == number)
        .values(failures=failures, locked_until=until, forgotten_at=max(kept, until or kept))
        .execution_options(synchronize_session=False)
    )
    if until is not None:
        record(context, KeysThrottled(tenant_id=HUB, case_id=case_id, until=until))


def _wait_until(now: datetime, failures: int, settings: KeySettings) -> datetime | None:
    beyond = failures - settings.free_attempts
    if beyond < 0:
        return None
    # Past some doublings the longest wait rules anyway, and the power would leave the range of numbers.
    wait = settings.first_wait_seconds * 2 ** min(beyond, 60)
    return now + timedelta(seconds=min(wait, settings.longest_wait_seconds))


def _throttled(context: Context, until: datetime) -> Throttled:
    return Throttled(field="pin", minutes=max(1, ceil((until - context.now).total_seconds() / 60)))


def _clear_forgotten(context: Context) -> None:
    """Each attempt adds a row at most and clears several old ones, so that guessing cannot fill the table."""
    old = (
        select(KeyAttempts.tenant_id, KeyAttempts.number)
        .where(KeyAttempts.tenant_id == HUB, KeyAttempts.forgotten_at <= context.now)
        .limit(_CLEARED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    context.session.execute(
        delete(KeyAttempts)
        .where(KeyAttempts.tenant_id == HUB, tuple_(KeyAttempts.tenant_id, KeyAttempts.number).in_(old))
        .execution_options(synchronize_session=False)
    )
