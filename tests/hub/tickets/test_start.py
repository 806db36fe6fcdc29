from __future__ import annotations

from hub.tickets import actions
from hub.tickets.errors import MoveNotAllowed, UnknownStage
from tests.factories.tickets import case_of, facts_of, open_bill, open_leak, ticket_of, version_of, work_on
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_field_staff_begin_to_work(world: World) -> None:
    opened = open_bill(world)
    with world.as_staff(world.water, "field") as context:
        assert actions.start(context, opened.ticket_id, 2) == 3
    assert ticket_of(world, opened).status == "in_progress"
    assert facts_of(world, opened)[-1].kind == "ticket.started"


def test_work_does_not_begin_before_screening(world: World) -> None:
    opened = open_leak(world)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.start(context, opened.ticket_id, 1)


def test_work_begins_anew_on_a_reopened_ticket(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.resolve(context, opened.ticket_id, 1, resolution="أُصلحت")
    with world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, 2, reason="ما زالت مكسورة")
    with world.as_staff(world.water) as context:
        actions.start(context, opened.ticket_id, 3)
    assert ticket_of(world, opened).status == "in_progress"


def test_work_moves_to_a_stage_of_the_tenants_own(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        actions.enter_stage(context, opened.ticket_id, version, stage="inspection")
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.stage) == ("in_progress", "inspection")
    assert facts_of(world, opened)[-1].data == {"stage": "inspection"}
    assert case_of(world, opened).at_work == 1


def test_an_unknown_stage_is_refused(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    for code in ("nothing", "", "a\0b", "\ud800", "x" * 10_000):
        with refused(UnknownStage, "stage") as caught, world.as_staff(world.water) as context:
            actions.enter_stage(context, opened.ticket_id, version, stage=code)
        assert len(str(caught.value)) < 200
    assert version_of(world, opened) == version


def test_a_stage_is_entered_only_in_progress(world: World) -> None:
    opened = open_leak(world)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.enter_stage(context, opened.ticket_id, 1, stage="inspection")
