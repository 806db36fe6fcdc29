from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from hub.tickets import actions
from hub.tickets.lifecycle import ENDED, OPEN, Status, WaitingOn
from hub.vocabulary import Channel, Kind, Priority
from hub.worklists.errors import WrongCursor, WrongLimit
from hub.worklists.filters import Sort, SortBy, TicketFilters
from hub.worklists.queries import Count, count_tickets, list_tickets
from tenants.context import CITIZEN, Actor, ActorKind
from tenants.permissions import Permission
from tests.factories.clocks import act
from tests.factories.tickets import open_bill, open_leak, resolve, ticket_of
from tests.hub.tickets.refusals import refused
from tests.hub.worklists.making import copy_ticket, ids, moment_after, read_to_the_end
from tests.world import World

DUE_FIRST = Sort(SortBy.DUE, descending=False)
URGENT_FIRST = Sort(SortBy.PRIORITY)


def test_a_line_says_what_a_ticket_is_and_how_its_clocks_stand(world: World) -> None:
    opened = open_leak(world, place=actions.Place(governorate="giza", district="dokki"))
    act(world, "assign", opened, team="repairs", assignee=world.water["field"].id)
    world.clock.advance(timedelta(hours=3))
    act(world, "wait", opened, reason="ننتظر المورد")
    with world.as_staff(world.water) as context:
        (line,) = list_tickets(context).rows
    ticket = ticket_of(world, opened)
    assert (line.tenant_id, line.id, line.case_id) == (world.water.id, opened.ticket_id, opened.case_id)
    assert (line.case_number, line.subject, line.kind) == (opened.number, ticket.subject, Kind.COMPLAINT)
    assert (line.service.code, line.service.name.en) == ("leak", "Burst pipe")
    assert line.team is not None
    assert (line.team.code, line.team.name.en) == ("repairs", "Repairs")
    assert line.assignee is not None
    assert (line.assignee.id, line.assignee.name.en) == (world.water["field"].id, "Field")
    assert (line.status, line.waiting_on, line.stage) == (Status.WAITING, WaitingOn.EXTERNAL, None)
    assert (line.governorate, line.district) == ("giza", "dokki")
    assert (line.priority, line.channel) == (Priority.HIGH, Channel.PHONE)
    assert (line.version, line.opened_at) == (ticket.version, ticket.opened_at)
    assert (line.confidential, line.reopened) == (False, 0)
    assert line.first_response is not None
    assert (line.first_response.paused, line.first_response.late, line.first_response.ended) == (
        False,
        False,
        False,
    )
    assert line.resolution is not None
    assert (line.resolution.paused, line.resolution.late, line.resolution.ended) == (True, False, False)


def test_a_clock_is_late_from_its_deadline_on_and_stays_so_when_it_is_met(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        clock = list_tickets(context).rows[0].resolution
    assert clock is not None
    seen = []
    for moment in (clock.due_at, clock.due_at + timedelta(seconds=1)):
        world.clock.move_to(moment)
        with world.as_staff(world.water) as context:
            again = list_tickets(context).rows[0].resolution
        assert again is not None
        seen.append((again.late, again.ended))
    assert seen == [(False, False), (True, False)]
    resolve(world, opened)
    with world.as_staff(world.water) as context:
        met = list_tickets(context).rows[0].resolution
    assert met is not None
    assert (met.late, met.ended) == (True, True)


def test_a_deadline_passed_in_a_pause_was_not_missed_and_one_before_it_was(world: World) -> None:
    in_time, late = open_leak(world), open_leak(world)
    act(world, "ask", in_time, text="أين؟")
    world.clock.advance(timedelta(days=7))
    act(world, "ask", late, text="أين؟")
    world.clock.advance(timedelta(days=7))
    with world.as_staff(world.water) as context:
        clocks = {line.id: line.resolution for line in list_tickets(context).rows}
        overdue = list_tickets(context, TicketFilters(overdue=True)).rows
    found = {of: (clock.late, clock.paused) for of, clock in clocks.items() if clock is not None}
    assert found == {in_time.ticket_id: (False, True), late.ticket_id: (True, True)}
    # Neither runs.
    assert overdue == ()


def _filter_cases() -> dict[str, tuple[TicketFilters, Callable[[World], dict[str, Any]]]]:
    """Filters by name, and what makes one of two like tickets pass it."""
    return {
        "statuses": (
            TicketFilters(statuses=frozenset({Status.ASSIGNED, Status.ARCHIVED})),
            lambda w: {"status": "assigned"},
        ),
        "ended": (TicketFilters(statuses=ENDED), lambda w: {"status": "archived"}),
        "waiting_on": (
            TicketFilters(waiting_on=WaitingOn.CITIZEN),
            lambda w: {"status": "waiting", "waiting_on": "citizen"},
        ),
        "kind": (TicketFilters(kind=Kind.REQUEST), lambda w: {"kind": "request"}),
        "priority": (TicketFilters(priority=Priority.URGENT), lambda w: {"priority": "urgent"}),
        "governorate": (TicketFilters(governorate="giza"), lambda w: {"governorate": "giza"}),
        "district": (TicketFilters(district="giza-dokki"), lambda w: {"district": "giza-dokki"}),
        "channel": (TicketFilters(channel=Channel.SMS), lambda w: {"channel": "sms"}),
        "reopened": (TicketFilters(reopened=True), lambda w: {"reopened": 2}),
    }


@pytest.mark.parametrize("name", sorted(_filter_cases()))
def test_a_filter_lets_pass_what_it_names(world: World, name: str) -> None:
    filters, passing = _filter_cases()[name]
    opened = open_leak(world)
    with world.as_system(world.water) as context:
        wanted = copy_ticket(context, opened.ticket_id, **passing(world))
    with world.as_staff(world.water) as context:
        for sort in (Sort(), DUE_FIRST, URGENT_FIRST):
            assert ids(list_tickets(context, filters, sort).rows) == [wanted]
        assert count_tickets(context, filters) == Count(1, more=False)


def test_tickets_are_filtered_by_service_team_and_assignee(world: World) -> None:
    leak, bill = open_leak(world), open_bill(world)
    act(world, "assign", leak, team="repairs", assignee=world.water["field"].id)
    found: dict[str, list[UUID]] = {}
    with world.as_staff(world.water) as context:
        for name, filters in {
            "service": TicketFilters(service="leak"),
            "other service": TicketFilters(service="bill"),
            "team": TicketFilters(team="repairs"),
            "other team": TicketFilters(team="front"),
            "assignee": TicketFilters(assignee=world.water["field"].id),
            "nobody": TicketFilters(assignee=world.tax["field"].id),
            "unknown": TicketFilters(team="no-such-team"),
            "no text": TicketFilters(district="\0"),
            "lone surrogate": TicketFilters(service="\ud800"),
        }.items():
            found[name] = ids(list_tickets(context, filters, DUE_FIRST).rows)
            assert count_tickets(context, filters).number == len(found[name])
    assert {name: rows for name, rows in found.items() if rows} == {
        "service": [leak.ticket_id],
        "team": [leak.ticket_id],
        "assignee": [leak.ticket_id],
        "other service": [bill.ticket_id],
        "other team": [bill.ticket_id],
    }


def test_the_time_of_opening_is_filtered_from_its_beginning_up_to_its_end(world: World) -> None:
    first = open_leak(world)
    world.clock.advance(timedelta(hours=1))
    second = open_leak(world)
    with world.as_staff(world.water) as context:
        since = TicketFilters(opened_since=context.now)
        until = TicketFilters(opened_until=context.now)
        assert ids(list_tickets(context, since).rows) == [second.ticket_id]
        assert ids(list_tickets(context, until).rows) == [first.ticket_id]
        assert (
            list_tickets(context, TicketFilters(opened_since=context.now, opened_until=context.now)).rows
            == ()
        )


def test_what_is_due_before_a_moment_and_what_is_overdue(world: World) -> None:
    opened = open_leak(world)
    with world.as_system(world.water) as context:
        late, now_due, later = (
            copy_ticket(context, opened.ticket_id, due_in=timedelta(minutes=minutes))
            for minutes in (-5, 0, 5)
        )
        ended = copy_ticket(context, opened.ticket_id, due_in=timedelta(minutes=-5), status="closed")
        none = copy_ticket(context, opened.ticket_id)
    with world.as_staff(world.water) as context:
        for sort in (Sort(descending=False), DUE_FIRST):
            overdue = list_tickets(context, TicketFilters(overdue=True), sort)
            assert ids(overdue.rows) == [late]
            soon = TicketFilters(due_before=moment_after(context, 6))
            assert ids(list_tickets(context, soon, sort).rows) == [late, now_due, later]
        assert count_tickets(context, soon) == Count(3, more=False)
        assert {ended, none} < set(ids(read_to_the_end(context)))


def test_filters_are_asked_for_all_together(world: World) -> None:
    opened = open_leak(world)
    with world.as_system(world.water) as context:
        for columns in ({"kind": "request"}, {"channel": "sms"}):
            copy_ticket(context, opened.ticket_id, due_in=timedelta(minutes=-1), **columns)
        both = copy_ticket(
            context, opened.ticket_id, due_in=timedelta(minutes=-1), kind="request", channel="sms"
        )
    filters = TicketFilters(
        kind=Kind.REQUEST, channel=Channel.SMS, overdue=True, service="leak", statuses=OPEN
    )
    with world.as_staff(world.water) as context:
        for sort in (Sort(), DUE_FIRST, URGENT_FIRST):
            assert ids(list_tickets(context, filters, sort).rows) == [both]


def test_a_list_of_several_tenants_is_one_list_and_shows_no_other(world: World) -> None:
    made = []
    for agency in (world.water, world.tax, world.water):
        made.append(open_leak(world, agency).ticket_id)
        world.clock.advance(timedelta(minutes=1))
    with world.as_system(world.water, world.tax) as context:
        for sort in (Sort(), Sort(SortBy.PRIORITY, descending=False)):
            assert ids(read_to_the_end(context, sort=sort, limit=1)) == made[::-1]
        assert count_tickets(context).number == 3
    for agency, own in ((world.water, made[::2]), (world.tax, made[1:2])):
        with world.as_staff(agency) as context:
            assert ids(list_tickets(context).rows) == own[::-1]
            assert count_tickets(context).number == len(own)


def test_only_tenants_in_which_one_may_read_tickets_are_listed(world: World) -> None:
    made = {agency.id: open_leak(world, agency).ticket_id for agency in (world.water, world.tax)}
    all_but = frozenset(Permission) - {Permission.TICKETS_READ}
    grants = {world.water.id: frozenset({Permission.TICKETS_READ}), world.tax.id: all_but}
    for kind in (ActorKind.API_KEY, ActorKind.STAFF):
        actor = Actor(kind, None, grants)
        with world.database.unit_of_work(actor=actor, tenants=tuple(made), clock=world.clock) as context:
            assert ids(list_tickets(context).rows) == [made[world.water.id]]
            assert count_tickets(context).number == 1
        with world.database.unit_of_work(actor=actor, tenants=(world.tax.id,), clock=world.clock) as context:
            assert list_tickets(context).rows == ()
            assert count_tickets(context) == Count(0, more=False)


@pytest.mark.parametrize("who", ["agent", "officer", "field", "lead", "manager"])
def test_every_role_that_reads_tickets_lists_them(world: World, who: str) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water, who) as context:
        assert ids(list_tickets(context).rows) == [opened.ticket_id]


def test_a_citizen_lists_nothing_not_even_their_own(world: World) -> None:
    opened = open_leak(world)
    with world.as_citizen(opened.case_id) as context:
        assert list_tickets(context).rows == ()
        assert count_tickets(context).number == 0
    with world.database.unit_of_work(actor=CITIZEN, tenants=(world.water.id,)) as context:
        assert list_tickets(context).rows == ()


def test_staff_bound_to_a_case_list_its_tickets_alone(world: World) -> None:
    opened = open_leak(world)
    open_leak(world)
    with world.database.unit_of_work(
        actor=world.water["lead"], tenants=(world.water.id,), case_id=opened.case_id, clock=world.clock
    ) as context:
        for sort in (Sort(), DUE_FIRST, URGENT_FIRST):
            assert ids(list_tickets(context, sort=sort).rows) == [opened.ticket_id]


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_between_one_row_and_a_hundred(world: World, limit: int) -> None:
    with world.as_staff(world.water) as context, refused(WrongLimit, "limit"):
        list_tickets(context, limit=limit)


def test_a_cursor_leads_on_in_its_own_list_only(world: World) -> None:
    for agency in (world.water, world.water, world.tax, world.tax):
        open_leak(world, agency)
    with world.as_staff(world.water) as context:
        cursor = list_tickets(context, limit=1).next_cursor
        assert cursor is not None
        assert list_tickets(context, after=cursor, limit=1).next_cursor is None
        for filters, sort in (
            (TicketFilters(overdue=True), Sort()),
            (None, Sort(descending=False)),
            (None, DUE_FIRST),
        ):
            with refused(WrongCursor, "after"):
                list_tickets(context, filters, sort, after=cursor)
    with world.as_staff(world.tax) as context, refused(WrongCursor, "after"):
        list_tickets(context, after=cursor)


def test_counting_ends_at_a_thousand(world: World) -> None:
    opened = open_leak(world)
    with world.as_system(world.water) as context:
        context.session.execute(
            text(
                "INSERT INTO tickets SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).*"
                " FROM tickets t, generate_series(1, 999) WHERE t.tenant_id = :tenant AND t.id = :id"
            ),
            {"tenant": world.water.id, "id": opened.ticket_id},
        )
        assert count_tickets(context) == Count(1000, more=False)
        copy_ticket(context, opened.ticket_id)
        assert count_tickets(context) == Count(1000, more=True)
        assert len(read_to_the_end(context, limit=100)) == 1001


def test_reading_a_list_leaves_the_planner_as_it_was(world: World) -> None:
    open_leak(world)
    with world.as_staff(world.water) as context:
        list_tickets(context)
        assert context.session.execute(text("SHOW enable_bitmapscan")).scalar_one() == "on"
