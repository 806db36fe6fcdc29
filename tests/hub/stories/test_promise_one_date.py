"""The one date that a citizen is told: what bodies promise for solving, the hub's own where that is sooner or alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update

from hub.sla.access import promise_to_citizen
from hub.sla.models import CaseClock, ServiceLevelRow, TicketClock
from hub.stories.queries import case_for_citizen
from hub.stories.views import ExplainedClock
from hub.tickets import actions
from hub.tickets.actions import Opened
from tests.factories.clocks import act, cairo, case_clock_of, resolution_of
from tests.factories.tickets import open_bill, open_leak, work_on
from tests.world import Agency, World


def told(world: World, opened: Opened, *agencies: Agency) -> ExplainedClock:
    """What the case's citizen is told of its date."""
    with world.as_citizen(opened.case_id, *(agencies or (world.water,))) as context:
        promise = case_for_citizen(context).promise
    assert promise is not None
    return promise


def clock_of(world: World, agency: Agency, ticket: UUID, moment: datetime) -> None:
    """Put the deadline of a ticket's resolution at a moment."""
    with world.as_system(agency) as context:
        context.session.execute(
            update(TicketClock)
            .where(
                TicketClock.tenant_id == agency.id,
                TicketClock.ticket_id == ticket,
                TicketClock.kind == "resolution",
            )
            .values(due_at=moment)
        )


def test_a_body_that_promises_sooner_than_the_hub_is_taken_at_its_word(world: World) -> None:
    opened = open_leak(world)
    promise = told(world, opened)
    assert promise.due_at == resolution_of(world, opened).due_at < case_clock_of(world, opened).due_at
    assert promise.kind == "resolution"
    # And the steps that it was reckoned by are those of that date.
    assert promise.target_seconds == 8 * 3600
    assert promise.steps[-1].kind == "standing"


def test_the_hubs_own_date_stands_where_no_clock_of_a_body_runs(world: World) -> None:
    opened = open_leak(world)
    with world.as_system(world.water) as context:
        context.session.execute(
            update(TicketClock)
            .where(TicketClock.tenant_id == world.water.id, TicketClock.ticket_id == opened.ticket_id)
            .values(stopped_at=context.now)
        )
    assert told(world, opened).kind == "case"


def test_the_hubs_own_date_stands_where_it_is_the_sooner(world: World) -> None:
    opened = open_leak(world)
    clock_of(world, world.water, opened.ticket_id, cairo(31, 12, month=12))
    assert told(world, opened).due_at == case_clock_of(world, opened).due_at


def test_of_several_bodies_the_latest_counts(world: World) -> None:
    opened = open_leak(world)
    other: UUID = act(world, "add_tenant", opened, tenant="tax", service="bill", reason="أيضًا")
    clock_of(world, world.water, opened.ticket_id, cairo(23, 12))
    clock_of(world, world.tax, other, cairo(24, 12))
    assert told(world, opened, world.water, world.tax).due_at == cairo(24, 12)
    act(world, "resolve", opened, world.tax, ticket_id=other, resolution="أُصلحت")
    assert told(world, opened, world.water, world.tax).due_at == cairo(23, 12)


def test_a_case_that_was_passed_on_goes_by_the_body_that_has_it_now(world: World) -> None:
    opened = open_leak(world)
    handed_on: UUID = act(world, "transfer", opened, tenant="tax", service="bill", reason="ليست لنا")
    clock_of(world, world.tax, handed_on, cairo(25, 12))
    assert told(world, opened, world.water, world.tax).due_at == cairo(25, 12)


def test_while_its_citizen_is_asked_the_date_rests(world: World) -> None:
    opened = open_leak(world)
    act(world, "ask", opened, text="سؤال")
    promise = told(world, opened)
    assert (promise.kind, promise.paused_since) == ("resolution", world.clock.moment)


def test_while_a_body_waits_for_others_the_hubs_date_runs_on(world: World) -> None:
    opened = open_leak(world)
    work_on(world, opened)
    act(world, "wait", opened, reason="مورّد")
    promise = told(world, opened)
    assert (promise.kind, promise.paused_since) == ("case", None)
    with world.as_system(world.water) as context:
        context.session.execute(
            update(CaseClock).where(CaseClock.case_id == opened.case_id).values(stopped_at=context.now)
        )
    promise = told(world, opened)
    assert (promise.kind, promise.paused_since) == ("resolution", world.clock.moment)


def test_what_was_solved_is_held_against_what_was_promised(world: World) -> None:
    opened = open_leak(world)
    world.clock.move_to(cairo(22, 12))
    act(world, "resolve", opened, resolution="أُصلحت")
    promise = told(world, opened)
    assert (promise.kind, promise.met_at, promise.late) == ("resolution", cairo(22, 12), False)
    act(world, "confirm", opened)
    assert told(world, opened).met_at == cairo(22, 12)


def test_what_was_reopened_has_a_date_again(world: World) -> None:
    opened = open_leak(world)
    act(world, "resolve", opened, resolution="أُصلحت")
    act(world, "reopen", opened, reason="ليست محلولة")
    promise = told(world, opened)
    assert (promise.kind, promise.met_at) == ("resolution", None)


def test_what_was_withdrawn_has_none_any_more(world: World) -> None:
    opened = open_bill(world)
    act(world, "withdraw", opened)
    promise = told(world, opened)
    assert promise.met_at is None
    assert promise.stopped_at == world.clock.moment


def test_what_was_solved_with_another_is_told_by_the_hubs_own_date(world: World) -> None:
    main, opened = open_leak(world), open_leak(world)
    act(world, "join", opened, main_ticket=main.ticket_id)
    world.clock.move_to(cairo(23, 12))
    act(world, "resolve", main, resolution="أُصلحت")
    with world.as_system(world.water) as context:
        actions.settle_duplicates(context, world.water.id, main.ticket_id)
    promise = told(world, opened)
    # It did not end on the day of joining: it is solved, and its citizen is asked.
    assert (promise.kind, promise.stopped_at, promise.paused_since) == ("case", None, cairo(23, 12))
    act(world, "confirm", opened)
    promise = told(world, opened)
    assert (promise.kind, promise.stopped_at, promise.met_at) == ("case", None, cairo(23, 12))


def test_what_was_solved_by_a_body_that_promises_nothing_is_told_by_the_hubs_own_date(world: World) -> None:
    opened = open_leak(world)
    for agencies in ((), (world.tax,)):
        with world.as_system(*agencies) as context:
            context.session.execute(
                update(ServiceLevelRow)
                .where(ServiceLevelRow.tenant_id == context.tenant_id)
                .values(first_response=timedelta(hours=16), resolution=None)
            )
    handed_on: UUID = act(world, "transfer", opened, tenant="tax", service="bill", reason="ليست لنا")
    world.clock.move_to(cairo(23, 12))
    act(world, "resolve", opened, world.tax, ticket_id=handed_on, resolution="أُصلحت")
    act(world, "confirm", opened, world.tax, ticket_id=handed_on)
    promise = told(world, opened, world.water, world.tax)
    assert (promise.kind, promise.stopped_at, promise.met_at) == ("case", None, cairo(23, 12))


def test_another_body_learns_nothing_of_it(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.tax) as context:
        assert promise_to_citizen(context, opened.case_id, {opened.ticket_id}) is None
