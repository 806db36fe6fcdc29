"""What a demonstration plays on: the hub's packs loaded, their people known, and a clock that the play moves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from hub.catalogue.models import Service, Team, TeamMember
from hub.journal.relay import hand_out
from hub.journal.settings import JobSettings
from hub.journal.tasks import JOBS
from hub.onboarding.actions import load_pack
from hub.onboarding.pack import Pack, read_pack
from hub.sla.access import Counting, counting_for
from hub.sla.actions import sweep_clocks
from hub.sla.levels import ClockKind
from hub.sla.models import CaseClock, TicketClock
from hub.tickets.actions import close_after_silence
from hub.tickets.models import Ticket
from hub.vocabulary import Priority
from infra.demo.bodies import AGENCIES, HUB
from tenants.across import Across, Purpose
from tenants.clock import VirtualClock
from tenants.context import CITIZEN, SYSTEM, Actor, ActorKind, Context
from tenants.database import Database, process_database, use_database
from tenants.languages import Language, Text
from tenants.models import Membership, User
from tenants.permissions import Permission
from tenants.provisioning import grants_of

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a body's staff."""

    name: Text
    actor: Actor
    teams: frozenset[str]

    def may(self, permission: Permission, tenant_id: UUID) -> bool:
        """Whether they may do something in the body."""
        return self.actor.may(permission, tenant_id)


@dataclass(slots=True)
class Body:
    """One body on the stage: its pack, its staff, those who may least first, and its targets."""

    id: UUID
    pack: Pack
    staff: tuple[Member, ...]
    teams: Mapping[UUID, str]
    services: Mapping[str, UUID]
    counted: dict[tuple[str, Priority], dict[ClockKind, Counting]] = field(default_factory=dict)

    def who(self, permission: Permission, team: UUID | None = None) -> Member:
        """Who does something: somebody of the ticket's team if one of them may, else whoever may."""
        allowed = [member for member in self.staff if member.may(permission, self.id)]
        of_team = [member for member in allowed if team is not None and self.teams[team] in member.teams]
        return (of_team or allowed)[0]


@dataclass(frozen=True, slots=True)
class Stage:
    """The bodies by code, and units of work at the play's own time."""

    database: Database
    across: Across
    clock: VirtualClock
    bodies: Mapping[str, Body]

    @contextmanager
    def as_member(self, body: Body, member: Member) -> Iterator[Context]:
        """A unit of work of a member of a body's staff."""
        with self.database.unit_of_work(actor=member.actor, tenants=(body.id,)) as context:
            yield context

    @contextmanager
    def as_citizen(
        self, bodies: Collection[Body], case_id: UUID | None, language: Language = Language.ARABIC
    ) -> Iterator[Context]:
        """A unit of work of a citizen: on their own case, or, without one, about to open one."""
        with self.database.unit_of_work(
            actor=CITIZEN, tenants=[body.id for body in bodies], case_id=case_id, language=language
        ) as context:
            yield context

    @contextmanager
    def watching(self, bodies: Collection[Body]) -> Iterator[Context]:
        """A unit of work that looks on."""
        with self.database.unit_of_work(actor=SYSTEM, tenants=[body.id for body in bodies]) as context:
            yield context

    def counting(self, body: Body, service: str, priority: Priority) -> dict[ClockKind, Counting]:
        """The targets of a body's tickets and the calendars that they are counted on; asked for once."""
        key = (service, priority)
        if key not in body.counted:
            with self.watching([body]) as context:
                body.counted[key] = counting_for(context, body.id, body.services[service], priority)
        return body.counted[key]

    def make_rounds(self, *, acted: bool = True) -> datetime | None:
        """What beat and worker do all the time, once: deadlines fired, silence noticed, jobs handed out and done.

        `acted` says whether anything happened since the last time: nothing promises jobs by itself. Gives the next
        moment at which a deadline or a silence is due.
        """
        done = _BATCH
        while done >= _BATCH:
            with self.across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM) as context:
                swept, closed = (
                    sweep_clocks(context, limit=_BATCH),
                    close_after_silence(context, limit=_BATCH),
                )
                due = _next_due(context)
            done, acted = max(swept, closed), acted or swept + closed > 0
        while acted:
            acted = hand_out(self.across, _do_at_once, JobSettings(), limit=_BATCH) >= _BATCH
        return due

    def run_until(self, moment: datetime) -> None:
        """Let time go by with nobody acting: everything that falls due happens at its own moment."""
        due = self.make_rounds()
        while due is not None and due <= moment:
            self.clock.move_to(max(due, self.clock.moment))
            due = self.make_rounds(acted=False)
        self.clock.move_to(moment)


def _next_due(context: Context) -> datetime | None:
    due: datetime | None = context.session.execute(
        select(
            func.least(
                select(func.min(TicketClock.next_action_at))
                .where(TicketClock.tenant_id.in_(context.tenants))
                .scalar_subquery(),
                select(func.min(CaseClock.next_action_at)).scalar_subquery(),
                select(func.min(Ticket.silent_at))
                .where(Ticket.tenant_id.in_(context.tenants))
                .scalar_subquery(),
            )
        )
    ).scalar_one()
    return due


def _do_at_once(task: str, tenant_id: UUID, job_id: UUID) -> None:
    JOBS[task](str(tenant_id), str(job_id))


def read_packs() -> dict[str, Pack]:
    """The packs of the hub itself and of the six agencies, by code; the hub first, on whose floor the others stand."""
    folder = Path(str(resources.files("tenants") / "packs"))
    return {code: read_pack(folder / code) for code in (HUB, *AGENCIES)}


def load_bodies(
    database: Database,
    packs: Mapping[str, Pack],
    at: datetime,
    *,
    loaded: Callable[[Pack], None] = lambda pack: None,
) -> dict[str, Body]:
    """The bodies of these packs by code, brought onto the hub at a moment where they are not there yet.

    `loaded` hears of each pack.
    """
    then = Database(database.bind, clock=VirtualClock(at))
    bodies = {}
    for code, pack in packs.items():
        bodies[code] = _body(then, load_pack(then, pack), pack)
        loaded(pack)
    return bodies


@contextmanager
def playing(database: Database, bodies: Mapping[str, Body], starts: datetime) -> Iterator[Stage]:
    """A stage whose clock stands at a moment; while it lasts, the jobs of this process are done at its time."""
    clock = VirtualClock(starts)
    played_on = Database(database.bind, clock=clock)
    before = process_database()
    use_database(played_on)
    try:
        yield Stage(played_on, Across(played_on), clock, bodies)
    finally:
        use_database(before)


def _body(database: Database, tenant_id: UUID, pack: Pack) -> Body:
    with database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        session = context.session
        teams = {
            team.id: team.code for team in session.scalars(select(Team).where(Team.tenant_id == tenant_id))
        }
        memberships: dict[UUID, set[str]] = {}
        for row in session.scalars(select(TeamMember).where(TeamMember.tenant_id == tenant_id)):
            memberships.setdefault(row.user_id, set()).add(teams[row.team_id])
        users = session.scalars(
            select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.tenant_id == tenant_id)
            .order_by(User.user_name)
        ).all()
        staff = [
            Member(
                user.name,
                Actor(ActorKind.STAFF, user.id, grants_of(context, user.id)),
                frozenset(memberships.get(user.id, ())),
            )
            for user in users
        ]
        services = {
            service.code: service.id
            for service in session.scalars(select(Service).where(Service.tenant_id == tenant_id))
        }
    staff.sort(key=lambda member: len(member.actor.grants[tenant_id]))
    return Body(tenant_id, pack, tuple(staff), teams, services)
