from __future__ import annotations

from hub.tickets import actions
from hub.tickets.errors import BadText, CaseIsClosed
from tests.factories.tickets import case_of, facts_of, open_leak, resolve, ticket_of, version_of
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_citizen_takes_it_back_with_or_without_a_reason(world: World) -> None:
    for reason, data in (("حُلّت وحدها", {"reason": "حُلّت وحدها"}), (None, {}), ("  ", {})):
        opened = open_leak(world)
        with world.as_citizen(opened.case_id) as context:
            actions.withdraw(context, opened.ticket_id, 1, reason=reason)
        ticket = ticket_of(world, opened)
        assert (ticket.status, ticket.closed_at, ticket.closure) == ("withdrawn", world.clock.moment, None)
        assert case_of(world, opened).closed_at == world.clock.moment
        fact = next(fact for fact in facts_of(world, opened) if fact.kind == "ticket.withdrawn")
        assert fact.data == data


def test_what_is_solved_may_still_be_taken_back(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with world.as_citizen(opened.case_id) as context:
        actions.withdraw(context, opened.ticket_id, version)
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.silent_at) == ("withdrawn", None)


def test_what_is_over_is_not_taken_back(world: World) -> None:
    opened = open_leak(world)
    with world.as_citizen(opened.case_id) as context:
        actions.withdraw(context, opened.ticket_id, 1)
    with refused(CaseIsClosed, "ticket"), world.as_citizen(opened.case_id) as context:
        actions.withdraw(context, opened.ticket_id, 2)


def test_a_reason_is_text_if_it_is_given(world: World) -> None:
    opened = open_leak(world)
    with refused(BadText, "reason"), world.as_citizen(opened.case_id) as context:
        actions.withdraw(context, opened.ticket_id, 1, reason="\0")
    assert version_of(world, opened) == 1
