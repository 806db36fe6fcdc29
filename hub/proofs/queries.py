"""What a proved address shows: the cases that were opened with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from hub.catalogue.models import Service
from hub.proofs.codes import drawer_for
from hub.proofs.errors import CodeOver
from hub.sealing import unseal
from hub.tickets.keys import OpenedCase
from hub.tickets.lifecycle import Status
from hub.tickets.models import Case, CaseTenant, Ticket
from hub.tickets.numbers import read_number
from tenants.clock import Clock
from tenants.context import CITIZEN, Context
from tenants.database import Database
from tenants.errors import NotFound
from tenants.ids import HUB
from tenants.languages import Language, Text
from tenants.models import Tenant

MOST: Final = 50
_PROVEN: Final = text("SELECT proven_address(:name, :moment)")
_CASES: Final = text("SELECT case_id FROM cases_of_email(:email, :most)")


@dataclass(frozen=True, slots=True)
class Part:
    """One body's part in a case, as a list names it."""

    service: Text
    body: Text
    status: Status


@dataclass(frozen=True, slots=True)
class ProvenCase:
    """A case in the list of its citizen; nothing of what was said in it."""

    number: str
    opened_at: datetime
    closed_at: datetime | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Proven:
    """A proved address, and the cases that it shows, the newest first."""

    email: str = field(repr=False)
    cases: tuple[ProvenCase, ...]


def proven_cases(database: Database, secret: str, *, clock: Clock | None = None) -> Proven:
    """The cases that were opened with the address whose code was entered under this secret, 50 at most.

    A confidential case is among them only when the address was proved on that case itself.
    Raises `CodeOver` when none was entered, or not within the last half hour.
    """
    with _proven(database, secret, Language.ARABIC, clock) as (context, email):
        cases = [_listed(context, case_id) for case_id in _cases(context, email)]
    return Proven(email, tuple(sorted(cases, key=lambda case: case.opened_at, reverse=True)))


def case_by_proof(database: Database, secret: str, number: str, *, clock: Clock | None = None) -> OpenedCase:
    """One of the cases that `proven_cases` lists, opened for its citizen.

    Raises `WrongNumber`, `CodeOver`, and `NotFound` for every case that is not listed, whether there is one or not.
    """
    digits = read_number(number)
    with _proven(database, secret, Language.ARABIC, clock) as (context, email):
        for case_id in _cases(context, email):
            bound = context.reaching(case_id)
            if bound.session.scalar(select(Case.number).where(Case.id == case_id)) == digits:
                return OpenedCase(case_id, frozenset(_tenants(bound, case_id)))
    raise NotFound(field="number")


@contextmanager
def _proven(
    database: Database, secret: str, language: Language, clock: Clock | None
) -> Iterator[tuple[Context, str]]:
    drawer = drawer_for(secret)
    if drawer is None:
        raise CodeOver(field="code")
    with database.unit_of_work(actor=CITIZEN, tenants=(HUB,), language=language, clock=clock) as context:
        sealed = context.session.execute(_PROVEN, {"name": drawer.name, "moment": context.now}).scalar_one()
        if sealed is None:
            raise CodeOver(field="code")
        yield context, unseal(drawer.key, sealed, drawer.name).decode()


def _cases(context: Context, email: str) -> list[UUID]:
    return list(context.session.scalars(_CASES, {"email": email, "most": MOST}))


def _tenants(bound: Context, case_id: UUID) -> list[UUID]:
    return list(bound.session.scalars(select(CaseTenant.tenant_id).where(CaseTenant.case_id == case_id)))


def _listed(context: Context, case_id: UUID) -> ProvenCase:
    bound = context.reaching(case_id)
    tenants = _tenants(bound, case_id)
    within = bound.reaching(case_id, *tenants)
    case = within.session.get_one(Case, case_id)
    rows = within.session.execute(
        select(Service.name, Tenant.short_name, Ticket.status)
        .join(Service, (Service.tenant_id == Ticket.tenant_id) & (Service.id == Ticket.service_id))
        .join(Tenant, Tenant.id == Ticket.tenant_id)
        .where(
            Ticket.tenant_id.in_(tenants),
            Ticket.case_id == case_id,
            # Whoever has it now says how it stands.
            Ticket.status != Status.TRANSFERRED,
        )
        .order_by(Ticket.id)
    )
    parts = tuple(Part(service, body, Status(status)) for service, body, status in rows)
    return ProvenCase(case.number, case.opened_at, case.closed_at, parts)
