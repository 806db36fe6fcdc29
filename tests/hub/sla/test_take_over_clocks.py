"""Clocks that came with their deadline from an older system: never counted, never in the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hub.sla.access import why_due
from hub.sla.actions import Promise, save_levels
from hub.sla.errors import DeadlineWasGiven
from hub.sla.models import CaseClock
from hub.vocabulary import Priority
from tenants.languages import Language
from tests.factories.clocks import (
    HOUR,
    act,
    cairo,
    case_clock_of,
    resolution_of,
    run_move_jobs,
    rungs_of,
    sweep,
    sweep_at,
    take_over,
)
from tests.factories.tickets import open_leak, work_on
from tests.world import World

DUE = cairo(24, 12)


def test_it_fires_at_its_deadline_and_only_then(world: World) -> None:
    opened = open_leak(world)
    take_over(world, opened, DUE)
    sweep_at(world, DUE - timedelta(microseconds=1))
    assert rungs_of(world, opened) == []

    sweep_at(world, DUE, cairo(29, 12))
    clock = resolution_of(world, opened)
    assert rungs_of(world, opened) == [(100, DUE)]
    assert (clock.breached_at, clock.rungs_done, clock.next_action_at) == (DUE, [100], None)


def test_nothing_holds_a_given_deadline(world: World) -> None:
    opened = open_leak(world)
    take_over(world, opened, DUE)
    work_on(world, opened)
    act(world, "wait", opened, reason="تصريح")
    world.clock.move_to(cairo(23, 12))
    act(world, "go_on", opened)
    act(world, "ask", opened, text="سؤال")

    clock = resolution_of(world, opened)
    assert (clock.due_at, clock.next_action_at, clock.paused_at, clock.pauses) == (DUE, DUE, None, [])


def test_it_is_met_in_time(world: World) -> None:
    opened = open_leak(world)
    take_over(world, opened, DUE)
    world.clock.move_to(DUE)
    act(world, "resolve", opened, resolution="أُصلحت")

    clock = resolution_of(world, opened)
    assert (clock.met_at, clock.breached_at, clock.next_action_at) == (DUE, None, None)
    assert rungs_of(world, opened) == []


def test_its_breach_is_owed_when_it_is_met_late_before_a_sweep(world: World) -> None:
    opened = open_leak(world)
    take_over(world, opened, DUE)
    world.clock.move_to(cairo(24, 13))
    act(world, "resolve", opened, resolution="أُصلحت")
    sweep(world)

    assert rungs_of(world, opened) == [(100, cairo(24, 13))]
    assert resolution_of(world, opened).breached_at == DUE


def test_it_goes_on_to_its_deadline_when_reopened_and_never_breaches_twice(world: World) -> None:
    opened = open_leak(world)
    take_over(world, opened, DUE)
    act(world, "resolve", opened, resolution="أُصلحت")
    act(world, "reopen", opened, reason="عادت")
    clock = resolution_of(world, opened)
    assert (clock.met_at, clock.next_action_at) == (None, DUE)

    sweep_at(world, DUE)
    act(world, "resolve", opened, resolution="أُصلحت")
    act(world, "reopen", opened, reason="عادت")
    sweep_at(world, cairo(29, 12))
    assert rungs_of(world, opened) == [(100, DUE)]


def test_one_that_was_late_when_it_was_taken_over_raises_no_alarm_again(world: World) -> None:
    opened = open_leak(world)
    take_over(world, opened, cairo(20, 12))
    with world.as_system(world.water) as context:
        clock = resolution_of(world, opened)
        context.session.execute(
            update(type(clock))
            .where(type(clock).tenant_id == world.water.id, type(clock).id == clock.id)
            .values(breached_at=cairo(20, 12), next_action_at=None)
        )
    act(world, "resolve", opened, resolution="أُصلحت")
    act(world, "reopen", opened, reason="عادت")
    sweep(world)

    assert rungs_of(world, opened) == []


@pytest.mark.parametrize("verb", ["resolve", "withdraw"])
def test_times_that_cannot_be_are_lived_with(world: World, verb: str) -> None:
    """Real records close before they open; the clock of such a ticket must not stop anybody's work."""
    opened = open_leak(world)
    take_over(world, opened, cairo(20, 12), started_at=cairo(29, 12))
    facts: dict[str, Any] = {"resolution": "أُصلحت"} if verb == "resolve" else {}
    act(world, verb, opened, **facts)

    clock = resolution_of(world, opened)
    assert cairo(22, 10) in (clock.met_at, clock.stopped_at)
    assert rungs_of(world, opened) == [(100, cairo(22, 10))]


def test_new_priorities_and_promises_leave_it_alone(world: World) -> None:
    opened = open_leak(world)
    take_over(world, opened, DUE)
    act(world, "prioritise", opened, priority=Priority.URGENT)
    with world.as_staff(world.water, "manager") as context:
        save_levels(context, [Promise(calendar="office", first_response=HOUR, resolution=HOUR)])
    run_move_jobs(world, world.water.id)

    clock = resolution_of(world, opened)
    assert (clock.due_at, clock.target) == (DUE, None)


def test_nobody_can_say_why_it_is_due_and_says_so_politely(world: World) -> None:
    opened = open_leak(world)
    take_over(world, opened, DUE)
    with world.as_staff(world.water) as context, pytest.raises(DeadlineWasGiven) as refused:
        why_due(context, resolution_of(world, opened))

    assert refused.value.field == "clock"
    assert "earlier system" in refused.value.sentence(Language.ENGLISH)
    assert "نظام سابق" in refused.value.sentence(Language.ARABIC)


def test_a_given_citizens_deadline_is_lived_with_too(world: World) -> None:
    opened = open_leak(world)
    with world.as_system(world.water) as context:
        context.session.execute(
            update(CaseClock)
            .where(CaseClock.case_id == opened.case_id)
            .values(
                level_tenant=None,
                level_id=None,
                calendar_version=None,
                target=None,
                due_at=DUE,
                next_action_at=DUE,
            )
        )
    act(world, "ask", opened, text="سؤال")
    act(world, "answer", opened, text="جواب")
    sweep_at(world, DUE)
    act(world, "resolve", opened, resolution="أُصلحت")
    act(world, "confirm", opened)

    clock = case_clock_of(world, opened)
    assert (clock.met_at, clock.breached_at) == (DUE, DUE)
    assert rungs_of(world, opened, "case") == [(100, DUE)]


def test_the_other_tenants_clocks_are_counted_as_ever(world: World) -> None:
    opened, theirs = open_leak(world), open_leak(world, world.tax)
    take_over(world, opened, DUE)
    sweep_at(world, DUE)

    assert resolution_of(world, theirs, world.tax).due_at == cairo(23, 10)
    assert len(rungs_of(world, theirs, "resolution", world.tax)) == 3
