from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.tickets.lifecycle import Status
from hub.vocabulary import Kind
from hub.worklists.cursors import Position, list_digest, read_cursor, write_cursor
from hub.worklists.errors import WrongCursor
from hub.worklists.filters import Sort, SortBy, TicketFilters
from tests.hub.tickets.refusals import refused

TENANT = UUID(int=7)
LIST = list_digest(TicketFilters(), Sort(), {TENANT})
POSITION = Position(0, 0, datetime(2026, 11, 22, 8, tzinfo=UTC), UUID(int=1))
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

positions = st.builds(
    Position,
    st.integers(0, 1),
    st.integers(0, 3),
    st.datetimes(timezones=st.just(UTC)),
    st.uuids(),
)
filters = st.builds(
    TicketFilters,
    statuses=st.frozensets(st.sampled_from(Status)),
    kind=st.none() | st.sampled_from(Kind),
    team=st.none() | st.text(max_size=5),
    assignee=st.none() | st.uuids(),
    opened_since=st.none() | st.datetimes(timezones=st.just(UTC)),
    overdue=st.booleans(),
)
sorts = st.builds(Sort, st.sampled_from(SortBy), st.booleans())


@given(positions, filters, sorts)
def test_a_cursor_leads_back_to_where_it_was_given_out(
    position: Position, asked: TicketFilters, sort: Sort
) -> None:
    of_list = list_digest(asked, sort, {TENANT})
    cursor = write_cursor(position, of_list)
    assert set(cursor) <= set(LETTERS)
    assert read_cursor(cursor, of_list) == position


@given(positions, st.integers(0, 47), st.sampled_from(LETTERS))
def test_a_cursor_with_a_changed_letter_is_refused(position: Position, place: int, letter: str) -> None:
    cursor = write_cursor(position, LIST)
    changed = cursor[:place] + letter + cursor[place + 1 :]
    if changed != cursor:
        with pytest.raises(WrongCursor):
            read_cursor(changed, LIST)


@given(filters, sorts, filters, sorts, st.booleans())
def test_a_cursor_of_another_list_is_refused(
    mine: TicketFilters, sort: Sort, other: TicketFilters, other_sort: Sort, same_tenants: bool
) -> None:
    tenants = {TENANT} if same_tenants else {TENANT, UUID(int=8)}
    cursor = write_cursor(POSITION, list_digest(mine, sort, {TENANT}))
    if (mine, sort) == (other, other_sort) and same_tenants:
        assert read_cursor(cursor, list_digest(other, other_sort, tenants)) == POSITION
    else:
        with pytest.raises(WrongCursor):
            read_cursor(cursor, list_digest(other, other_sort, tenants))


@given(st.text() | st.binary(min_size=36, max_size=36).map(lambda b: urlsafe_b64encode(b).decode()))
def test_what_was_never_a_cursor_is_refused(text: str) -> None:
    with refused(WrongCursor, "after"):
        read_cursor(text, LIST)


def test_a_position_that_no_list_has_is_refused_even_with_a_right_digest() -> None:
    for stretch, rank in ((2, 0), (0, 4)):
        forged = write_cursor(Position(stretch, rank, POSITION.moment, POSITION.id), LIST)
        with pytest.raises(WrongCursor):
            read_cursor(forged, LIST)


def test_the_same_filters_are_one_list_however_their_moments_are_written() -> None:
    cairo = datetime.fromisoformat("2026-11-22T10:00:00+02:00")
    one, other = (TicketFilters(due_before=moment) for moment in (cairo, cairo.astimezone(UTC)))
    assert list_digest(one, Sort(), {TENANT}) == list_digest(other, Sort(), {TENANT})
