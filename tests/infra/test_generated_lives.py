"""Generated cases: rows as the hub's own acts would have written them, the same for the same wishes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from hub.events import (
    CaseOpened,
    Event,
    QuestionAnswered,
    QuestionAsked,
    ReplySent,
    RungReached,
    TicketArchived,
    TicketAssigned,
    TicketClosed,
    TicketForwarded,
    TicketJoined,
    TicketRejected,
    TicketReopened,
    TicketResolved,
    TicketStarted,
    TicketTransferred,
    TicketWithdrawn,
    WaitingEnded,
    WaitingStarted,
)
from hub.journal.models import Fact
from hub.sla.actions import sweep_clocks
from hub.sla.models import CaseClock, TicketClock
from hub.tickets import actions
from hub.tickets.lifecycle import Closure, Status
from hub.tickets.models import Case, CaseTenant, Entry, Ticket
from infra.demo.bodies import AGENCIES
from infra.generate.bodies import Body, set_up
from infra.generate.cases import CaseLife
from infra.generate.cases import Fact as Said
from infra.generate.lives import TicketLife
from infra.generate.run import Generator, Wishes, generate
from infra.generate.shape import Numbers, id_at
from infra.generate.writing import write_cases
from tenants.across import Across, Purpose
from tenants.clock import VirtualClock
from tenants.context import SYSTEM, ActorKind, Context
from tenants.database import Database
from tenants.servers import OwnServer
from tests.world import SUNDAY_TEN, World

UNTIL = SUNDAY_TEN


@pytest.fixture
def generator(world: World) -> Generator:
    wishes = Wishes(tickets=900, tenants=len(AGENCIES), open_share=0.5, days=90)
    set_up(world.database, wishes.tenants, UNTIL - timedelta(days=wishes.days))
    return Generator(world.database, wishes, UNTIL)


def test_every_row_is_as_the_acts_themselves_would_have_written_it(
    world: World, generator: Generator
) -> None:
    teller, cases = generator.cases(0, 900)
    kept = _one_of_each(cases)
    assert {ticket.status for case in kept for ticket in case.tickets} == set(Status)
    people = {case.told.person_id for case in kept}
    with generator.across.unit_of_work(Purpose.GENERATING, actor=SYSTEM) as context:
        told = [row for row in teller.people if row["id"] in people]
        write_cases(context, [{**row, "joined_to": None} for row in told], kept, UNTIL)
    again = _Again(world.database)
    for case in kept:
        case_id = again.live(case)
        with generator.across.unit_of_work(Purpose.GENERATING, actor=SYSTEM) as context:
            made, lived = _story(context, case.id), _story(context, case_id)
            for part, rows in made.items():
                assert (part, rows) == (part, lived[part])


class _Again:
    """Lets generated cases live once more, through the hub's own acts, at the same moments."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.tickets: dict[UUID, UUID] = {}
        self.case_id: UUID | None = None

    def live(self, case: CaseLife) -> UUID:
        """One case; gives the id that it got."""
        self.case = case
        self.case_id = None
        for fact in case.facts:
            self._do(fact)
        return self._lived()

    def _lived(self) -> UUID:
        assert self.case_id is not None
        return self.case_id

    def _do(self, fact: Said) -> None:
        event, database = fact.event, Database(self.database.bind, clock=VirtualClock(fact.at))
        silent = isinstance(event, TicketClosed) and event.closure == Closure.SILENT
        if isinstance(event, RungReached) or silent:
            with Across(database).unit_of_work(Purpose.ROUNDS, actor=SYSTEM) as context:
                (actions.close_after_silence if silent else sweep_clocks)(context)
            return
        citizen = fact.actor.kind is ActorKind.CITIZEN
        with database.unit_of_work(
            actor=fact.actor, tenants=(event.tenant_id,), case_id=self.case_id if citizen else None
        ) as context:
            self._act(context, event)

    def _act(self, context: Context, event: Event) -> None:
        told, first = self.case.told, self.case.tickets[0]
        if isinstance(event, CaseOpened):
            opened = actions.open_case(
                context,
                service=first.offer.service.code,
                description=told.description,
                channel=told.channel,
                answers=told.answers,
                place=actions.Place(**told.place),
                confidential=told.confidential,
                priority=told.priority,
                language=told.language,
            )
            self.case_id, self.tickets[first.id] = opened.case_id, opened.ticket_id
            return
        if event.ticket_id is None or context.actor is SYSTEM:
            return
        ticket_id = self.tickets.get(event.ticket_id)
        if ticket_id is None:
            return
        ticket = context.session.get_one(Ticket, (event.tenant_id, ticket_id), populate_existing=True)
        self._act_on(context, event, ticket_id, ticket.version)

    def _act_on(self, context: Context, event: Event, ticket: UUID, version: int) -> None:
        on = (context, ticket, version)
        said: Any = event
        acts: dict[type[Event], Callable[[], object]] = {
            TicketForwarded: lambda: actions.forward(*on),
            TicketAssigned: lambda: actions.assign(*on, team=self._code(said), assignee=said.assignee_id),
            TicketStarted: lambda: actions.start(*on),
            ReplySent: lambda: actions.reply(*on, text=self._text(said)),
            QuestionAsked: lambda: actions.ask(*on, text=self._text(said)),
            QuestionAnswered: lambda: actions.answer(*on, text=self._text(said)),
            WaitingStarted: lambda: actions.wait(*on, reason=said.reason),
            WaitingEnded: lambda: actions.go_on(*on),
            TicketResolved: lambda: actions.resolve(*on, resolution=said.resolution),
            TicketClosed: lambda: (
                actions.confirm(*on)
                if said.closure == Closure.CONFIRMED
                else actions.close_unreachable(*on, reason=said.reason)
            ),
            TicketReopened: lambda: actions.reopen(*on, reason=said.reason),
            TicketRejected: lambda: actions.reject(*on, reason=said.reason),
            TicketArchived: lambda: actions.archive(*on, reason=said.reason),
            TicketWithdrawn: lambda: actions.withdraw(*on, reason=said.reason),
            TicketJoined: lambda: actions.join(*on, main_ticket=self.tickets[said.main_ticket]),
            TicketTransferred: lambda: self._hand_on(on, said.reason),
        }
        if type(event) in acts:
            acts[type(event)]()

    def _hand_on(self, on: tuple[Context, UUID, int], reason: str) -> None:
        other = self.case.tickets[1]
        tenant, service = _code_of_tenant(other.body), other.offer.service.code
        self.tickets[other.id] = actions.transfer(*on, tenant=tenant, service=service, reason=reason)

    def _code(self, event: TicketAssigned) -> str:
        body = next(each.body for each in self.case.tickets if each.id == event.ticket_id)
        return next(code for code, team in body.teams.items() if team == event.team_id)

    def _text(self, event: ReplySent | QuestionAsked | QuestionAnswered) -> str:
        return str(next(entry["text"] for entry in self.case.entries if entry["id"] == event.entry_id))


def _code_of_tenant(body: Body) -> str:
    return f"gen{AGENCIES.index(body.agency) + 1:02}"


def _one_of_each(cases: list[CaseLife]) -> list[CaseLife]:
    """One case of each way that tickets went, and those that others of them follow."""
    kept: dict[object, CaseLife] = {}
    for case in cases:
        kept.setdefault(tuple(_way(ticket) for ticket in case.tickets), case)
    main = {ticket.columns["main_ticket_id"] for case in kept.values() for ticket in case.tickets}
    followed = [case for case in cases if main & {ticket.id for ticket in case.tickets}]
    return list({case.id: case for case in (*followed, *kept.values())}.values())


def _way(ticket: TicketLife) -> object:
    columns = ticket.columns
    return (
        ticket.status,
        ticket.waiting_on,
        columns["closure"],
        columns["reopened"],
        columns["confidential"] and ticket.status is Status.CLOSED,
    )


_NOT_ALIKE = {
    "id",
    "number",
    "case_id",
    "case_number",
    "ticket_id",
    "person_id",
    "main_ticket_id",
    "handed_on_by",
    "handed_on_to",
    "question_id",
    "written_by",
    "entry_id",
    "clock_id",
    "to_ticket",
    "main_ticket",
}


def _story(context: Context, case_id: UUID) -> dict[str, Any]:
    """All rows of a case, as far as two cases that went alike are alike."""
    session, tenants = context.session, context.tenants
    case = session.get_one(Case, case_id, populate_existing=True)
    clock = session.get(CaseClock, case_id, populate_existing=True)

    def of_case(table: Any, *order: Any) -> list[dict[str, Any]]:
        wanted = select(table).where(table.tenant_id.in_(tenants), table.case_id == case_id)
        return [_plain(row) for row in session.scalars(wanted.order_by(*order))]

    return {
        "case": _plain(case),
        "case_clock": clock and _plain(clock),
        "tickets": of_case(Ticket, Ticket.opened_at),
        "clocks": of_case(TicketClock, TicketClock.started_at, TicketClock.kind),
        "entries": of_case(Entry, Entry.at),
        "facts": of_case(Fact, Fact.at, Fact.id),
        "bodies": set(
            session.scalars(
                select(CaseTenant.tenant_id).where(
                    CaseTenant.tenant_id.in_(tenants), CaseTenant.case_id == case_id
                )
            )
        ),
    }


def _plain(row: Any) -> dict[str, Any]:
    values = {
        column.name: getattr(row, column.name)
        for column in row.__table__.columns
        if column.name not in _NOT_ALIKE
    }
    if isinstance(row, Fact):
        values["data"] = {name: value for name, value in row.data.items() if name not in _NOT_ALIKE}
    return values


def test_the_same_wishes_make_the_same_hub_and_another_seed_another(generator: Generator) -> None:
    def made(seed: int) -> list[Any]:
        generator.wishes = Wishes(900, len(AGENCIES), 0.5, 90, seed)
        generator.numbers = Numbers(seed)
        teller, cases = generator.cases(0, 100)
        return [
            teller.people,
            [(case.number, case.told, [(said.at, said.event) for said in case.facts]) for case in cases],
        ]

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_several_processes_go_on_behind_the_stretches_that_are_there(
    own_world: World, server: OwnServer
) -> None:
    wishes = Wishes(tickets=250, tenants=2, days=30, force=True, stretch=60)
    set_up(own_world.database, wishes.tenants, datetime.now(UTC) - timedelta(days=wishes.days))
    Generator(own_world.database, wishes, datetime.now(UTC)).write(3, 60)
    heard: list[int] = []
    with own_world.as_system() as context:
        name = context.session.scalar(select(func.current_database()))
    url = server.urls(str(name)).app.get_secret_value()

    done = generate(own_world.database, wishes, url=url, processes=2, on_progress=heard.append)

    assert (done.tickets, done.known) == (190, 60)
    assert heard == [60, 60, 60, 60, 10]
    with Across(own_world.database).unit_of_work(Purpose.GENERATING, actor=SYSTEM) as context:
        numbers = context.session.scalars(select(Case.number)).all()
        tickets = context.session.scalar(select(func.count()).where(Ticket.tenant_id.in_(context.tenants)))
    assert tickets == 250
    assert len(numbers) == len(set(numbers))


def test_a_number_that_somebody_else_has_is_stood_in_for(world: World, generator: Generator) -> None:
    taken = generator.numbers.case_number(20)
    case = {
        "id": str(id_at(UNTIL, Random(0))),  # noqa: S311 - any will do
        "number": taken,
        "channel": "web",
        "language": "ar",
        "opened_at": UNTIL.isoformat(),
        "closed_at": None,
        "open_tickets": 0,
        "at_work": 0,
    }
    with world.as_system(world.water) as context:
        context.session.execute(
            text("SELECT take_over_cases(:owner, CAST(:cases AS json))"),
            {"owner": world.water.id, "cases": json.dumps([case])},
        )
    assert generator.write(0, 40) == 40
    assert generator.write(0, 40) == 0
    with generator.across.unit_of_work(Purpose.GENERATING, actor=SYSTEM) as context:
        numbers = context.session.scalars(select(Case.number)).all()
    assert numbers.count(taken) == 1
    assert len(numbers) == len(set(numbers)) > 35
