from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.journal.models import Job
from hub.journal.running import Outcome, run_job
from hub.journal.settings import JobSettings
from hub.sla.access import clock_of_case, clocks_of_ticket
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.tickets.errors import CaseIsClosed, MoveNotAllowed, NotItsOwnDuplicate, StaleVersion
from hub.tickets.tasks import settle_duplicates
from tenants.errors import NotFound
from tests.factories.tickets import (
    case_of,
    facts_of,
    kinds_of,
    open_leak,
    resolve,
    ticket_of,
    version_of,
    work_on,
)
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_duplicate_follows_its_main_ticket(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    with world.as_staff(world.water, "agent") as context:
        assert actions.join(context, twin.ticket_id, 1, main_ticket=main.ticket_id) == 2
    ticket = ticket_of(world, twin)
    assert (ticket.status, ticket.main_ticket_id) == ("duplicate", main.ticket_id)
    assert version_of(world, main) == 1
    assert facts_of(world, twin)[-1].data == {"main_ticket": str(main.ticket_id)}


def test_following_stops_the_tenants_clocks_but_not_the_citizens(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    with world.as_staff(world.water) as context:
        actions.join(context, twin.ticket_id, 1, main_ticket=main.ticket_id)
        clocks = clocks_of_ticket(context, ticket_for(context, twin.ticket_id))
        assert {clock.stopped_at for clock in clocks} == {world.clock.moment}
        case = clock_of_case(context, twin.case_id)
        assert case is not None
        assert (case.paused_at, case.met_at) == (None, None)
    assert (case_of(world, twin).open_tickets, case_of(world, twin).at_work) == (1, 1)


def test_each_citizen_is_asked_for_themselves_when_the_main_ticket_is_solved(world: World) -> None:
    main, twins = open_leak(world), [open_leak(world) for _ in range(3)]
    _join(world, twins, main)
    version = work_on(world, main)
    world.clock.advance(timedelta(hours=5))
    with world.as_staff(world.water) as context:
        actions.resolve(context, main.ticket_id, version, resolution="استُبدلت الماسورة")
    assert [ticket_of(world, twin).status for twin in twins] == ["duplicate"] * 3
    assert _run_jobs(world) == [Outcome.DONE]
    for twin in twins:
        ticket = ticket_of(world, twin)
        assert (ticket.status, ticket.resolution) == ("resolved", "استُبدلت الماسورة")
        assert (ticket.resolved_at, ticket.main_ticket_id) == (world.clock.moment, main.ticket_id)
        assert facts_of(world, twin)[-2].actor_kind == "system"
        assert (case_of(world, twin).open_tickets, case_of(world, twin).at_work) == (1, 0)
    with world.as_citizen(twins[0].case_id) as context:
        actions.confirm(context, twins[0].ticket_id, 3)
    with world.as_citizen(twins[1].case_id) as context:
        actions.reopen(context, twins[1].ticket_id, 3, reason="عندي ما زالت")
    assert ticket_of(world, twins[0]).closure == "confirmed"
    reopened = ticket_of(world, twins[1])
    assert (reopened.status, reopened.main_ticket_id) == ("reopened", None)
    assert ticket_of(world, main).status == "resolved"


@pytest.mark.parametrize("ending", ["withdraw", "archive", "reject", "transfer", "unreachable"])
def test_when_the_main_ticket_ends_unsolved_its_duplicates_are_screened_anew(
    world: World, ending: str
) -> None:
    main, twin = open_leak(world), open_leak(world)
    _join(world, [twin], main)
    _end(world, main, ending)
    _run_jobs(world)
    ticket = ticket_of(world, twin)
    assert (ticket.status, ticket.main_ticket_id, ticket.closed_at) == ("received", None, None)
    assert kinds_of(world, twin)[-1] == "ticket.released"
    assert (case_of(world, twin).open_tickets, case_of(world, twin).at_work) == (1, 1)
    with world.as_staff(world.water) as context:
        actions.forward(context, twin.ticket_id, ticket.version)


def test_duplicates_of_a_solved_ticket_closed_as_unreachable_are_solved_too(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    _join(world, [twin], main)
    version = resolve(world, main)
    with world.as_staff(world.water) as context:
        actions.close_unreachable(context, main.ticket_id, version, reason="الرقم مغلق")
    _run_jobs(world)
    assert (ticket_of(world, twin).status, ticket_of(world, twin).resolution) == ("resolved", "أُصلحت")


def test_a_main_ticket_reopened_in_between_keeps_its_duplicates(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    _join(world, [twin], main)
    resolve(world, main)
    with world.as_citizen(main.case_id) as context:
        actions.reopen(context, main.ticket_id, 2, reason="عادت")
    _run_jobs(world)
    assert ticket_of(world, twin).status == "duplicate"
    resolve(world, main)
    _run_jobs(world)
    assert ticket_of(world, twin).status == "resolved"


def test_settling_twice_settles_once(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    _join(world, [twin], main)
    resolve(world, main)
    with world.as_system(world.water) as context:
        assert actions.settle_duplicates(context, world.water.id, main.ticket_id) == 1
        assert actions.settle_duplicates(context, world.water.id, main.ticket_id) == 0
    assert kinds_of(world, twin).count("ticket.resolved") == 1


def test_tickets_that_followed_a_duplicate_follow_the_same_main_ticket(world: World) -> None:
    first, second, third = open_leak(world), open_leak(world), open_leak(world)
    _join(world, [first], second)
    _join(world, [second], third)
    followers = [ticket_of(world, first), ticket_of(world, second)]
    assert [ticket.main_ticket_id for ticket in followers] == [third.ticket_id] * 2
    assert [ticket.status for ticket in followers] == ["duplicate"] * 2
    resolve(world, third)
    _run_jobs(world)
    assert [ticket_of(world, each).status for each in (first, second, third)] == ["resolved"] * 3


def test_a_whole_crowd_changes_its_main_ticket(world: World) -> None:
    crowd = [open_leak(world) for _ in range(6)]
    _join(world, crowd[:4], crowd[4])
    _join(world, [crowd[4]], crowd[5])
    assert {ticket_of(world, each).main_ticket_id for each in crowd[:5]} == {crowd[5].ticket_id}
    for each in crowd[:4]:
        assert [fact.version for fact in facts_of(world, each) if fact.version] == [1, 1, 2, 3, 4]


def test_what_a_ticket_may_not_follow(world: World) -> None:
    ticket, solved, twin, main = (open_leak(world) for _ in range(4))
    resolve(world, solved)
    _join(world, [twin], main)
    ended = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.archive(context, ended.ticket_id, 1, reason="اختبار")
    for unfit in (ticket, solved, twin, ended):
        with refused(NotItsOwnDuplicate, "main_ticket"), world.as_staff(world.water) as context:
            actions.join(context, ticket.ticket_id, 1, main_ticket=unfit.ticket_id)
    assert version_of(world, ticket) == 1


def test_a_ticket_of_another_tenant_is_as_if_absent(world: World) -> None:
    mine, theirs = open_leak(world), open_leak(world, world.tax)
    with refused(NotFound, "main_ticket"), world.as_staff(world.water) as context:
        actions.join(context, mine.ticket_id, 1, main_ticket=theirs.ticket_id)
    with refused(NotFound, "ticket"), world.as_staff(world.water) as context:
        actions.join(context, theirs.ticket_id, 1, main_ticket=mine.ticket_id)
    with refused(NotFound, "main_ticket"), world.as_staff(world.water) as context:
        actions.join(context, mine.ticket_id, 1, main_ticket=UUID(int=7))


def test_a_solved_or_ended_ticket_joins_nothing(world: World) -> None:
    main, solved = open_leak(world), open_leak(world)
    resolve(world, solved)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.join(context, solved.ticket_id, 2, main_ticket=main.ticket_id)
    with world.as_citizen(solved.case_id) as context:
        actions.confirm(context, solved.ticket_id, 2)
    with refused(CaseIsClosed, "ticket"), world.as_staff(world.water) as context:
        actions.join(context, solved.ticket_id, 3, main_ticket=main.ticket_id)


def test_a_duplicate_is_released_by_staff(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    _join(world, [twin], main)
    with world.as_staff(world.water, "agent") as context:
        actions.release(context, twin.ticket_id, 2)
    ticket = ticket_of(world, twin)
    assert (ticket.status, ticket.main_ticket_id, ticket.version) == ("received", None, 3)
    resolve(world, main)
    _run_jobs(world)
    assert ticket_of(world, twin).status == "received"


def test_only_a_duplicate_is_released(world: World) -> None:
    ticket = open_leak(world)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.release(context, ticket.ticket_id, 1)


def test_a_citizen_may_withdraw_a_duplicate(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    _join(world, [twin], main)
    with world.as_citizen(twin.case_id) as context:
        actions.withdraw(context, twin.ticket_id, 2)
    assert ticket_of(world, twin).status == "withdrawn"
    resolve(world, main)
    _run_jobs(world)
    assert ticket_of(world, twin).status == "withdrawn"


def test_a_stale_look_joins_nothing(world: World) -> None:
    main, twin = open_leak(world), open_leak(world)
    with world.as_staff(world.water) as context:
        actions.forward(context, twin.ticket_id, 1)
    with refused(StaleVersion, "version"), world.as_staff(world.water) as context:
        actions.join(context, twin.ticket_id, 1, main_ticket=main.ticket_id)


def _join(world: World, twins: list[Opened], main: Opened) -> None:
    with world.as_staff(world.water) as context:
        for twin in twins:
            version = ticket_for(context, twin.ticket_id).version
            actions.join(context, twin.ticket_id, version, main_ticket=main.ticket_id)


def _end(world: World, main: Opened, ending: str) -> None:
    if ending == "withdraw":
        with world.as_citizen(main.case_id) as context:
            actions.withdraw(context, main.ticket_id, 1)
        return
    with world.as_staff(world.water) as context:
        acts: dict[str, Any] = {
            "archive": lambda: actions.archive(context, main.ticket_id, 1, reason="اختبار"),
            "reject": lambda: actions.reject(context, main.ticket_id, 1, reason="خارج النطاق"),
            "transfer": lambda: actions.transfer(
                context, main.ticket_id, 1, tenant="tax", service="leak", reason="لهم"
            ),
            "unreachable": lambda: actions.close_unreachable(
                context,
                main.ticket_id,
                actions.ask(context, main.ticket_id, 1, text="أين؟"),
                reason="لا يرد",
            ),
        }
        acts[ending]()


def _run_jobs(world: World) -> list[Outcome]:
    """Every job that is promised now, run as the worker runs it."""
    with world.as_system(world.water) as context:
        jobs = context.session.scalars(
            select(Job.id).where(Job.tenant_id == world.water.id, Job.task == "tickets.settle_duplicates")
        ).all()
    return [
        run_job(world.database, world.water.id, job, settle_duplicates, JobSettings(), clock=world.clock)
        for job in jobs
    ]
