from __future__ import annotations

from hub.tickets import actions
from hub.tickets.errors import Missing, MoveNotAllowed
from tenants.errors import NotAllowed
from tests.factories.tickets import facts_of, open_leak, resolve, ticket_of, version_of, work_on
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_solved_ticket_keeps_what_was_done(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with world.as_staff(world.water) as context:
        actions.close_unreachable(context, opened.ticket_id, version, reason="الرقم مغلق")
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.closure, ticket.resolution) == ("closed", "unreachable", "أُصلحت")
    assert (ticket.silent_at, ticket.closed_at) == (None, world.clock.moment)


def test_what_was_tried_stands_in_the_journal(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with world.as_staff(world.water) as context:
        actions.close_unreachable(context, opened.ticket_id, version, reason="الرقم مغلق")
    fact = next(fact for fact in facts_of(world, opened) if fact.kind == "ticket.closed")
    assert fact.data == {"closure": "unreachable", "reason": "الرقم مغلق"}


def test_a_question_nobody_answers_may_end_as_unreachable(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        version = actions.ask(context, opened.ticket_id, 1, text="أين؟")
        actions.close_unreachable(context, opened.ticket_id, version, reason="لا يرد منذ أسبوع")
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.closure, ticket.waiting_on) == ("closed", "unreachable", None)
    assert (ticket.resolution, ticket.resolved_at) == (None, None)


def test_the_citizen_may_reopen_it(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with world.as_staff(world.water) as context:
        version = actions.close_unreachable(context, opened.ticket_id, version, reason="لا يرد")
    with world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, version, reason="كنت مسافرًا")
    assert (ticket_of(world, opened).status, ticket_of(world, opened).closure) == ("reopened", None)


def test_nobody_is_unreachable_who_was_not_asked(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.close_unreachable(context, opened.ticket_id, version, reason="لا يرد")
    with world.as_staff(world.water) as context:
        version = actions.wait(context, opened.ticket_id, version, reason="تصريح من الحي")
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.close_unreachable(context, opened.ticket_id, version, reason="لا يرد")
    assert version_of(world, opened) == version


def test_an_officer_does_not_close(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with refused(NotAllowed, None), world.as_staff(world.water, "officer") as context:
        actions.close_unreachable(context, opened.ticket_id, version, reason="لا يرد")


def test_what_was_tried_must_be_said(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with refused(Missing, "reason"), world.as_staff(world.water) as context:
        actions.close_unreachable(context, opened.ticket_id, version, reason="")
