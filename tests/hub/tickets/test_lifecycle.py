from __future__ import annotations

from hub.tickets.lifecycle import (
    AT_WORK,
    ENDED,
    MOVES,
    OPEN,
    MoveName,
    Status,
    WaitingOn,
    is_at_work,
)
from hub.tickets.words import MOVE_NAMES, STATUS_NAMES


def test_every_move_and_status_has_its_words() -> None:
    assert set(MOVES) == set(MoveName) == set(MOVE_NAMES)
    assert set(STATUS_NAMES) == set(Status)
    for names in (MOVE_NAMES.values(), STATUS_NAMES.values()):
        assert len({name.ar for name in names}) == len({name.en for name in names}) == len(names)


def test_somebody_may_make_every_move() -> None:
    for move in MOVES.values():
        assert move.staff or move.citizen or move.system
        assert move.origins


def test_no_status_is_without_an_exit_that_a_person_can_take() -> None:
    for status in OPEN:
        out = [move for move in MOVES.values() if status in move.origins and move.to not in (None, status)]
        assert any(move.staff or move.citizen for move in out), status
        # Waiting for the citizen, staff must be able to go on without them.
        if status is not Status.RESOLVED:
            assert any(move.staff for move in out), status


def test_every_open_status_can_come_to_an_end_and_be_reached() -> None:
    for status in OPEN:
        assert _reached_from(status) & ENDED
    assert _reached_from(Status.RECEIVED) == set(Status)


def test_only_the_citizen_brings_an_ended_ticket_back() -> None:
    back = [move for move in MOVES.values() if move.origins & ENDED]
    assert [move.name for move in back] == [MoveName.REOPEN]
    assert back[0].origins & ENDED == {Status.CLOSED, Status.REJECTED}
    assert (back[0].citizen, back[0].staff, back[0].system) == (True, None, False)


def test_no_body_closes_its_ticket_as_solved_by_itself() -> None:
    closing = {move.name: move for move in MOVES.values() if move.to is Status.CLOSED}
    assert set(closing) == {MoveName.CONFIRM, MoveName.CLOSE_SILENT, MoveName.CLOSE_UNREACHABLE}
    assert closing[MoveName.CONFIRM].staff is None
    assert closing[MoveName.CLOSE_SILENT].staff is None


def test_the_time_is_governments_unless_the_citizen_has_the_next_step() -> None:
    citizens = {(Status.WAITING, WaitingOn.CITIZEN), (Status.RESOLVED, None)}
    for status in OPEN:
        for waiting_on in (None, *WaitingOn) if status is Status.WAITING else (None,):
            if status is Status.WAITING and waiting_on is None:
                continue
            assert is_at_work(status, waiting_on) == ((status, waiting_on) not in citizens)
    assert not any(is_at_work(status, None) for status in ENDED)
    assert AT_WORK < OPEN


_STEPS = {(origin, move.to) for move in MOVES.values() for origin in move.origins if move.to}


def _reached_from(start: Status) -> set[Status]:
    reached = {start}
    while more := {to for origin, to in _STEPS if origin in reached} - reached:
        reached |= more
    return reached
