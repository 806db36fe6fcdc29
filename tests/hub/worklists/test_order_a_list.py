from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from hub.tickets.lifecycle import OPEN
from hub.tickets.models import Ticket
from hub.vocabulary import Priority
from hub.worklists.filters import Sort, SortBy, TicketFilters
from hub.worklists.queries import list_tickets
from tenants.context import Context
from tests.factories.tickets import open_leak
from tests.hub.worklists.making import copy_ticket, ids, moment_after, read_to_the_end
from tests.world import World, undone

DUE_FIRST = Sort(SortBy.DUE, descending=False)
URGENT_FIRST = Sort(SortBy.PRIORITY)


def test_open_work_comes_first_by_deadline_and_by_priority_and_all_else_after_it(world: World) -> None:
    opened = open_leak(world)
    with world.as_system(world.water) as context:
        context.session.execute(
            update(Ticket)
            .where(Ticket.tenant_id == world.water.id, Ticket.id == opened.ticket_id)
            .values(status="closed", opened_at=context.now - timedelta(days=9))
        )
        made = {}
        for name, minutes, priority, due in (
            ("old", -60, "low", 5),
            ("urgent", -30, "urgent", 20),
            ("waiting long", -50, "urgent", None),
            ("closed", -10, "urgent", None),
            ("late", -40, "normal", -5),
        ):
            made[
                copy_ticket(
                    context,
                    opened.ticket_id,
                    opened_at=moment_after(context, minutes),
                    priority=priority,
                    status="closed" if name == "closed" else "assigned",
                    due_in=None if due is None else timedelta(minutes=due),
                )
            ] = name
    made[opened.ticket_id] = "first"

    def names(sort: Sort) -> list[str]:
        with world.as_staff(world.water) as context:
            return [made[each] for each in ids(read_to_the_end(context, sort=sort, limit=2))]

    assert names(Sort()) == ["closed", "urgent", "late", "waiting long", "old", "first"]
    assert names(Sort(descending=False)) == ["first", "old", "waiting long", "late", "urgent", "closed"]
    # The first's own clock, still open, is the last to be due.
    assert names(DUE_FIRST) == ["late", "old", "urgent", "first", "closed", "waiting long"]
    assert names(Sort(SortBy.DUE)) == ["first", "urgent", "old", "late", "closed", "waiting long"]
    assert names(URGENT_FIRST) == ["waiting long", "urgent", "late", "old", "closed", "first"]
    assert names(Sort(SortBy.PRIORITY, descending=False)) == [
        "old",
        "late",
        "urgent",
        "waiting long",
        "closed",
        "first",
    ]


tickets = st.lists(
    st.fixed_dictionaries(
        {
            "opened": st.integers(0, 3),
            "priority": st.sampled_from([each.value for each in Priority]),
            "status": st.sampled_from(["received", "assigned", "closed"]),
            "due": st.none() | st.integers(-2, 2),
            "mine": st.booleans(),
        }
    ),
    min_size=1,
    max_size=9,
)


def test_from_page_to_page_every_ticket_is_seen_once_while_others_come_in(world: World) -> None:
    models = [open_leak(world, agency).ticket_id for agency in (world.tax, world.water)]

    @settings(max_examples=40, deadline=None)
    @given(
        there=tickets,
        coming=tickets,
        sort=st.builds(Sort, st.sampled_from(SortBy), st.booleans()),
        filters=st.sampled_from([TicketFilters(), TicketFilters(statuses=OPEN), TicketFilters(overdue=True)]),
        limit=st.integers(1, 4),
    )
    def check(
        there: list[dict[str, Any]],
        coming: list[dict[str, Any]],
        sort: Sort,
        filters: TicketFilters,
        limit: int,
    ) -> None:
        with undone(world.as_system(world.water, world.tax)) as context:
            made = [_make(context, models, each) for each in there]
            expected = [each for each in read_to_the_end(context, filters, sort) if each.id in made]
            assert len(expected) == sum(_passes(each, filters) for each in there)
            seen: list[UUID] = []
            after, waiting = None, list(coming)
            while True:
                page = list_tickets(context, filters, sort, after=after, limit=limit)
                seen += ids(page.rows)
                if waiting:
                    _make(context, models, waiting.pop())
                after = page.next_cursor
                if after is None:
                    break
            assert len(seen) == len(set(seen))
            assert [each for each in seen if each in made] == ids(expected)

    check()


def _make(context: Context, models: list[UUID], what: dict[str, Any]) -> UUID:
    return copy_ticket(
        context,
        models[what["mine"]],
        opened_at=moment_after(context, -what["opened"]),
        priority=what["priority"],
        status=what["status"],
        due_in=None if what["due"] is None else timedelta(minutes=what["due"]),
    )


def _passes(what: dict[str, Any], filters: TicketFilters) -> bool:
    if filters.overdue:
        return what["status"] != "closed" and what["due"] is not None and what["due"] < 0
    return not filters.statuses or what["status"] != "closed"


def test_the_order_is_what_it_is_called(world: World) -> None:
    models = [open_leak(world, agency).ticket_id for agency in (world.tax, world.water)]
    rank = {each: number for number, each in enumerate(reversed(Priority))}

    @settings(max_examples=40, deadline=None)
    @given(there=tickets, sort=st.builds(Sort, st.sampled_from(SortBy), st.booleans()))
    def check(there: list[dict[str, Any]], sort: Sort) -> None:
        with undone(world.as_system(world.water, world.tax)) as context:
            for each in there:
                _make(context, models, each)
            found = read_to_the_end(context, sort=sort, limit=3)
        at_hand: list[tuple[Any, ...]] = []
        rest: list[tuple[Any, ...]] = []
        for line in found:
            if sort.by is SortBy.OPENED:
                at_hand.append((line.opened_at, line.id))
            elif sort.by is SortBy.DUE and line.resolution is not None:
                at_hand.append((line.resolution.due_at, line.id))
            elif sort.by is SortBy.PRIORITY and line.status in OPEN:
                at_hand.append((rank[line.priority], line.opened_at, line.id))
            else:
                rest.append((line.opened_at, line.id))
            assert at_hand == [] or rest == [] or line.id == rest[-1][-1], "what is at hand comes first"
        down = sort.descending is (sort.by is not SortBy.PRIORITY)
        assert at_hand == sorted(at_hand, reverse=down)
        assert rest == sorted(rest, reverse=True)

    check()
