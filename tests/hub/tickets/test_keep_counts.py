"""Whatever is done to the tickets of some cases in two tenants, in whatever order: what is counted stays true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.journal.models import Fact, Job
from hub.journal.running import Outcome, run_job
from hub.journal.settings import JobSettings
from hub.reactions import SETTLE_DUPLICATES
from hub.sla.access import clock_of_case
from hub.tickets import actions
from hub.tickets.lifecycle import ENDED, MOVES, Move, Status, WaitingOn, is_at_work
from hub.tickets.models import Case, Ticket
from hub.tickets.tasks import settle_duplicates
from hub.vocabulary import Priority
from tenants.context import Context
from tenants.errors import Refusal
from tests.factories.tickets import open_bill, open_leak
from tests.world import Agency, World

Act = Callable[[Context, Ticket, "CasesWalked"], object]

ACTS: dict[str, Act] = {
    "forward": lambda c, t, m: actions.forward(c, t.id, t.version),
    "archive": lambda c, t, m: actions.archive(c, t.id, t.version, reason="اختبار"),
    "reject": lambda c, t, m: actions.reject(c, t.id, t.version, reason="خارج النطاق"),
    "assign": lambda c, t, m: actions.assign(c, t.id, t.version, team="repairs"),
    "start": lambda c, t, m: actions.start(c, t.id, t.version),
    "enter_stage": lambda c, t, m: actions.enter_stage(c, t.id, t.version, stage="inspection"),
    "ask": lambda c, t, m: actions.ask(c, t.id, t.version, text="أين؟"),
    "answer": lambda c, t, m: actions.answer(c, t.id, t.version, text="هنا"),
    "wait": lambda c, t, m: actions.wait(c, t.id, t.version, reason="تصريح"),
    "go_on": lambda c, t, m: actions.go_on(c, t.id, t.version),
    "transfer": lambda c, t, m: actions.transfer(
        c, t.id, t.version, tenant=m.elsewhere(t), service="bill", reason="لهم"
    ),
    "add_tenant": lambda c, t, m: actions.add_tenant(
        c, t.id, t.version, tenant=m.elsewhere(t), service="leak", reason="لهم أيضًا"
    ),
    "join": lambda c, t, m: actions.join(c, t.id, t.version, main_ticket=m.another(t).id),
    "release": lambda c, t, m: actions.release(c, t.id, t.version),
    "resolve": lambda c, t, m: actions.resolve(c, t.id, t.version, resolution="أُصلحت"),
    "confirm": lambda c, t, m: actions.confirm(c, t.id, t.version),
    "reopen": lambda c, t, m: actions.reopen(c, t.id, t.version, reason="عادت"),
    "withdraw": lambda c, t, m: actions.withdraw(c, t.id, t.version),
    "close_unreachable": lambda c, t, m: actions.close_unreachable(c, t.id, t.version, reason="لا يرد"),
    "add_note": lambda c, t, m: actions.add_note(c, t.id, t.version, text="ملاحظة"),
    "reply": lambda c, t, m: actions.reply(c, t.id, t.version, text="وصل"),
    "add_information": lambda c, t, m: actions.add_information(c, t.id, t.version, text="معلومة"),
    "prioritise": lambda c, t, m: actions.prioritise(c, t.id, t.version, priority=Priority.URGENT),
}
MOVE_OF: dict[str, Move] = {name.value: move for name, move in MOVES.items()}
BY_CITIZEN = {"answer", "confirm", "reopen", "withdraw", "add_information"}
_STEPS = {"possible": 70, "anything": 15, "time": 8, "silence": 2, "jobs": 5}
# These hang on more than where the ticket stands.
CONDITIONAL = {"answer", "transfer", "join", "reopen", "close_unreachable"}


class CasesWalked:
    """A few cases of two tenants, worked at random by staff, citizens and the system."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.cases = [open_leak(world), open_bill(world)]
        self.chance = Random(seed)  # noqa: S311 - a walk that can be walked again
        self.reached: Counter[str] = Counter()

    def step(self) -> None:
        """Mostly what the ticket's status allows: random acts alone seldom get far in a life."""
        name = self.chance.choices(list(_STEPS), weights=list(_STEPS.values()))[0]
        alive = [each for each in self.tickets() if Status(each.status) not in ENDED]
        if len(alive) < 3:
            opening = self.chance.choice([open_leak, open_bill])
            self.cases.append(opening(self.world, self.chance.choice([self.world.water, self.world.tax])))
        elif name == "possible":
            ticket = self.chance.choice(alive)
            verbs = [verb for verb in ACTS if verb not in MOVE_OF or ticket.status in MOVE_OF[verb].origins]
            # What was seldom done so far is done more readily.
            weights = [1 / (1 + self.reached[verb]) ** 2 for verb in verbs]
            self.act(self.chance.choices(verbs, weights)[0], ticket)
        elif name == "anything":
            self.act(self.chance.choice(sorted(ACTS)), self.chance.choice(self.tickets()))
        elif name == "time":
            self.world.clock.advance(timedelta(hours=self.chance.randint(1, 100)))
        elif name == "silence":
            self.sweep()
        else:
            self.do_promised_jobs()

    def act(self, verb: str, ticket: Ticket) -> None:
        tickets, status = self.tickets(), Status(ticket.status)
        try:
            with self.caller(verb, ticket) as context:
                ACTS[verb](context, ticket, self)
        except Refusal:
            assert [(each.id, each.version) for each in self.tickets()] == [
                (each.id, each.version) for each in tickets
            ]
            assert verb not in MOVE_OF or verb in CONDITIONAL or status not in MOVE_OF[verb].origins
            return
        assert verb not in MOVE_OF or status in MOVE_OF[verb].origins
        now = next(each for each in self.tickets() if each.id == ticket.id)
        assert now.version == ticket.version + 1
        if verb in MOVE_OF:
            assert now.status == (MOVE_OF[verb].to or status)
        self.reached[verb] += 1

    def sweep(self) -> None:
        with self.world.as_system(self.world.water, self.world.tax) as context:
            actions.close_after_silence(context)
        assert all(
            each.silent_at is None or each.silent_at > self.world.clock.moment for each in self.tickets()
        )

    def do_promised_jobs(self) -> None:
        for agency in (self.world.water, self.world.tax):
            for job in self.jobs(agency):
                outcome = run_job(
                    self.world.database,
                    agency.id,
                    job.id,
                    settle_duplicates,
                    JobSettings(),
                    clock=self.world.clock,
                )
                assert outcome is Outcome.DONE

    def check(self) -> None:
        """That all that is counted, paused, written down or promised is as the tickets are."""
        with self.world.as_system(self.world.water, self.world.tax) as context:
            tickets = {each.id: each for each in self.seen(context)}
            for opened in self.cases:
                of_case = [each for each in tickets.values() if each.case_id == opened.case_id]
                _counts_are_a_recount(context, opened.case_id, of_case)
            _no_version_is_missing(context, tickets.values())
            for each in tickets.values():
                _columns_mean_the_status(each)
                if each.status == Status.DUPLICATE:
                    assert each.main_ticket_id is not None
                    _no_duplicate_is_forgotten(context, tickets[each.main_ticket_id])

    def tickets(self) -> list[Ticket]:
        with self.world.as_system(self.world.water, self.world.tax) as context:
            return self.seen(context)

    def seen(self, context: Context) -> list[Ticket]:
        ids = [opened.case_id for opened in self.cases]
        return list(
            context.session.scalars(
                select(Ticket)
                .where(Ticket.tenant_id.in_(context.tenants), Ticket.case_id.in_(ids))
                .order_by(Ticket.id)
            )
        )

    def jobs(self, agency: Agency) -> list[Job]:
        with self.world.as_system(agency) as context:
            return list(
                context.session.scalars(
                    select(Job).where(Job.tenant_id == agency.id, Job.task == SETTLE_DUPLICATES)
                )
            )

    def caller(self, verb: str, ticket: Ticket) -> Any:
        if verb in BY_CITIZEN:
            return self.world.as_citizen(ticket.case_id, self.world.water, self.world.tax)
        return self.world.as_staff(self.agency(ticket))

    def agency(self, ticket: Ticket) -> Agency:
        return self.world.water if ticket.tenant_id == self.world.water.id else self.world.tax

    def elsewhere(self, ticket: Ticket) -> str:
        return self.world.tax.code if ticket.tenant_id == self.world.water.id else self.world.water.code

    def another(self, ticket: Ticket) -> Ticket:
        others = [each for each in self.tickets() if each.tenant_id == ticket.tenant_id]
        return next((each for each in others if each.id != ticket.id), ticket)


def _counts_are_a_recount(context: Context, case_id: UUID, tickets: list[Ticket]) -> None:
    case, clock = context.session.get_one(Case, case_id), clock_of_case(context, case_id)
    at_work = sum(
        is_at_work(Status(each.status), WaitingOn(each.waiting_on) if each.waiting_on else None)
        for each in tickets
    )
    open_tickets = sum(Status(each.status) not in ENDED for each in tickets)
    assert (case.open_tickets, case.at_work) == (open_tickets, at_work)
    assert (case.closed_at is None) == (open_tickets > 0)
    assert clock is not None
    assert (clock.paused_at is not None) == (open_tickets > 0 and at_work == 0)
    assert (clock.met_at is not None) == (open_tickets == 0)
    assert clock.stopped_at is None


def _columns_mean_the_status(ticket: Ticket) -> None:
    status = Status(ticket.status)
    assert (ticket.closed_at is not None) == (status in ENDED)
    assert (ticket.silent_at is not None) == (status is Status.RESOLVED)
    assert (ticket.closure is not None) == (status is Status.CLOSED)
    assert (ticket.handed_on_to is not None) == (status is Status.TRANSFERRED)
    assert ticket.team_id is not None
    if status is Status.RESOLVED:
        assert ticket.resolved_at is not None
        assert ticket.resolution


def _no_version_is_missing(context: Context, tickets: Iterable[Ticket]) -> None:
    facts = context.session.execute(
        select(Fact.ticket_id, Fact.version)
        .distinct()
        .where(Fact.tenant_id.in_(context.tenants), Fact.ticket_id.is_not(None), Fact.version.is_not(None))
    )
    written = {(ticket_id, version) for ticket_id, version in facts}
    assert written == {(each.id, version) for each in tickets for version in range(1, each.version + 1)}


def _no_duplicate_is_forgotten(context: Context, main: Ticket) -> None:
    """What a duplicate follows is open and follows nothing, or a job is promised that settles it."""
    assert main.status != Status.DUPLICATE
    if Status(main.status) in ENDED | {Status.RESOLVED}:
        promised = context.session.scalars(
            select(Fact.ticket_id)
            .join(Job, (Job.tenant_id == Fact.tenant_id) & (Job.fact_id == Fact.id))
            .where(Fact.tenant_id == main.tenant_id, Job.tenant_id == main.tenant_id)
        ).all()
        assert main.id in promised


@pytest.mark.parametrize("seed", range(3))
def test_counts_clock_and_journal_stay_true_whatever_is_done(world: World, seed: int) -> None:
    walk = CasesWalked(world, seed)
    for _ in range(100):
        walk.step()
        walk.check()
    # A walk that never got anywhere would prove nothing.
    assert len(walk.reached) > 0.8 * len(ACTS), walk.reached


def test_every_act_on_a_ticket_takes_part() -> None:
    elsewhere = {"open_case", "settle_duplicates", "close_after_silence"}
    assert {name for name in actions.__all__ if name.islower()} == ACTS.keys() | elsewhere
    assert {move.value for move in MOVES} == MOVE_OF.keys()
