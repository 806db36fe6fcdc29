from __future__ import annotations

from datetime import timedelta

from hub.tickets import actions
from hub.tickets.errors import CaseIsClosed
from tests.factories.tickets import entries_of, facts_of, open_leak, resolve, ticket_of
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_the_first_reply_is_the_first_response_and_the_second_is_not(world: World) -> None:
    opened = open_leak(world)
    world.clock.advance(timedelta(minutes=30))
    first = world.clock.moment
    with world.as_staff(world.water, "agent") as context:
        version = actions.reply(context, opened.ticket_id, 1, text="وصل بلاغك")
    world.clock.advance(timedelta(minutes=30))
    with world.as_staff(world.water, "agent") as context:
        assert actions.reply(context, opened.ticket_id, version, text="الفريق في الطريق") == 3
    assert ticket_of(world, opened).first_response_at == first
    assert [entry.kind for entry in entries_of(world, opened)] == ["reply", "reply"]
    assert facts_of(world, opened)[-1].kind == "ticket.reply_sent"


def test_a_reply_does_not_move_the_ticket(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with world.as_staff(world.water) as context:
        actions.reply(context, opened.ticket_id, version, text="نرجو التأكيد")
    assert ticket_of(world, opened).status == "resolved"


def test_nobody_is_written_to_on_a_closed_ticket(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.reject(context, opened.ticket_id, 1, reason="خارج النطاق")
    with refused(CaseIsClosed, "ticket"), world.as_staff(world.water) as context:
        actions.reply(context, opened.ticket_id, 2, text="تحية")
    assert entries_of(world, opened) == []
