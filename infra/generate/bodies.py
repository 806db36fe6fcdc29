"""The bodies of a generated hub: the demonstration's agencies many times over, each a tenant of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hub.calendars.access import CalendarInForce, calendar_in_force
from hub.catalogue.access import OfferedService, service_offered
from hub.catalogue.models import Team, TeamMember
from hub.forms.access import form_in_force
from hub.forms.definition import read_form
from hub.forms.shape import Form, QuestionKind
from hub.onboarding.actions import load_pack
from hub.onboarding.pack import Pack
from hub.routing.access import rules_in_force
from hub.routing.rules import RuleSet
from hub.sla.access import Counting, levels_in_force
from hub.sla.levels import ClockKind, ServiceLevel, choose_level
from hub.vocabulary import Priority
from infra.demo.bodies import AGENCIES, HUB, MANNERS, Manner
from infra.demo.stage import read_packs
from infra.generate.shape import Ranked
from tenants.clock import VirtualClock
from tenants.context import SYSTEM, Actor, ActorKind, Context
from tenants.database import Database
from tenants.ids import HUB as HUB_ID
from tenants.languages import Text
from tenants.models import Membership, Tenant, TenantState
from tenants.permissions import Permission
from tenants.provisioning import grants_of

PREFIX = "gen"


@dataclass(frozen=True, slots=True)
class Offer:
    """One service of a body, and the form it asks by."""

    service: OfferedService
    form_version: int | None
    form: Form | None


@dataclass(slots=True)
class Body:
    """One generated body as its cases need it; `agency` is the one of the demonstration that it is like."""

    id: UUID
    agency: str
    manner: Manner
    zone: ZoneInfo
    country: str
    silence_days: int
    offers: Mapping[str, Offer]
    asked_for: Ranked[str]
    rules: RuleSet
    teams: Mapping[str, UUID]
    members: Mapping[UUID, tuple[UUID, ...]]
    staff: tuple[Actor, ...]
    levels: list[ServiceLevel]
    calendars: Mapping[tuple[UUID, UUID], CalendarInForce]
    _counted: dict[tuple[UUID, Priority], dict[ClockKind, Counting]] = field(default_factory=dict)
    _able: dict[Permission, tuple[Actor, ...]] = field(default_factory=dict)

    def who(self, permission: Permission, chance: Random) -> Actor:
        """Somebody of the staff who may do something."""
        if permission not in self._able:
            self._able[permission] = tuple(one for one in self.staff if one.may(permission, self.id))
        return chance.choice(self._able[permission])

    def counting(self, service: UUID, priority: Priority) -> dict[ClockKind, Counting]:
        """What each kind of clock of a ticket is counted by."""
        key = (service, priority)
        if key not in self._counted:
            chosen = choose_level(
                self.levels,
                tenant_id=self.id,
                service_id=service,
                priority=priority,
                hub_tenant_id=HUB_ID,
            )
            self._counted[key] = {
                kind: Counting(choice, self.calendars[choice.level.tenant_id, choice.level.calendar_id])
                for kind, choice in chosen.items()
                if choice is not None
            }
        return self._counted[key]


@cache
def _packs() -> Mapping[str, Pack]:
    return read_packs()


def code_of(number: int) -> str:
    """The code of a generated body, counted from 1."""
    return f"{PREFIX}{number:02}"


def other_bodies(context: Context, ours: set[str]) -> list[str]:
    """The codes of the live bodies that somebody else brought onto the hub."""
    codes = context.session.scalars(
        select(Tenant.code).where(Tenant.state == TenantState.LIVE, Tenant.id != HUB_ID).order_by(Tenant.code)
    )
    return [code for code in codes if code not in ours]


def set_up(database: Database, count: int, at: datetime) -> None:
    """Bring so many bodies onto the hub as of a moment, by the act that every body is brought by.

    The hub itself gets its own pack where it promises nothing yet; what it promises already stays.
    """
    packs = _packs()
    then = VirtualClock(at)
    with database.unit_of_work(actor=SYSTEM, tenants=(HUB_ID,)) as context:
        promises = levels_in_force(context, HUB_ID)
    if not promises:
        load_pack(database, packs[HUB], clock=then)
    for number in range(1, count + 1):
        load_pack(database, _like(packs[AGENCIES[(number - 1) % len(AGENCIES)]], number), clock=then)


def read_bodies(context: Context, count: int) -> list[Body]:
    """The generated bodies, for a context that sees them all; the first gets most."""
    return [_read(context, number) for number in range(1, count + 1)]


def _like(pack: Pack, number: int) -> Pack:
    code, tenant = code_of(number), pack.tenant

    def numbered(name: Text) -> Text:
        return Text(ar=f"{name.ar} – قطاع {number}", en=f"{name.en} – sector {number}")

    return replace(
        pack,
        forms={stem: _without_files(form) for stem, form in pack.forms.items()},
        tenant=tenant.model_copy(
            update={
                "code": code,
                "name": numbered(tenant.name),
                "short_name": numbered(tenant.short_name),
            }
        ),
        users=tuple(user.model_copy(update={"user_name": f"{code}.{user.user_name}"}) for user in pack.users),
    )


def _without_files(form: Form) -> Form:
    """The form without its questions for files: generated citizens have none to send."""
    data = form.as_data()
    for page in data["pages"]:
        page["questions"] = [one for one in page["questions"] if one["kind"] != QuestionKind.FILE]
    data["pages"] = [page for page in data["pages"] if page["questions"]]
    return read_form(data)


def _read(context: Context, number: int) -> Body:
    session = context.session
    tenant = session.scalars(select(Tenant).where(Tenant.code == code_of(number))).one()
    agency = AGENCIES[(number - 1) % len(AGENCIES)]
    manner, pack = MANNERS[agency], _packs()[agency]
    levels = levels_in_force(context, tenant.id)
    members: dict[UUID, list[UUID]] = {}
    for row in session.scalars(
        select(TeamMember).where(TeamMember.tenant_id == tenant.id).order_by(TeamMember.user_id)
    ):
        members.setdefault(row.team_id, []).append(row.user_id)
    users = session.scalars(
        select(Membership.user_id).where(Membership.tenant_id == tenant.id).order_by(Membership.user_id)
    ).all()
    codes = sorted((one.code for one in pack.services), key=lambda code: -manner.services.get(code, 0))
    return Body(
        id=tenant.id,
        agency=agency,
        manner=manner,
        zone=ZoneInfo(tenant.zone),
        country=pack.tenant.country,
        silence_days=tenant.silence_days,
        offers={code: _offer(context, tenant.id, code) for code in codes},
        asked_for=Ranked(codes),
        rules=rules_in_force(context, tenant.id),
        teams={
            team.code: team.id for team in session.scalars(select(Team).where(Team.tenant_id == tenant.id))
        },
        members={team: tuple(users) for team, users in members.items()},
        staff=tuple(
            Actor(ActorKind.STAFF, user, {tenant.id: grants_of(context, user)[tenant.id]}) for user in users
        ),
        levels=levels,
        calendars={
            key: calendar_in_force(context, *key)
            for key in sorted({(level.tenant_id, level.calendar_id) for level in levels})
        },
    )


def _offer(context: Context, tenant_id: UUID, code: str) -> Offer:
    service = service_offered(context, tenant_id, code)
    version, form = form_in_force(context, tenant_id, service.form_id) if service.form_id else (None, None)
    return Offer(service, version, form)
