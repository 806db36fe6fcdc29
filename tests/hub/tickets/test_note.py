from __future__ import annotations

from datetime import timedelta

from hub.tickets import actions
from hub.tickets.errors import StaleVersion
from tests.factories.tickets import entries_of, facts_of, open_leak, ticket_of
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_note_is_kept_with_its_author_and_moment(world: World) -> None:
    opened = open_leak(world)
    world.clock.advance(timedelta(minutes=5))
    with world.as_staff(world.water, "field") as context:
        assert actions.add_note(context, opened.ticket_id, 1, text="الصمام مغلق") == 2
    entry = entries_of(world, opened)[0]
    assert (entry.kind, entry.text, entry.author_kind) == ("note", "الصمام مغلق", "staff")
    assert (entry.author_id, entry.at) == (world.water["field"].id, world.clock.moment)
    fact = facts_of(world, opened)[-1]
    assert (fact.kind, fact.version, fact.data) == ("ticket.note_added", 2, {"entry_id": str(entry.id)})


def test_a_note_answers_nobody(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.add_note(context, opened.ticket_id, 1, text="للعلم")
    ticket = ticket_of(world, opened)
    assert (ticket.first_response_at, ticket.status) == (None, "received")


def test_a_note_is_possible_on_an_ended_ticket(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.archive(context, opened.ticket_id, 1, reason="اختبار")
        actions.add_note(context, opened.ticket_id, 2, text="روجعت")
    assert ticket_of(world, opened).status == "archived"


def test_what_is_written_in_a_note_stays_out_of_the_journal(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.add_note(context, opened.ticket_id, 1, text="canary-note")
    assert all("canary" not in str(fact.data) for fact in facts_of(world, opened))


def test_a_stale_note_writes_nothing(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, 1)
    with refused(StaleVersion, "version"), world.as_staff(world.water) as context:
        actions.add_note(context, opened.ticket_id, 1, text="متأخرة")
    assert entries_of(world, opened) == []


def test_a_citizen_acting_on_an_older_look_is_not_told_of_notes(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.add_note(context, opened.ticket_id, 1, text="للعلم")
    with refused(StaleVersion, "version") as caught, world.as_citizen(opened.case_id) as context:
        actions.withdraw(context, opened.ticket_id, 1)
    assert "note" not in str(caught.value)
