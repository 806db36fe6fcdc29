from __future__ import annotations

from hub.tickets import actions
from hub.tickets.errors import CaseIsClosed, StaleVersion
from tenants.errors import NotAllowed
from tests.factories.tickets import entries_of, kinds_of, open_leak, ticket_of, version_of
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_citizen_adds_something_and_no_status_changes(world: World) -> None:
    opened = open_leak(world)
    with world.as_citizen(opened.case_id) as context:
        assert actions.add_information(context, opened.ticket_id, 1, text="الماء يصل الشارع") == 2
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.version, ticket.first_response_at) == ("received", 2, None)
    assert kinds_of(world, opened)[-1] == "ticket.information_added"
    entry = entries_of(world, opened)[0]
    assert (entry.kind, entry.author_kind) == ("information", "citizen")


def test_staff_do_not_speak_for_the_citizen(world: World) -> None:
    opened = open_leak(world)
    with refused(NotAllowed, None), world.as_staff(world.water, "manager") as context:
        actions.add_information(context, opened.ticket_id, 1, text="قال المواطن")
    assert entries_of(world, opened) == []


def test_a_citizen_adds_nothing_to_a_closed_ticket(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.archive(context, opened.ticket_id, 1, reason="اختبار")
    with refused(CaseIsClosed, "ticket"), world.as_citizen(opened.case_id) as context:
        actions.add_information(context, opened.ticket_id, 2, text="انتظروا")


def test_a_stale_look_adds_nothing(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, 1)
    with refused(StaleVersion, "version"), world.as_citizen(opened.case_id) as context:
        actions.add_information(context, opened.ticket_id, 1, text="متأخر")
    assert (version_of(world, opened), entries_of(world, opened)) == (2, [])
