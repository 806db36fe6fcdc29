from __future__ import annotations

from hub.tickets import actions
from hub.tickets.errors import CaseIsClosed, MoveNotAllowed, NotOfTheTeam, UnknownTeam
from tests.factories.tickets import facts_of, open_leak, resolve, ticket_of, version_of, work_on
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_ticket_goes_to_a_team_and_to_one_of_its_members(world: World) -> None:
    opened = open_leak(world)
    field = world.water.cast["field"].id
    with world.as_staff(world.water, "officer") as context:
        assert actions.assign(context, opened.ticket_id, 1, team="repairs", assignee=field) == 2
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.assignee_id) == ("assigned", field)
    fact = facts_of(world, opened)[-1]
    assert fact.kind == "ticket.assigned"
    assert fact.data == {"team_id": str(ticket.team_id), "assignee_id": str(field)}


def test_assigning_to_a_team_alone_takes_the_ticket_from_the_member(world: World) -> None:
    opened = open_leak(world)
    field = world.water.cast["field"].id
    with world.as_staff(world.water) as context:
        version = actions.assign(context, opened.ticket_id, 1, team="repairs", assignee=field)
        actions.assign(context, opened.ticket_id, version, team="front")
    assert ticket_of(world, opened).assignee_id is None


def test_work_given_to_another_team_leaves_its_stage(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        version = actions.enter_stage(context, opened.ticket_id, version, stage="inspection")
        actions.assign(context, opened.ticket_id, version, team="front")
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.stage) == ("assigned", None)


def test_an_unknown_team_is_refused(world: World) -> None:
    opened = open_leak(world)
    for code in ("nothing", "", "repairs ", "a\0b", "\ud800", "x" * 10_000):
        with refused(UnknownTeam, "team") as caught, world.as_staff(world.water) as context:
            actions.assign(context, opened.ticket_id, 1, team=code)
        assert len(str(caught.value)) < 200
    assert version_of(world, opened) == 1


def test_somebody_of_another_team_or_tenant_is_refused(world: World) -> None:
    opened = open_leak(world)
    for stranger in (world.water.cast["agent"].id, world.tax.cast["field"].id):
        with refused(NotOfTheTeam, "assignee"), world.as_staff(world.water) as context:
            actions.assign(context, opened.ticket_id, 1, team="repairs", assignee=stranger)
    assert version_of(world, opened) == 1


def test_a_waiting_or_solved_ticket_is_not_assigned(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        version = actions.ask(context, opened.ticket_id, 1, text="أين؟")
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.assign(context, opened.ticket_id, version, team="repairs")
    version = resolve(world, opened)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.assign(context, opened.ticket_id, version, team="repairs")


def test_a_closed_ticket_is_not_assigned(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        version = actions.archive(context, opened.ticket_id, 1, reason="اختبار")
    with refused(CaseIsClosed, "ticket"), world.as_staff(world.water) as context:
        actions.assign(context, opened.ticket_id, version, team="repairs")
