"""A world in which every table holds rows of both tenants, and tickets of both stand in every stage of their life."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID

import psycopg
import pytest
from obstore.store import MemoryStore
from sqlalchemy import select, update

from hub.attachments import actions as files
from hub.attachments.store import FileStore, use_store
from hub.calendars.models import Calendar
from hub.catalogue.actions import ServiceDescription, save_class, save_service, save_stage, save_team
from hub.catalogue.models import Line, Service
from hub.drafts.actions import keep_draft
from hub.drafts.content import Draft
from hub.drafts.secrets import new_draft_secret
from hub.forms.models import Form
from hub.journal.models import Fact, Job
from hub.journal.running import run_job
from hub.journal.sealing import seal_tenant
from hub.journal.settings import JobSettings
from hub.keys.actions import create_key, rotate_key
from hub.looks.actions import save_look
from hub.looks.logos import Logo, read_logo
from hub.looks.models import LogoKind
from hub.messages.settings import mail_settings
from hub.people.actions import Reporter
from hub.promises.actions import reckon_promises
from hub.proofs.actions import ask_code
from hub.ratings.actions import rate
from hub.ratings.models import Rating
from hub.sla.models import TicketClock
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened, Place
from hub.tickets.errors import WrongKey
from hub.tickets.keys import case_by_pin
from hub.tickets.models import Ticket
from hub.tickets.moving import subject_of
from hub.vocabulary import Kind
from hub.web.kept_answers import KeptAnswer, answered_before, keep, promise_for
from tenants.across import Across, Purpose
from tenants.context import CITIZEN, SYSTEM, Context
from tenants.database import Database
from tenants.languages import Text
from tenants.provisioning import TenantDescription, save_tenant
from tenants.quotas import Limit
from tenants.rate_limits import per_tenant, take
from tenants.servers import OwnServer
from tests.factories.tickets import open_bill, open_leak, resolve, ticket_of, work_on
from tests.world import Agency, World, load_world

Connection = psycopg.Connection[Any]
# Where a case of each tenant's shared service lies.
NEARBY = Place(governorate="cairo", district="cairo-shorouk")


@dataclass
class Holdings:
    """What a tenant holds, by what it is: tickets by their stage, and one id of everything else."""

    agency: Agency
    # A code for team, service and stage that the other tenant does not have.
    own_code: str
    tickets: dict[str, Opened] = field(default_factory=dict)
    service_id: UUID = field(init=False)
    form_id: UUID = field(init=False)
    calendar_id: UUID = field(init=False)
    clock: TicketClock = field(init=False)
    row: Ticket = field(init=False)
    # A file of a ticket, ready to be fetched, and one that the manager has not attached to anything yet.
    file_id: UUID = field(init=False)
    upload_id: UUID = field(init=False)


@dataclass
class Populated:
    """The populated world, and the ways to its database."""

    server: OwnServer
    name: str
    world: World
    water: Holdings
    tax: Holdings
    preparing: str = "harbour"

    @contextmanager
    def connect(self, login: str = "app") -> Iterator[Connection]:
        """A connection with a login of its own, whose transaction is rolled back in the end."""
        urls = self.server.urls(self.name)
        url = {
            "app": lambda: urls.app,
            "owner": lambda: urls.owner,
            "kpi": lambda: urls.kpi,
            "administrator": lambda: self.server.administrator_url(self.name),
        }[login]()
        connection = psycopg.connect(url.get_secret_value())
        try:
            yield connection
        finally:
            connection.rollback()
            connection.close()


COLOURS = {"water": "#0b6e99", "tax": "#1e3a5f"}


def logo_of(code: str) -> Logo:
    """A body's logo, which says whose it is."""
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>{code}</title></svg>'
    return read_logo(LogoKind.SVG, drawn.encode())


def populate(server: OwnServer, name: str, database: Database) -> Populated:
    """Fill a fresh world, through the real actions."""
    world = load_world(database)
    # Its files live as long as its database does.
    use_store(FileStore(MemoryStore()))
    with world.as_system() as context:
        harbour = Text(ar="هيئة الموانئ", en="Harbour authority")
        save_tenant(
            context,
            TenantDescription(
                code="harbour", name=harbour, short_name=harbour, about=harbour, zone="Africa/Cairo"
            ),
        )
    water, tax = (_fill(world, agency, f"own-of-{agency.code}") for agency in (world.water, world.tax))
    # One case of each concerns the other too, by a transfer.
    for mine, other in ((water, tax), (tax, water)):
        opened = open_leak(world, mine.agency)
        with world.as_staff(mine.agency) as context:
            actions.transfer(
                context, opened.ticket_id, 1, tenant=other.agency.code, service="bill", reason="ليست لنا"
            )
        mine.tickets["transferred"] = opened
    for agency in (world.water, world.tax):
        _set_a_job_aside(world, agency)
        with world.as_system(agency) as context:
            reckon_promises(context)
    guessed = water.tickets["received"]
    with pytest.raises(WrongKey):
        case_by_pin(database, guessed.number, f"{(int(guessed.pin) + 1) % 10**6:06d}", clock=world.clock)
    _keep_an_answer(world)
    _keep_a_draft(world)
    _ask_for_a_code(world)
    with Across(database).unit_of_work(Purpose.SEALING, actor=SYSTEM) as context:
        for tenant_id in context.tenants:
            seal_tenant(context, tenant_id)
    assert world.water.cast.keys() == world.tax.cast.keys()
    return Populated(server, name, world, water, tax)


def _fill(world: World, agency: Agency, own_code: str) -> Holdings:
    holdings = Holdings(agency, own_code)
    named = Text(ar="خاص", en="Own")
    limit = Limit("tests", quota=10, seconds=60)
    take(world.database, [per_tenant(limit, agency.id)], clock=world.clock)
    with world.as_staff(agency, "manager") as context:
        save_look(context, colour=COLOURS[agency.code], logo=logo_of(agency.code))
        issued = create_key(context, name="Mobile app", scopes=["tickets:read"])
        rotate_key(context, issued.id)
        save_class(context, code="network", name=named)
        save_team(context, code=own_code, name=named, line=Line.FOLLOW_UP)
        save_stage(context, code=own_code, name=named, position=2)
        save_service(
            context,
            ServiceDescription(
                code=own_code,
                kind=Kind.REQUEST,
                name=named,
                description=named,
                life_events=("emergency",),
                shared=True,
            ),
        )
    tickets = holdings.tickets
    tickets["shared"] = open_bill(world, agency, service=own_code, place=NEARBY)
    tickets["received"] = open_leak(world, agency)
    tickets["assigned"] = open_bill(world, agency)
    tickets["in_progress"] = open_leak(world, agency)
    work_on(world, tickets["in_progress"], agency)
    tickets["second"] = open_leak(world, agency, reporter=None)
    tickets["confidential"] = open_leak(
        world, agency, confidential=True, reporter=Reporter(name=f"كناري {agency.code}", phone="01234567890")
    )
    for stage in ("asked", "external", "duplicate", "resolved", "solved"):
        tickets[stage] = open_leak(world, agency)
        version = work_on(world, tickets[stage], agency)
        with world.as_staff(agency) as context:
            _bring_to(context, stage, tickets[stage].ticket_id, version, tickets)
    resolve(world, tickets["resolved"], agency)
    resolve(world, tickets["solved"], agency)
    with world.as_citizen(tickets["solved"].case_id, agency) as context:
        ticket_id = tickets["solved"].ticket_id
        actions.confirm(context, ticket_id, ticket_for(context, ticket_id).version)
    with world.as_system(agency) as context:
        session = context.session
        holdings.service_id = session.scalars(
            select(Service.id).where(Service.tenant_id == agency.id, Service.code == "leak")
        ).one()
        holdings.form_id = session.scalars(select(Form.id).where(Form.tenant_id == agency.id)).one()
        holdings.calendar_id = session.scalars(
            select(Calendar.id).where(Calendar.tenant_id == agency.id)
        ).one()
        holdings.clock = session.scalars(
            select(TicketClock).where(
                TicketClock.tenant_id == agency.id,
                TicketClock.ticket_id == tickets["in_progress"].ticket_id,
                TicketClock.kind == "resolution",
            )
        ).one()
        session.execute(
            update(Ticket)
            .where(Ticket.tenant_id == agency.id, Ticket.id == tickets["solved"].ticket_id)
            .values(source="city", external_id=f"of-{agency.code}")
        )
    holdings.row = ticket_of(world, tickets["in_progress"], agency)
    _attach(world, holdings)
    with world.as_citizen(tickets["solved"].case_id, agency) as context:
        rate(context, tickets["solved"].ticket_id, stars=2, comment=f"كناري {agency.code}")
    with world.as_system(agency) as context:
        # As if it had been solved once before.
        context.session.add(
            Rating(**subject_of(holdings.row), stars=1, comment="تأخرتم", rated_at=context.now)
        )
    return holdings


def _attach(world: World, holdings: Holdings) -> None:
    agency, content = holdings.agency, f"ملف {holdings.agency.code}".encode()
    with world.as_staff(agency, "manager") as context:
        holdings.file_id, holdings.upload_id = (
            files.upload(context, name="a.txt", content=BytesIO(content), size=len(content)).id
            for _ in range(2)
        )
        files.claim(context, [holdings.file_id], **subject_of(holdings.row), from_citizen=True)
    with world.as_system(agency) as context:
        files.examine(context, agency.id, holdings.file_id)


def _keep_an_answer(world: World) -> None:
    promise = promise_for(b"pepper", "anybody", "a-key-of-somebody-s-own", b"what was asked")
    with world.as_staff(world.water) as context:
        assert answered_before(context, promise) is None
        keep(context, promise, KeptAnswer(200, {}, b"what was answered"))


def _keep_a_draft(world: World) -> None:
    draft = Draft(tenant="water", service="leak", words={"description": "ماسورة مكسورة"})
    with world.database.unit_of_work(actor=CITIZEN, tenants=(world.water.id,), clock=world.clock) as context:
        keep_draft(context, new_draft_secret(), draft, version=0)


def _ask_for_a_code(world: World) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HUB_MAIL_HOST", "mail.invalid")
        environment.setenv("HUB_MAIL_SENDER", "no-reply@hub.example")
        mail_settings.cache_clear()
        ask_code(world.database, "canary@example.org", address=None, clock=world.clock)
    mail_settings.cache_clear()


def _set_a_job_aside(world: World, agency: Agency) -> None:
    def fail(_context: Context, _fact: Fact) -> None:
        raise ArithmeticError("on purpose")

    with world.as_system(agency) as context:
        job_id = context.session.scalars(select(Job.id).where(Job.tenant_id == agency.id).limit(1)).one()
    run_job(world.database, agency.id, job_id, fail, JobSettings(attempts=1), clock=world.clock)


def _bring_to(
    context: Context, stage: str, ticket_id: UUID, version: int, tickets: dict[str, Opened]
) -> None:
    if stage == "asked":
        actions.ask(context, ticket_id, version, text="أين بالضبط؟")
    elif stage == "external":
        actions.wait(context, ticket_id, version, reason="ننتظر المورد")
    elif stage == "duplicate":
        actions.join(context, ticket_id, version, main_ticket=tickets["in_progress"].ticket_id)


def picture(connection: Connection, tables: list[str]) -> dict[str, tuple[int, str]]:
    """Every table's number of rows and the digest of all they say, for showing that nothing was written."""
    looks = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM {table} t"
        for table in tables
    )
    return {table: (count, digest) for table, count, digest in connection.execute(looks.encode())}
