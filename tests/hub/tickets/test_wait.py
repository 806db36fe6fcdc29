from __future__ import annotations

from hub.tickets import actions
from hub.tickets.errors import Missing, MoveNotAllowed
from tests.factories.tickets import case_of, facts_of, kinds_of, open_leak, ticket_of, version_of, work_on
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_waiting_for_somebody_outside_leaves_the_case_with_government(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_staff(world.water, "field") as context:
        actions.wait(context, opened.ticket_id, version, reason="تصريح حفر من الحي")
    ticket, case = ticket_of(world, opened), case_of(world, opened)
    assert (ticket.status, ticket.waiting_on) == ("waiting", "external")
    assert (case.open_tickets, case.at_work) == (1, 1)
    assert facts_of(world, opened)[-1].data == {"reason": "تصريح حفر من الحي"}
    assert "case.rested" not in kinds_of(world, opened)


def test_going_on_ends_the_waiting(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        version = actions.wait(context, opened.ticket_id, version, reason="تصريح")
        actions.go_on(context, opened.ticket_id, version)
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.waiting_on) == ("in_progress", None)


def test_staff_may_go_on_without_the_citizens_answer(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        version = actions.ask(context, opened.ticket_id, 1, text="أين؟")
    assert case_of(world, opened).at_work == 0
    with world.as_staff(world.water) as context:
        actions.go_on(context, opened.ticket_id, version)
    assert case_of(world, opened).at_work == 1
    assert kinds_of(world, opened)[-2:] == ["ticket.waiting_ended", "case.taken_up"]


def test_a_ticket_that_does_not_wait_does_not_go_on(world: World) -> None:
    opened = open_leak(world)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.go_on(context, opened.ticket_id, 1)


def test_an_unscreened_look_does_not_wait_for_others(world: World) -> None:
    opened = open_leak(world)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.wait(context, opened.ticket_id, 1, reason="تصريح")


def test_waiting_needs_its_reason(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with refused(Missing, "reason"), world.as_staff(world.water) as context:
        actions.wait(context, opened.ticket_id, version, reason="")
    assert version_of(world, opened) == version
