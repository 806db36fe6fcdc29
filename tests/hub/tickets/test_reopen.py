from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.sla.access import clock_of_case
from hub.tickets import actions
from hub.tickets.errors import CaseIsClosed, Missing, MoveNotAllowed, TooLateToReopen
from tenants.errors import NotAllowed
from tests.factories.tickets import case_of, facts_of, kinds_of, open_leak, resolve, ticket_of, version_of
from tests.hub.tickets.refusals import refused
from tests.world import World

REOPEN_DAYS = timedelta(days=30)


def test_a_reopened_ticket_is_the_tenants_again(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, version, reason="ما زالت مكسورة")
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.reopened) == ("reopened", 1)
    ended = ("resolved_at", "resolution", "silent_at", "closed_at", "closure")
    assert [getattr(ticket, name) for name in ended] == [None] * 5
    assert kinds_of(world, opened)[-2:] == ["ticket.reopened", "case.taken_up"]
    assert facts_of(world, opened)[-2].data == {"reason": "ما زالت مكسورة"}
    assert (case_of(world, opened).open_tickets, case_of(world, opened).at_work) == (1, 1)


def test_a_closed_case_opens_again_with_its_clock(world: World) -> None:
    opened = _closed(world)
    world.clock.advance(timedelta(days=3))
    with world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, 3, reason="عادت")
    case = case_of(world, opened)
    assert (case.open_tickets, case.at_work, case.closed_at) == (1, 1, None)
    assert kinds_of(world, opened)[-3:] == ["ticket.reopened", "case.reopened", "case.taken_up"]
    with world.as_system(world.water) as context:
        clock = clock_of_case(context, opened.case_id)
        assert clock is not None
        assert (clock.met_at, clock.paused_at) == (None, None)


def test_a_rejected_ticket_may_be_reopened(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.reject(context, opened.ticket_id, 1, reason="خارج النطاق")
    with world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, 2, reason="بل ضمنه")
    assert (ticket_of(world, opened).status, case_of(world, opened).open_tickets) == ("reopened", 1)


def test_the_window_ends_after_its_days_and_not_before(world: World) -> None:
    opened = _closed(world)
    world.clock.advance(REOPEN_DAYS)
    with world.as_citizen(opened.case_id) as context:
        version = actions.reopen(context, opened.ticket_id, 3, reason="في آخر لحظة")
    with world.as_staff(world.water) as context:
        version = actions.resolve(context, opened.ticket_id, version, resolution="ثانية")
    with world.as_citizen(opened.case_id) as context:
        version = actions.confirm(context, opened.ticket_id, version)
    world.clock.advance(REOPEN_DAYS + timedelta(microseconds=1))
    with refused(TooLateToReopen, "ticket"), world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, version, reason="متأخر")
    assert version_of(world, opened) == version


def test_a_note_does_not_restart_the_window(world: World) -> None:
    opened = _closed(world)
    world.clock.advance(REOPEN_DAYS - timedelta(days=1))
    with world.as_staff(world.water) as context:
        actions.add_note(context, opened.ticket_id, 3, text="روجعت")
    world.clock.advance(timedelta(days=2))
    with refused(TooLateToReopen, "ticket"), world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, 4, reason="متأخر")


def test_the_last_day_is_said_in_the_tenants_own_zone(world: World) -> None:
    world.clock.move_to(datetime(2026, 12, 1, 22, 30, tzinfo=UTC))
    opened = _closed(world)
    world.clock.advance(timedelta(days=31))
    with refused(TooLateToReopen, "ticket") as caught, world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, 3, reason="متأخر")
    # 22:30 in UTC is half past midnight in Cairo.
    assert "2027-01-01" in str(caught.value)


@pytest.mark.parametrize("days", [0, 40])
def test_what_was_never_solved_is_no_matter_of_time(world: World, days: int) -> None:
    archived, withdrawn, moved, fresh = (open_leak(world) for _ in range(4))
    with world.as_staff(world.water) as context:
        actions.archive(context, archived.ticket_id, 1, reason="اختبار")
        actions.transfer(context, moved.ticket_id, 1, tenant="tax", service="leak", reason="لهم")
    with world.as_citizen(withdrawn.case_id) as context:
        actions.withdraw(context, withdrawn.ticket_id, 1)
    world.clock.advance(timedelta(days=days))
    for opened in (archived, withdrawn, moved):
        with refused(CaseIsClosed, "ticket"), world.as_citizen(opened.case_id) as context:
            actions.reopen(context, opened.ticket_id, 2, reason="بل أريد")
    with refused(MoveNotAllowed, "ticket"), world.as_citizen(fresh.case_id) as context:
        actions.reopen(context, fresh.ticket_id, 1, reason="بل أريد")


def test_staff_do_not_reopen_not_even_too_late(world: World) -> None:
    opened = _closed(world)
    world.clock.advance(timedelta(days=40))
    with refused(NotAllowed, None), world.as_staff(world.water, "manager") as context:
        actions.reopen(context, opened.ticket_id, 3, reason="نيابة عنه")


def test_reopening_says_why(world: World) -> None:
    opened = _closed(world)
    with refused(Missing, "reason"), world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, 3, reason="")


def test_reopening_counts(world: World) -> None:
    opened = open_leak(world)
    for times in range(1, 4):
        version = resolve(world, opened)
        with world.as_citizen(opened.case_id) as context:
            actions.reopen(context, opened.ticket_id, version, reason="عادت")
        assert ticket_of(world, opened).reopened == times


def _closed(world: World) -> actions.Opened:
    opened = open_leak(world)
    version = resolve(world, opened)
    with world.as_citizen(opened.case_id) as context:
        actions.confirm(context, opened.ticket_id, version)
    return opened
