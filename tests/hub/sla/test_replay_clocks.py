"""Whatever happens to tickets over a month, their clocks are what the journal and the pure rules say they must be."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

import hub.sla.tasks
import hub.tickets.tasks
from hub.calendars.actions import save_calendar
from hub.calendars.working_time import WorkingTime, working_time
from hub.catalogue.models import Service
from hub.journal.models import Fact, Job
from hub.journal.running import Outcome, run_job
from hub.journal.settings import JobSettings
from hub.reactions import MOVE_CLOCKS, SETTLE_DUPLICATES
from hub.sla.actions import Promise, save_levels
from hub.sla.levels import DEFAULT_LADDER, Rung
from hub.sla.models import CaseClock, TicketClock
from hub.tickets import actions
from hub.tickets.actions import Opened
from hub.tickets.lifecycle import MOVES, MoveName, Status
from hub.vocabulary import Priority
from tenants.clock import VirtualClock
from tenants.context import SYSTEM
from tenants.errors import Refusal
from tenants.ids import HUB
from tenants.languages import Text
from tests.factories.clocks import HOUR, act, sweep
from tests.factories.tickets import open_bill, open_leak, ticket_by_id
from tests.hub.sla.replay import ClockTold, Story, Told
from tests.world import SUNDAY_TEN, Agency, World

HOURS = {
    "office": ("Su-Th 09:00-17:00", (date(2026, 12, 1),)),
    "short days": ("Su-Th 08:00-14:00", ()),
    "long days": ("Mo-Su 07:00-22:00", (date(2026, 12, 3), date(2026, 12, 4))),
    "always": ("24/7", ()),
}
VERBS: dict[str, dict[str, Any]] = {
    "forward": {},
    "start": {},
    "assign": {"team": "front"},
    "reply": {"text": "رد"},
    "ask": {"text": "سؤال"},
    "answer": {"text": "جواب"},
    "wait": {"reason": "تصريح"},
    "go_on": {},
    "resolve": {"resolution": "أُصلحت"},
    "confirm": {},
    "reopen": {"reason": "عادت"},
    "withdraw": {},
    "reject": {"reason": "لا"},
    "archive": {"reason": "لا"},
    "close_unreachable": {"reason": "لا أحد يرد"},
    "release": {},
}
# How often something is tried that may be refused, or that there is no way back from.
RARELY = 1 / 10
FINAL = {"withdraw", "archive", "close_unreachable"}
WORK: dict[str, Any] = {
    MOVE_CLOCKS: hub.sla.tasks.move_clocks,
    SETTLE_DUPLICATES: hub.tickets.tasks.settle_duplicates,
}
JUST_NOW_TO_TWO_DAYS = st.one_of(
    st.just(0), st.integers(1, 4 * 60), st.sampled_from([8 * 60, 24 * 60, 48 * 60])
).map(lambda minutes: timedelta(minutes=minutes))


class Month:
    """A month of two cases: anything is tried, and what is refused changes nothing."""

    def __init__(self, world: World) -> None:
        """A burst pipe, and a bill that may turn out to be about the same thing."""
        self.world = world
        self.world.clock = VirtualClock(SUNDAY_TEN)
        self.agencies: dict[UUID, Agency] = {each.id: each for each in (self.world.water, self.world.tax)}
        self.hours = dict.fromkeys(self.agencies, "office")
        self.general = dict.fromkeys(self.agencies, (4, 24))
        self.own, self.urgent = dict.fromkeys(self.agencies, 8), dict.fromkeys(self.agencies, 2)
        self.case = 120
        self.leaks = self._leaks()
        self.heard: set[UUID] = set()
        self.stories = {opened: Story(self._promised) for opened in (self._open(True), self._open(False))}

    def somebody_acts(self, choice: int, case: int, ticket: int, later: timedelta) -> None:
        """One of the acts that the ticket's status allows; now and then any, to be refused, or a final one."""
        ticket_id, told = self._ticket(case, ticket)
        status = Status(ticket_by_id(self.world, ticket_id, self.agencies[told.tenant_id]).status)
        any_act = sorted(VERBS)
        allowed = [
            verb
            for verb in any_act
            if verb not in FINAL and (verb == "reply" or status in MOVES[MoveName(verb)].origins)
        ]
        # Small numbers come often: the verbs must not hang on their size.
        chance = random.Random(choice)  # noqa: S311 - a test's variety
        verb = chance.choice(any_act if chance.random() < RARELY else allowed)
        self._try(verb, case, ticket, later, **VERBS[verb])

    def the_priority_changes(self, priority: Priority, case: int, ticket: int, later: timedelta) -> None:
        """It is more urgent, or less."""
        self._try("prioritise", case, ticket, later, priority=priority)

    def another_body_comes_in(
        self, verb: str, service: str, case: int, ticket: int, later: timedelta
    ) -> None:
        """The ticket goes to the other tenant, or that one joins."""
        _, told = self._ticket(case, ticket)
        other = "tax" if told.tenant_id == self.world.water.id else "water"
        self._try(verb, case, ticket, later, tenant=other, service=service, reason="لكم")

    def it_turns_out_to_be_the_same(self, case: int, ticket: int, other: int, later: timedelta) -> None:
        """A ticket follows one of the other case."""
        main, _ = self._ticket(1 - case, other)
        self._try("join", case, ticket, later, main_ticket=main)

    def the_beat_sweeps(self, later: timedelta) -> None:
        """Deadlines and silence; afterwards nothing is owed."""
        self.world.clock.advance(later)
        sweep(self.world)
        with self.world.as_system(*self.agencies.values()) as context:
            actions.close_after_silence(context)
        self._listen()
        for clock in self._clocks_told():
            if clock.state.ended_at is None and clock.state.open_pause is None:
                assert clock.owed(self.world.clock.moment) == []

    def a_tenant_promises_otherwise(self, tax: bool, first: int, more: int, own: int, urgent: int) -> None:
        """New service levels; their job is still to run."""
        agency = self.world.tax if tax else self.world.water
        with self.world.as_staff(agency, "manager") as context:
            save_levels(
                context,
                [
                    Promise(calendar="office", first_response=first * HOUR, resolution=(first + more) * HOUR),
                    Promise(calendar="office", service="leak", resolution=own * HOUR),
                    Promise(calendar="office", priority=Priority.URGENT, resolution=urgent * HOUR),
                ],
            )
        self.general[agency.id] = (first, first + more)
        self.own[agency.id], self.urgent[agency.id] = own, urgent

    def the_hub_promises_otherwise(self, hours: int) -> None:
        """Another deadline for citizens, whoever works on their cases."""
        with self.world.as_system() as context:
            save_levels(
                context,
                [Promise(calendar="office", first_response=HOUR, resolution=HOUR, case=hours * HOUR)],
            )
        self.case = hours

    def a_tenant_keeps_other_hours(self, tax: bool, hours: str) -> None:
        """A new calendar; its job is still to run."""
        agency = self.world.tax if tax else self.world.water
        opening_hours, holidays = HOURS[hours]
        with self.world.as_staff(agency, "manager") as context:
            save_calendar(
                context,
                code="office",
                name=Text(ar="مواعيد العمل", en="Office hours"),
                opening_hours=opening_hours,
                holidays=holidays,
                zone="Africa/Cairo",
            )
        self.hours[agency.id] = hours

    def the_jobs_run(self, later: timedelta) -> None:
        """Open clocks are counted by what is promised now, and duplicates share the fate of their main tickets."""
        self.world.clock.advance(later)
        self._run(MOVE_CLOCKS)
        for story in self.stories.values():
            story.promises_changed(self.world.clock.moment)
        self._run(SETTLE_DUPLICATES)

    def every_clock_is_what_the_facts_say(self) -> None:
        """The rows, column by column."""
        self._listen()
        everyone = list(self.agencies.values())
        with self.world.as_system(*everyone) as context:
            for opened, story in self.stories.items():
                told = {
                    (ticket_id, kind): clock
                    for ticket_id, ticket in story.tickets.items()
                    for kind, clock in ticket.clocks.items()
                }
                rows = context.session.scalars(
                    select(TicketClock)
                    .where(TicketClock.tenant_id.in_(context.tenants), TicketClock.case_id == opened.case_id)
                    .execution_options(populate_existing=True)
                ).all()
                assert {(row.ticket_id, row.kind) for row in rows} == set(told)
                for row in rows:
                    clock = told[row.ticket_id, row.kind]
                    assert as_stored(row) == clock.columns(row.reckoned_at), row.kind
                case_row = context.session.get_one(CaseClock, opened.case_id, populate_existing=True)
                assert story.case is not None
                assert as_stored(case_row) == story.case.columns(case_row.reckoned_at), "case"

    def _open(self, leak: bool) -> Opened:
        return open_leak(self.world) if leak else open_bill(self.world)

    def _try(self, verb: str, case: int, ticket: int, later: timedelta, **facts: Any) -> None:
        self.world.clock.advance(later)
        ticket_id, told = self._ticket(case, ticket)
        opened = list(self.stories)[case]
        with suppress(Refusal):
            act(self.world, verb, opened, self.agencies[told.tenant_id], ticket_id=ticket_id, **facts)

    def _ticket(self, case: int, ticket: int) -> tuple[UUID, Told]:
        tickets = list(list(self.stories.values())[case].tickets.items())
        # The newest first: it is the one most likely to be open.
        return tickets[-1 - ticket % len(tickets)]

    def _clocks_told(self) -> list[ClockTold]:
        stories = self.stories.values()
        of_tickets = [
            clock
            for story in stories
            for ticket in story.tickets.values()
            for clock in ticket.clocks.values()
        ]
        return [*of_tickets, *(story.case for story in stories if story.case is not None)]

    def _listen(self) -> None:
        with self.world.as_system(*self.agencies.values()) as context:
            for opened, story in self.stories.items():
                facts = context.session.scalars(
                    select(Fact)
                    .where(Fact.tenant_id.in_(context.tenants), Fact.case_id == opened.case_id)
                    .order_by(Fact.id)
                ).all()
                story.hear([fact for fact in facts if fact.id not in self.heard])
                self.heard |= {fact.id for fact in facts}

    def _run(self, task: str) -> None:
        for tenant_id in (HUB, *self.agencies):
            with self.world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
                jobs = context.session.scalars(
                    select(Job.id).where(Job.tenant_id == tenant_id, Job.task == task).order_by(Job.id)
                ).all()
            for job_id in jobs:
                outcome = Outcome.MORE
                while outcome is Outcome.MORE:
                    outcome = run_job(
                        self.world.database,
                        tenant_id,
                        job_id,
                        WORK[task],
                        JobSettings(),
                        clock=self.world.clock,
                    )
                assert outcome is Outcome.DONE

    def _leaks(self) -> set[UUID]:
        with self.world.as_system(*self.agencies.values()) as context:
            return set(
                context.session.scalars(
                    select(Service.id).where(Service.tenant_id.in_(context.tenants), Service.code == "leak")
                )
            )

    def _promised(self, kind: str, ticket: Told) -> tuple[timedelta, WorkingTime, tuple[Rung, ...]]:
        if kind == "case":
            return self.case * HOUR, working_time("Su-Th 09:00-17:00", (), "Africa/Cairo"), DEFAULT_LADDER
        opening_hours, holidays = HOURS[self.hours[ticket.tenant_id]]
        first, resolution = self.general[ticket.tenant_id]
        if kind == "first_response":
            target = first
        elif ticket.service_id in self.leaks:
            target = self.own[ticket.tenant_id]
        elif ticket.priority == Priority.URGENT:
            target = self.urgent[ticket.tenant_id]
        else:
            target = resolution
        return target * HOUR, working_time(opening_hours, holidays, "Africa/Cairo"), DEFAULT_LADDER


def as_stored(row: TicketClock | CaseClock) -> dict[str, Any]:
    """What a clock's row holds, in the words of the replay."""
    return {
        "target": row.target,
        "started_at": row.started_at,
        "due_at": row.due_at,
        "paused_at": row.paused_at,
        "pauses": [
            (datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None, reason)
            for since, until, reason in row.pauses
        ],
        "spent": row.spent,
        "met_at": row.met_at,
        "stopped_at": row.stopped_at,
        "breached_at": row.breached_at,
        "rungs_done": row.rungs_done,
        "next_action_at": row.next_action_at,
    }


CASES, TICKETS = st.integers(0, 1), st.integers(0, 5)


def step(name: str, **facts: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """One thing that may happen, with the facts it needs."""
    return st.tuples(st.just(name), st.fixed_dictionaries(facts))


ACTING = step(
    "somebody_acts", choice=st.integers(0, 2**32), case=CASES, ticket=TICKETS, later=JUST_NOW_TO_TWO_DAYS
)
# Acts are most of what happens.
STEPS = st.one_of(
    *[ACTING] * 8,
    *[step("the_beat_sweeps", later=JUST_NOW_TO_TWO_DAYS)] * 2,
    step("the_jobs_run", later=JUST_NOW_TO_TWO_DAYS),
    step(
        "the_priority_changes",
        priority=st.sampled_from(sorted(Priority)),
        case=CASES,
        ticket=TICKETS,
        later=JUST_NOW_TO_TWO_DAYS,
    ),
    step(
        "another_body_comes_in",
        verb=st.sampled_from(["transfer", "add_tenant"]),
        service=st.sampled_from(["leak", "bill"]),
        case=CASES,
        ticket=TICKETS,
        later=JUST_NOW_TO_TWO_DAYS,
    ),
    step(
        "it_turns_out_to_be_the_same", case=CASES, ticket=TICKETS, other=TICKETS, later=JUST_NOW_TO_TWO_DAYS
    ),
    step(
        "a_tenant_promises_otherwise",
        tax=st.booleans(),
        first=st.integers(1, 12),
        more=st.integers(0, 40),
        own=st.integers(1, 30),
        urgent=st.integers(1, 6),
    ),
    step("the_hub_promises_otherwise", hours=st.integers(10, 200)),
    step("a_tenant_keeps_other_hours", tax=st.booleans(), hours=st.sampled_from(sorted(HOURS))),
)


def live_through(world: World, steps: list[tuple[str, dict[str, Any]]]) -> None:
    """A month in the world, looked at after every step and taken back in the end."""
    connection = world.database.bind
    assert isinstance(connection, Connection)
    savepoint = connection.begin_nested()
    try:
        month = Month(world)
        month.every_clock_is_what_the_facts_say()
        for name, facts in steps:
            getattr(month, name)(**facts)
            month.every_clock_is_what_the_facts_say()
    finally:
        savepoint.rollback()


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(STEPS, min_size=20, max_size=30))
def test_clocks_are_what_the_journal_and_the_rules_say(
    world: World, steps: list[tuple[str, dict[str, Any]]]
) -> None:
    live_through(world, steps)


@pytest.mark.slow
@settings(
    max_examples=150,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(STEPS, min_size=20, max_size=60))
def test_clocks_are_what_the_journal_and_the_rules_say_over_many_months(
    world: World, steps: list[tuple[str, dict[str, Any]]]
) -> None:
    live_through(world, steps)
