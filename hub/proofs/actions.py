"""Asking for a code, entering it, and forgetting those that are over."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, text

from hub.emails import mailbox
from hub.messages.actions import promise_code
from hub.messages.queries import mail_is_sent
from hub.people.actions import verify_contact
from hub.people.contacts import read_email
from hub.people.models import Person
from hub.proofs.codes import code_digest, drawer_for, new_code, new_proof_secret, read_code
from hub.proofs.errors import CodeOver, NoMailHere, WrongCode
from hub.proofs.models import ProofRow
from hub.sealing import Drawer, seal, unseal
from hub.tickets.keys import OpenedCase
from hub.tickets.models import CaseKey
from hub.tickets.settings import key_settings
from tenants.addresses import Address
from tenants.clock import Clock
from tenants.context import CITIZEN, Context
from tenants.database import Database
from tenants.ids import HUB
from tenants.languages import Language
from tenants.quotas import Limit
from tenants.rate_limits import TooManyRequests, per_address, per_contact, take

VALID_FOR: Final = timedelta(minutes=10)
PROVEN_FOR: Final = timedelta(minutes=30)
TRIES: Final = 5
# Fifty guesses a day at one address, of a million codes; and no more mail than an impatient citizen asks for.
_PER_HOUR: Final = Limit("codes", 5, 3_600)
_PER_DAY: Final = Limit("codes", 10, 86_400)
# Behind one address there may be an office, or a whole village.
_PER_NETWORK: Final = Limit("codes", 30, 3_600)

_BEGIN: Final = text("SELECT begin_proof(:name, :sealed, :digest, :until)")
_TRY: Final = text("SELECT sealed, code_digest, tries FROM try_proof(:name, :most, :moment)")
_PROVE: Final = text("SELECT settle_proof(:name, :moment, :until)")


def ask_code(
    database: Database,
    email: str,
    *,
    address: Address | None,
    language: Language = Language.ARABIC,
    clock: Clock | None = None,
) -> str:
    """Send a one-time code to an address; gives a secret for the asking browser, without which the code is none.

    Every address is treated alike, known to the hub or not, in the answer, in what the database has to do and in the
    mail that goes out. `address` is the caller's in the network.
    Raises `EmailRefused`, `NoMailHere`, and `TooManyRequests` for the mail address or the network.
    """
    read = read_email(email)
    if not mail_is_sent():
        raise NoMailHere(field="email")
    _demand_quota(database, read, address, clock)
    secret, code = new_proof_secret(), new_code()
    drawer = _drawer(secret)
    with database.unit_of_work(actor=CITIZEN, tenants=(HUB,), language=language, clock=clock) as context:
        context.session.execute(
            _BEGIN,
            {
                "name": drawer.name,
                "sealed": seal(drawer.key, read.encode(), drawer.name),
                "digest": code_digest(drawer, code),
                "until": context.now + VALID_FOR,
            },
        )
        promise_code(context, read, code, VALID_FOR)
    return secret


def enter_code(
    database: Database,
    secret: str,
    typed: str,
    *,
    case: OpenedCase | None = None,
    language: Language = Language.ARABIC,
    clock: Clock | None = None,
) -> None:
    """Prove an address by the code that was sent to it; `hub.proofs.queries` then shows what it opens, for half an hour.

    With `case`, one that the same citizen opened by its PIN or link, the address is noted as proved on that case if it
    is the one given there, and the person joined to who is known by it. The code alone changes nobody's record: anybody
    may write anybody's address into a report. See docs/decisions/0031-citizens-contacts.md.
    A wrong code is counted although the answer is a refusal. Raises `NotACode`, `WrongCode` and `CodeOver`.
    """
    code, drawer = read_code(typed), _drawer(secret)
    tenants = {HUB} | (case.tenants if case else frozenset())
    with database.unit_of_work(
        actor=CITIZEN,
        tenants=tenants,
        case_id=case.case_id if case else None,
        language=language,
        clock=clock,
    ) as context:
        tried = context.session.execute(
            _TRY, {"name": drawer.name, "most": TRIES, "moment": context.now}
        ).one_or_none()
        if tried is not None and hmac.compare_digest(tried.code_digest, code_digest(drawer, code)):
            context.session.execute(
                _PROVE, {"name": drawer.name, "moment": context.now, "until": context.now + PROVEN_FOR}
            )
            if case is not None:
                _note_on_case(context, unseal(drawer.key, tried.sealed, drawer.name).decode())
            return
    if tried is None or tried.tries >= TRIES:
        raise CodeOver(field="code")
    raise WrongCode(field="code", left=TRIES - tried.tries)


def forget_proofs(context: Context, *, limit: int) -> int:
    """Remove proofs that are over, for the hub itself; gives their number."""
    # Found first and removed then: as one statement the planner may ask for the limited rows again and again.
    over = context.session.scalars(
        select(ProofRow.name)
        .where(ProofRow.expires_at <= context.now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    context.session.execute(
        delete(ProofRow).where(ProofRow.name.in_(over)).execution_options(synchronize_session=False)
    )
    return len(over)


def _demand_quota(database: Database, email: str, address: Address | None, clock: Clock | None) -> None:
    pepper = key_settings().pepper.get_secret_value().encode()
    day = (clock or database.clock).read(datetime.now(UTC)).date()
    counted = [per_contact(limit, mailbox(email), pepper=pepper, day=day) for limit in (_PER_HOUR, _PER_DAY)]
    if address is not None:
        counted.append(per_address(_PER_NETWORK, address, pepper=pepper, day=day))
    taken = take(database, counted, clock=clock)
    if taken.refused:
        raise TooManyRequests(field="email", seconds=taken.retry_after_seconds)


def _drawer(secret: str) -> Drawer:
    drawer = drawer_for(secret)
    if drawer is None:
        raise CodeOver(field="code")
    return drawer


def _note_on_case(context: Context, email: str) -> None:
    person_id = context.session.scalar(select(CaseKey.person_id).where(CaseKey.case_id == context.case_id))
    if person_id is None:
        return
    if context.session.scalar(select(Person.email).where(Person.id == person_id)) == email:
        verify_contact(context, person_id, "email")
