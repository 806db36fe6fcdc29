"""Several people acting on the same tickets and cases at the same moment, each on a connection of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.journal.models import Job
from hub.journal.running import run_job
from hub.journal.settings import JobSettings
from hub.tickets import actions
from hub.tickets.actions import Opened
from hub.tickets.errors import (
    AlreadyConcerned,
    CaseIsClosed,
    MoveNotAllowed,
    NotItsOwnDuplicate,
    StaleVersion,
)
from hub.tickets.tasks import settle_duplicates
from tenants.errors import Refusal
from tests.factories.tickets import (
    case_of,
    entries_of,
    facts_of,
    kinds_of,
    open_bill,
    open_leak,
    resolve,
    ticket_of,
    tickets_of,
    version_of,
)
from tests.world import World

Act = Callable[[], object]


def test_of_two_acts_on_the_same_version_one_wins(own_world: World) -> None:
    world = own_world
    for _ in range(5):
        opened = open_leak(world)

        def forward(opened: Opened = opened) -> None:
            with world.as_staff(world.water, "agent") as context:
                actions.forward(context, opened.ticket_id, 1)

        def finish(opened: Opened = opened) -> None:
            with world.as_staff(world.water, "officer") as context:
                actions.resolve(context, opened.ticket_id, 1, resolution="أُصلحت")

        outcomes = _at_once(forward, finish)
        assert [type(each) for each in outcomes if each] == [StaleVersion]
        assert version_of(world, opened) == 2
        done = [kind for kind in kinds_of(world, opened) if kind in ("ticket.forwarded", "ticket.resolved")]
        assert len(done) == 1
        lost = next(each for each in outcomes if each)
        assert ("ticket forwarded" if done == ["ticket.forwarded"] else "ticket resolved") in str(lost)


def test_of_ten_notes_on_the_same_version_one_is_kept(own_world: World) -> None:
    opened = open_leak(own_world)

    def note() -> None:
        with own_world.as_staff(own_world.water) as context:
            actions.add_note(context, opened.ticket_id, 1, text="ملاحظة")

    outcomes = _at_once(*[note] * 10)
    assert [type(each) for each in outcomes if each] == [StaleVersion] * 9
    assert (version_of(own_world, opened), len(entries_of(own_world, opened))) == (2, 1)


def test_two_tenants_closing_the_same_case_close_it_once(own_world: World) -> None:
    world = own_world
    for _ in range(8):
        opened = open_leak(world)
        with world.as_staff(world.water) as context:
            new = actions.add_tenant(context, opened.ticket_id, 1, tenant="tax", service="leak", reason="لهم")

        def archive_here(opened: Opened = opened) -> None:
            with world.as_staff(world.water) as context:
                actions.archive(context, opened.ticket_id, 2, reason="انتهى")

        def archive_there(new: UUID = new) -> None:
            with world.as_staff(world.tax) as context:
                actions.archive(context, new, 1, reason="انتهى")

        assert _at_once(archive_here, archive_there) == [None, None]
        case = case_of(world, opened)
        assert (case.open_tickets, case.at_work, case.closed_at) == (0, 0, world.clock.moment)
        assert kinds_of(world, opened).count("case.closed") == 1
        assert kinds_of(world, opened).count("case.rested") == 1


def test_two_transfers_at_once_open_one_ticket(own_world: World) -> None:
    world = own_world
    for _ in range(5):
        opened = open_leak(world)

        def hand_on(opened: Opened = opened) -> None:
            with world.as_staff(world.water) as context:
                actions.transfer(context, opened.ticket_id, 1, tenant="tax", service="leak", reason="لهم")

        outcomes = _at_once(hand_on, hand_on, hand_on)
        assert [type(each) for each in outcomes if each] == [StaleVersion] * 2
        assert [ticket.status for ticket in tickets_of(world, opened)] == ["transferred", "received"]
        assert case_of(world, opened).open_tickets == 1


def test_a_third_tenant_brought_in_by_two_at_once_gets_one_ticket(own_world: World) -> None:
    world = own_world
    for _ in range(5):
        # Two tickets of one case in the first tenant: one came back from the second, the other was reopened.
        opened = open_leak(world)
        with world.as_staff(world.water) as context:
            actions.reject(context, opened.ticket_id, 1, reason="ليست لنا")
        with world.as_citizen(opened.case_id) as context:
            actions.reopen(context, opened.ticket_id, 2, reason="بل لكم")
        with world.as_staff(world.water) as context:
            new = actions.add_tenant(context, opened.ticket_id, 3, tenant="tax", service="leak", reason="لهم")
        with world.as_staff(world.water) as context:
            actions.reject(context, opened.ticket_id, 4, reason="ليست لنا")
        with world.as_staff(world.tax) as context:
            back = actions.transfer(context, new, 1, tenant="water", service="leak", reason="ليست لنا")
        with world.as_citizen(opened.case_id) as context:
            actions.reopen(context, opened.ticket_id, 5, reason="بل لكم")
        acts = [
            lambda ticket_id=ticket_id, version=version: _bring_in_tax(world, ticket_id, version)
            for ticket_id, version in ((opened.ticket_id, 6), (back, 1))
        ]
        outcomes = _at_once(*acts)
        assert [type(each) for each in outcomes if each] == [AlreadyConcerned]
        open_there = [
            ticket
            for ticket in tickets_of(world, opened)
            if ticket.tenant_id == world.tax.id and ticket.closed_at is None
        ]
        assert len(open_there) == 1
        assert case_of(world, opened).open_tickets == 3


def test_a_ticket_joined_while_its_main_ticket_ends_is_never_forgotten(own_world: World) -> None:
    world = own_world
    for turn in range(12):
        main, twin = open_leak(world), open_leak(world)

        def join(main: Opened = main, twin: Opened = twin) -> None:
            with world.as_staff(world.water) as context:
                actions.join(context, twin.ticket_id, 1, main_ticket=main.ticket_id)

        def finish(main: Opened = main, solved: bool = turn % 2 == 0) -> None:
            with world.as_staff(world.water) as context:
                if solved:
                    actions.resolve(context, main.ticket_id, 1, resolution="أُصلحت")
                else:
                    actions.archive(context, main.ticket_id, 1, reason="اختبار")

        joined, finished = _at_once(join, finish)
        assert finished is None
        assert joined is None or isinstance(joined, NotItsOwnDuplicate)
        _run_jobs(world)
        expected = "resolved" if joined is None and turn % 2 == 0 else "received"
        assert ticket_of(world, twin).status == expected


def test_two_tickets_joined_to_each_other_at_once_do_not_go_in_circles(own_world: World) -> None:
    world = own_world
    for _ in range(6):
        one, other = open_leak(world), open_leak(world)

        def there(one: Opened = one, other: Opened = other) -> None:
            with world.as_staff(world.water) as context:
                actions.join(context, one.ticket_id, 1, main_ticket=other.ticket_id)

        def back(one: Opened = one, other: Opened = other) -> None:
            with world.as_staff(world.water) as context:
                actions.join(context, other.ticket_id, 1, main_ticket=one.ticket_id)

        outcomes = _at_once(there, back)
        assert [type(each) for each in outcomes if each] == [NotItsOwnDuplicate]
        assert sorted(ticket_of(world, each).status for each in (one, other)) == ["duplicate", "received"]


def test_a_confirmation_in_the_last_moment_and_the_sweep_close_once(own_world: World) -> None:
    world = own_world
    cases = [open_bill(world) for _ in range(6)]
    for opened in cases:
        resolve(world, opened)
    world.clock.advance(timedelta(days=14))
    for opened in cases:

        def confirm(opened: Opened = opened) -> None:
            with world.as_citizen(opened.case_id) as context:
                actions.confirm(context, opened.ticket_id, 3)

        def sweep() -> None:
            with world.as_system(world.water) as context:
                actions.close_after_silence(context, limit=1)

        late, swept = _at_once(confirm, sweep)
        assert swept is None
        assert late is None or isinstance(late, StaleVersion | CaseIsClosed | MoveNotAllowed)
    with world.as_system(world.water) as context:
        actions.close_after_silence(context)
    for opened in cases:
        assert ticket_of(world, opened).closure in ("confirmed", "silent")
        assert kinds_of(world, opened).count("ticket.closed") == 1
        assert kinds_of(world, opened).count("case.closed") == 1


def test_many_cases_opened_at_once_have_numbers_of_their_own(own_world: World) -> None:
    def open_some() -> list[str]:
        return [open_bill(own_world).number for _ in range(6)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for each in [pool.submit(open_some) for _ in range(8)] for number in each.result()]
    assert len(set(numbers)) == 48


@pytest.mark.parametrize("turn", range(3))
def test_a_question_and_a_reply_of_two_tickets_of_a_case_count_both(own_world: World, turn: int) -> None:
    world = own_world
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        new = actions.add_tenant(context, opened.ticket_id, 1, tenant="tax", service="leak", reason="لهم")

    def ask_here() -> None:
        with world.as_staff(world.water) as context:
            actions.ask(context, opened.ticket_id, 2, text="أين؟")

    def ask_there() -> None:
        with world.as_staff(world.tax) as context:
            actions.ask(context, new, 1, text="متى؟")

    assert _at_once(ask_here, ask_there) == [None, None]
    assert (case_of(world, opened).open_tickets, case_of(world, opened).at_work) == (2, 0)
    rested = [fact for fact in facts_of(world, opened) if fact.kind == "case.rested"]
    assert len(rested) == 1


def _bring_in_tax(world: World, ticket_id: UUID, version: int) -> None:
    with world.as_staff(world.water) as context:
        actions.add_tenant(context, ticket_id, version, tenant="tax", service="leak", reason="لهم")


def _at_once(*acts: Act) -> list[Refusal | None]:
    """Each act in a thread of its own, begun together: its refusal, or None where it was done."""
    start = Barrier(len(acts))

    def run(act: Act) -> Refusal | None:
        start.wait()
        try:
            act()
        except Refusal as refusal:
            return refusal
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(run, act) for act in acts]]


def _run_jobs(world: World) -> None:
    with world.as_system(world.water) as context:
        jobs = context.session.scalars(
            select(Job.id).where(Job.tenant_id == world.water.id, Job.task == "tickets.settle_duplicates")
        ).all()
    for job in jobs:
        run_job(world.database, world.water.id, job, settle_duplicates, JobSettings(), clock=world.clock)
