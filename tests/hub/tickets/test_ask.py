from __future__ import annotations

from uuid import UUID

from hub.sla.access import clock_of_case, clocks_of_ticket
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.errors import Missing, MoveNotAllowed, StaleVersion
from tests.factories.tickets import (
    case_of,
    entries_of,
    kinds_of,
    open_leak,
    resolve,
    ticket_of,
    version_of,
    work_on,
)
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_question_stops_the_clocks_and_its_answer_lets_them_go_on(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water, "agent") as context:
        version = actions.ask(context, opened.ticket_id, 1, text="ما أقرب علامة؟")
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.waiting_on) == ("waiting", "citizen")
    assert ticket.first_response_at == world.clock.moment
    assert _paused(world, opened.ticket_id) == (True, True)
    with world.as_citizen(opened.case_id) as context:
        actions.answer(context, opened.ticket_id, version, text="أمام المدرسة")
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.waiting_on) == ("in_progress", None)
    assert _paused(world, opened.ticket_id) == (False, False)
    assert [kind for kind in kinds_of(world, opened) if "question" in kind or "case" in kind] == [
        "case.opened",
        "ticket.question_asked",
        "case.rested",
        "ticket.question_answered",
        "case.taken_up",
    ]


def test_an_answer_belongs_to_the_last_question(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        version = actions.ask(context, opened.ticket_id, 1, text="الأول؟")
        version = actions.go_on(context, opened.ticket_id, version)
        version = actions.ask(context, opened.ticket_id, version, text="الثاني؟")
    with world.as_citizen(opened.case_id) as context:
        actions.answer(context, opened.ticket_id, version, text="نعم")
    questions = [entry for entry in entries_of(world, opened) if entry.kind == "question"]
    answer = entries_of(world, opened)[-1]
    assert (answer.kind, answer.author_kind, answer.author_id) == ("answer", "citizen", None)
    assert answer.question_id == questions[-1].id


def test_a_question_while_one_is_open_is_refused(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        version = actions.ask(context, opened.ticket_id, 1, text="أين؟")
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.ask(context, opened.ticket_id, version, text="ومتى؟")
    assert len(entries_of(world, opened)) == 1


def test_a_refused_question_or_answer_is_not_kept_even_if_the_work_goes_on(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, 1)
        with refused(StaleVersion, "version"):
            actions.ask(context, opened.ticket_id, 1, text="أين؟")
        actions.add_note(context, opened.ticket_id, 2, text="تمت المتابعة")
    with world.as_citizen(opened.case_id) as context:
        with refused(MoveNotAllowed, "ticket"):
            actions.answer(context, opened.ticket_id, 3, text="هنا")
        actions.add_information(context, opened.ticket_id, 3, text="معلومة")
    assert [entry.kind for entry in entries_of(world, opened)] == ["note", "information"]


def test_nothing_was_asked_while_somebody_outside_is_waited_for(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        version = actions.wait(context, opened.ticket_id, version, reason="تصريح")
    with refused(MoveNotAllowed, "ticket") as caught, world.as_citizen(opened.case_id) as context:
        actions.answer(context, opened.ticket_id, version, text="أنا هنا")
    assert "waiting for somebody outside" in str(caught.value)
    assert ticket_of(world, opened).waiting_on == "external"


def test_a_blank_question_or_answer_is_refused(world: World) -> None:
    opened = open_leak(world)
    with refused(Missing, "text"), world.as_staff(world.water) as context:
        actions.ask(context, opened.ticket_id, 1, text="\t")
    with world.as_staff(world.water) as context:
        version = actions.ask(context, opened.ticket_id, 1, text="أين؟")
    with refused(Missing, "text"), world.as_citizen(opened.case_id) as context:
        actions.answer(context, opened.ticket_id, version, text="")
    assert version_of(world, opened) == version


def test_what_is_solved_needs_no_question(world: World) -> None:
    opened = open_leak(world)
    version = resolve(world, opened)
    with refused(MoveNotAllowed, "ticket"), world.as_staff(world.water) as context:
        actions.ask(context, opened.ticket_id, version, text="هل؟")


def test_the_case_goes_on_while_another_ticket_of_it_is_worked(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.add_tenant(context, opened.ticket_id, 1, tenant="tax", service="leak", reason="رسوم")
        actions.ask(context, opened.ticket_id, 2, text="أين؟")
    assert (case_of(world, opened).open_tickets, case_of(world, opened).at_work) == (2, 1)
    assert "case.rested" not in kinds_of(world, opened)


def _paused(world: World, ticket_id: UUID) -> tuple[bool, bool]:
    with world.as_system(world.water) as context:
        ticket = ticket_for(context, ticket_id)
        resolution = next(each for each in clocks_of_ticket(context, ticket) if each.kind == "resolution")
        case = clock_of_case(context, ticket.case_id)
        assert case is not None
        return resolution.paused_at is not None, case.paused_at is not None
