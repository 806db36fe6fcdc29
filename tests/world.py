"""A small world for tests: the hub, two tenants, and a small cast who work in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from hub.calendars.actions import save_calendar
from hub.catalogue.actions import ServiceDescription, add_to_team, save_service, save_stage, save_team
from hub.catalogue.models import Line
from hub.forms.actions import publish_form
from hub.routing.actions import save_rules
from hub.sla.actions import Promise, save_levels
from hub.vocabulary import Kind, Priority
from tenants.clock import VirtualClock
from tenants.context import CITIZEN, SYSTEM, Actor, ActorKind, Context
from tenants.database import Database
from tenants.ids import HUB
from tenants.languages import Language, Text
from tenants.models import Tenant, TenantState, User
from tenants.permissions import Role
from tenants.provisioning import (
    TenantDescription,
    grants_of,
    save_membership,
    save_tenant,
    save_user,
    set_state,
)

# A Sunday, the first working day of the week in Cairo, ten in the morning there (winter: UTC+2).
SUNDAY_TEN = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

LEAK_FORM = {
    "format": 1,
    "title": {"ar": "بلاغ كسر ماسورة", "en": "Burst pipe"},
    "pages": [
        {
            "title": {"ar": "ما حدث", "en": "What happened"},
            "questions": [
                {
                    "name": "hazard",
                    "kind": "yes_no",
                    "label": {"ar": "هل هناك خطر على الناس؟", "en": "Is anybody in danger?"},
                    "required": True,
                },
                {
                    "name": "hazard_kind",
                    "kind": "text",
                    "label": {"ar": "ما الخطر؟", "en": "What is the danger?"},
                    "required": True,
                    "visible_when": {"question": "hazard", "is": True},
                },
            ],
        }
    ],
}


@dataclass(frozen=True)
class Member:
    """Somebody of the cast."""

    id: UUID
    actor: Actor


@dataclass
class Agency:
    """A tenant of the world with its cast: `lead` may nearly all, `agent` screens and talks, `field` works."""

    id: UUID
    code: str
    cast: dict[str, Member] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Actor:
        return self.cast[name].actor


@dataclass
class World:
    """Everything a test of the hub needs; `water` is under test, `tax` is always the other tenant."""

    database: Database
    clock: VirtualClock
    water: Agency
    tax: Agency

    @contextmanager
    def as_staff(
        self, agency: Agency, who: str = "lead", language: Language = Language.ENGLISH
    ) -> Iterator[Context]:
        """A unit of work of a member of staff in their tenant."""
        with self.database.unit_of_work(
            actor=agency[who], tenants=(agency.id,), language=language, clock=self.clock
        ) as context:
            yield context

    @contextmanager
    def as_system(self, *agencies: Agency) -> Iterator[Context]:
        """A unit of work of the system itself, in some tenants or, without any, in the hub's own."""
        with self.database.unit_of_work(
            actor=SYSTEM,
            tenants=[agency.id for agency in agencies] or [HUB],
            language=Language.ENGLISH,
            clock=self.clock,
        ) as context:
            yield context

    @contextmanager
    def as_citizen(
        self, case_id: UUID, *agencies: Agency, language: Language = Language.ENGLISH
    ) -> Iterator[Context]:
        """A unit of work of the citizen of a case that concerns some tenants."""
        with self.database.unit_of_work(
            actor=CITIZEN,
            tenants=[agency.id for agency in agencies or (self.water,)],
            case_id=case_id,
            language=language,
            clock=self.clock,
        ) as context:
            yield context


@contextmanager
def undone(unit_of_work: AbstractContextManager[Context]) -> Iterator[Context]:
    """A unit of work of which nothing is kept, as after an exception in its midst."""
    with suppress(_Undone), unit_of_work as context:
        yield context
        raise _Undone


class _Undone(Exception):  # noqa: N818 - what becomes of the work
    """Ends a unit of work."""


def build_world(database: Database) -> None:
    """Build the world in an empty database, through the real actions."""
    clock = VirtualClock(SUNDAY_TEN)
    with database.unit_of_work(actor=SYSTEM, tenants=(HUB,), clock=clock) as context:
        save_calendar(
            context,
            code="office",
            name=Text(ar="مواعيد العمل", en="Office hours"),
            opening_hours="Su-Th 09:00-17:00",
            holidays=(),
            zone="Africa/Cairo",
        )
        save_levels(
            context,
            [
                Promise(
                    calendar="office",
                    first_response=timedelta(hours=16),
                    resolution=timedelta(hours=80),
                    case=timedelta(hours=120),
                )
            ],
        )
        for code, ar, en in TENANTS:
            tenant_id = save_tenant(context, _description(code, ar, en))
            set_state(context, tenant_id, TenantState.LIVE)
            for name in _CAST:
                save_user(context, user_name=f"{name}.{code}", name=Text(ar=name, en=name.title()))
    for code, _, _ in TENANTS:
        with database.unit_of_work(actor=SYSTEM, tenants=(HUB,), clock=clock) as context:
            tenant_id, users = _ids(context, code)
        with database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=clock) as context:
            _furnish(context, tenant_id, users)


def load_world(database: Database) -> World:
    """The world that was built in a database."""
    return world_with(database, load_agencies(database))


def world_with(database: Database, agencies: Iterable[Agency]) -> World:
    """The world in a database whose agencies are known already, as they are in every copy of one template."""
    known = [Agency(agency.id, agency.code, dict(agency.cast)) for agency in agencies]
    return World(database, VirtualClock(SUNDAY_TEN), *known)


def load_agencies(database: Database) -> list[Agency]:
    """The tenants that were built in a database, each with its cast."""
    agencies = []
    for code, _, _ in TENANTS:
        with database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
            tenant_id, users = _ids(context, code)
        agency = Agency(id=tenant_id, code=code)
        with database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
            for name, user_id in users.items():
                actor = Actor(ActorKind.STAFF, user_id, grants_of(context, user_id))
                agency.cast[name] = Member(user_id, actor)
        agencies.append(agency)
    return agencies


def _ids(context: Context, code: str) -> tuple[UUID, dict[str, UUID]]:
    tenant_id = context.session.scalars(select(Tenant.id).where(Tenant.code == code)).one()
    users = {
        name: context.session.scalars(select(User.id).where(User.user_name == f"{name}.{code}")).one()
        for name in _CAST
    }
    return tenant_id, users


TENANTS = (("water", "شركة المياه", "Water company"), ("tax", "مصلحة الضرائب", "Tax authority"))
_CAST: dict[str, Role] = {
    "agent": Role.AGENT,
    "officer": Role.FOLLOW_UP_OFFICER,
    "field": Role.FIELD,
    "lead": Role.TEAM_LEAD,
    "manager": Role.MANAGER,
}


def _description(code: str, ar: str, en: str) -> TenantDescription:
    return TenantDescription(
        code=code,
        name=Text(ar=ar, en=en),
        short_name=Text(ar=ar, en=en),
        about=Text(ar=ar, en=en),
        zone="Africa/Cairo",
    )


def _furnish(context: Context, tenant_id: UUID, users: dict[str, UUID]) -> None:
    for name, role in _CAST.items():
        save_membership(context, tenant_id=tenant_id, user_id=users[name], roles={role})
    save_calendar(
        context,
        code="office",
        name=Text(ar="مواعيد العمل", en="Office hours"),
        opening_hours="Su-Th 09:00-17:00",
        holidays=(date(2026, 12, 1),),
        zone="Africa/Cairo",
    )
    repairs = save_team(context, code="repairs", name=Text(ar="الإصلاح", en="Repairs"), line=Line.FIELD)
    save_team(context, code="front", name=Text(ar="الاستقبال", en="Front office"), line=Line.AGENT)
    for name in ("field", "lead"):
        add_to_team(context, team_id=repairs, user_id=users[name])
    save_stage(context, code="inspection", name=Text(ar="معاينة", en="Inspection"), position=1)
    publish_form(context, code="leak", definition=LEAK_FORM)
    save_service(
        context,
        ServiceDescription(
            code="leak",
            kind=Kind.COMPLAINT,
            name=Text(ar="كسر ماسورة", en="Burst pipe"),
            description=Text(ar="أبلغ عن كسر ماسورة", en="Report a burst pipe"),
            form="leak",
            priority=Priority.HIGH,
        ),
    )
    save_service(
        context,
        ServiceDescription(
            code="bill",
            kind=Kind.INQUIRY,
            name=Text(ar="استفسار عن فاتورة", en="Question about a bill"),
            description=Text(ar="اسأل عن فاتورتك", en="Ask about your bill"),
            screened=False,
            confidential_allowed=False,
        ),
    )
    save_rules(
        context,
        [
            {
                "name": {"ar": "خطر", "en": "Danger"},
                "when": {"service": "leak", "answers": {"hazard": True}},
                "team": "repairs",
            },
            {"catch_all": "front"},
        ],
    )
    save_levels(
        context,
        [
            Promise(calendar="office", first_response=timedelta(hours=4), resolution=timedelta(hours=24)),
            Promise(calendar="office", service="leak", resolution=timedelta(hours=8)),
            Promise(calendar="office", priority=Priority.URGENT, resolution=timedelta(hours=2)),
        ],
    )
