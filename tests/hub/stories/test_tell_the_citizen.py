from __future__ import annotations

import pytest

from hub.stories.given import given_answers
from hub.stories.happenings import happenings_for_citizen, was_done_already
from hub.tickets import actions
from tenants.languages import Text
from tests.factories.tickets import open_leak, resolve, version_of, work_on
from tests.world import World


def test_a_life_is_told_in_order_with_the_words_said_to_the_citizen_and_by_them(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        version = actions.add_note(context, opened.ticket_id, version, text="among us")
        version = actions.ask(context, opened.ticket_id, version, text="which street?")
    with world.as_citizen(opened.case_id) as context:
        actions.answer(context, opened.ticket_id, version, text="this one")
    resolve(world, opened)
    with world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, version_of(world, opened), reason="still wet")
        told = [(each.kind, each.words, each.by_citizen) for each in happenings_for_citizen(context)]
    assert told == [
        ("ticket.opened", None, False),
        ("ticket.forwarded", None, False),
        ("ticket.started", None, False),
        ("ticket.question_asked", "which street?", False),
        ("ticket.question_answered", "this one", True),
        ("ticket.resolved", "أُصلحت", False),
        ("ticket.reopened", "still wet", True),
    ]


def test_nobody_is_told_a_story_but_the_citizen_of_a_case(world: World) -> None:
    open_leak(world)
    with world.as_staff(world.water) as context:
        for tell in (happenings_for_citizen, given_answers):
            with pytest.raises(RuntimeError):
                tell(context)


def test_another_case_is_told_nothing_of(world: World) -> None:
    mine, theirs = open_leak(world), open_leak(world)
    with world.as_citizen(mine.case_id) as context:
        assert {each.ticket_id for each in happenings_for_citizen(context)} == {mine.ticket_id}
        assert not was_done_already(
            context, world.water.id, theirs.ticket_id, 1, "ticket.information_added", "x"
        )


def test_a_form_finds_itself_done_by_its_version_its_kind_and_its_words_alone(world: World) -> None:
    opened = open_leak(world)
    version = version_of(world, opened)
    with world.as_citizen(opened.case_id) as context:
        actions.add_information(context, opened.ticket_id, version, text="more")
    with world.as_citizen(opened.case_id) as context:

        def done(at: int, kind: str, words: str | None) -> bool:
            return was_done_already(context, world.water.id, opened.ticket_id, at, kind, words)

        assert done(version, "ticket.information_added", "more")
        assert not done(version, "ticket.information_added", "other")
        assert not done(version, "ticket.information_added", None)
        assert not done(version, "ticket.withdrawn", None)
        assert not done(version + 1, "ticket.information_added", "more")
        assert not done(0, "ticket.information_added", "more")
        assert not done(-1, "ticket.information_added", "more")


def test_what_staff_did_is_never_taken_for_the_citizens_own(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        actions.ask(context, opened.ticket_id, version, text="same words")
    with world.as_citizen(opened.case_id) as context:
        assert not was_done_already(
            context, world.water.id, opened.ticket_id, version, "ticket.question_asked", "same words"
        )


def test_answers_are_told_by_their_questions_and_choices_by_their_names(world: World) -> None:
    opened = open_leak(world, answers={"hazard": True, "hazard_kind": "سلك مكشوف"})
    with world.as_citizen(opened.case_id) as context:
        first, second = given_answers(context)
    assert (first.question.en, first.chosen) == ("Is anybody in danger?", (Text(ar="نعم", en="Yes"),))
    assert (second.typed, second.chosen) == ("سلك مكشوف", ())
