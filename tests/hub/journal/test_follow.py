from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.journal.announcing import Announcer, Listener
from hub.journal.following import Position, facts_after, position_now, read_position, write_position
from hub.tickets import actions
from tenants.context import Context
from tests.factories.tickets import open_bill, open_leak, version_of
from tests.infra.processes import eventually
from tests.world import World


def start_of(world: World) -> Position:
    with world.as_system(world.water) as context:
        return position_now(context, world.water.id)


def heard(world: World, position: Position, limit: int = 100) -> tuple[list[UUID], Position]:
    """Everything after a position, page by page, and where that leads."""
    found: list[UUID] = []
    while True:
        with world.as_system(world.water) as context:
            followed = facts_after(context, world.water.id, position, limit=limit)
        found += [fact.id for fact in followed.facts]
        position = followed.position
        if len(followed.facts) < limit:
            return found, position


@contextmanager
def unfinished(world: World, ticket_id: UUID, version: int) -> Iterator[Context]:
    """A note whose transaction stays open for the length of the block."""
    with world.as_staff(world.water) as context:
        actions.add_note(context, ticket_id, version, text="لحظة")
        yield context


def test_a_follower_hears_what_happens_from_now_on_and_nothing_of_before(own_world: World) -> None:
    open_leak(own_world)
    position = start_of(own_world)
    assert heard(own_world, position)[0] == []
    opened = open_leak(own_world)
    with own_world.as_system(own_world.water) as context:
        followed = facts_after(context, own_world.water.id, position, limit=100)
    assert {fact.ticket_id for fact in followed.facts} == {opened.ticket_id}
    assert next(iter(followed.facts)).kind == "ticket.opened"
    assert heard(own_world, followed.position)[0] == []


def test_a_fact_that_commits_late_is_heard_although_later_ones_were_heard_before(own_world: World) -> None:
    slow, quick = open_leak(own_world), open_leak(own_world)
    position = start_of(own_world)
    with unfinished(own_world, slow.ticket_id, 1):
        with own_world.as_staff(own_world.water) as context:
            actions.add_note(context, quick.ticket_id, 1, text="سريعًا")
        first, position = heard(own_world, position)
        again, position = heard(own_world, position)
    late, position = heard(own_world, position)
    assert (len(first), len(again), len(late)) == (1, 0, 1)
    assert heard(own_world, position)[0] == []


# Transactions of other databases on the server hold back from where a reader goes on: it hears more again then.
@pytest.mark.alone
def test_whoever_comes_back_misses_nothing_that_was_under_way_when_it_left(own_world: World) -> None:
    slow, quick = open_leak(own_world), open_leak(own_world)
    position = start_of(own_world)
    with unfinished(own_world, slow.ticket_id, 1):
        with own_world.as_staff(own_world.water) as context:
            actions.add_note(context, quick.ticket_id, 1, text="سريعًا")
        with own_world.as_system(own_world.water) as context:
            followed = facts_after(context, own_world.water.id, position, limit=100)
        (fact,) = followed.facts
        told = write_position(min(followed.position.low, fact.written_by), fact.id)
    came_back = read_position(told)
    assert came_back is not None
    missed, _ = heard(own_world, came_back)
    assert fact.id not in missed
    assert len(missed) == 1


def test_nobody_hears_of_another_tenant(own_world: World) -> None:
    position = start_of(own_world)
    open_leak(own_world, own_world.tax)
    assert heard(own_world, position)[0] == []
    with own_world.as_system(own_world.water) as context:
        followed = facts_after(context, own_world.tax.id, Position(0), limit=100)
    assert not followed.facts


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=st.lists(st.sampled_from(["begin", "end", "quick", "look"]), min_size=5, max_size=25))
def test_every_fact_is_heard_once_however_transactions_overlap(own_world: World, looks: list[str]) -> None:
    tickets = [open_bill(own_world) for _ in range(2)]
    position = start_of(own_world)
    found: list[UUID] = []
    open_one = None
    written = 0
    for step in [*looks, "end", "look"]:
        if step == "begin" and open_one is None:
            open_one = unfinished(own_world, tickets[0].ticket_id, version_of(own_world, tickets[0]))
            open_one.__enter__()
            written += 1
        elif step == "end" and open_one is not None:
            open_one.__exit__(None, None, None)
            open_one = None
        elif step == "quick":
            with own_world.as_staff(own_world.water) as context:
                version = version_of(own_world, tickets[1])
                actions.add_note(context, tickets[1].ticket_id, version, text="ملاحظة")
            written += 1
        elif step == "look":
            more, position = heard(own_world, position, limit=3)
            found += more
    assert len(found) == len(set(found)) == written


@pytest.mark.parametrize(
    "told", ["", "7", "x-y", "12-01a20177-2a84-7605-9b19-f26bd48c9948x", "-1-", "٧-" + "0" * 36]
)
def test_what_is_no_position_is_not_read(told: str) -> None:
    assert read_position(told) is None


def test_processes_hear_whose_journal_has_grown(own_world: World) -> None:
    told: list[UUID] = []
    announcer = Announcer(own_world.database)
    listener = Listener(own_world.database, told.append)
    listener.start()
    announcer.start()
    try:
        # Its first words may come before anybody listens.
        def is_heard() -> bool:
            open_leak(own_world)
            return own_world.water.id in told

        eventually(is_heard)
        assert own_world.tax.id not in told
    finally:
        announcer.end()
        listener.end()
    assert not any(thread.name in ("announcer", "listener") for thread in threading.enumerate())
