from __future__ import annotations

import pytest

from hub.tickets import actions
from hub.tickets.errors import StaleVersion
from hub.vocabulary import Priority
from tenants.languages import Language
from tests.factories.tickets import facts_of, open_leak, ticket_of, version_of, work_on
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_stale_act_is_refused_with_what_changed_in_both_languages(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        version = actions.prioritise(context, opened.ticket_id, 1, priority=Priority.URGENT)
        version = actions.reply(context, opened.ticket_id, version, text="نعمل عليها")
    with refused(StaleVersion, "version") as caught, world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, 1)
    english = caught.value.sentence(Language.ENGLISH)
    assert "priority changed, reply sent to the citizen" in english
    assert "تغيّرت الأولوية، أُرسل رد إلى المواطن" in caught.value.sentence(Language.ARABIC)
    assert ticket_of(world, opened).status == "received"
    assert version_of(world, opened) == version


def test_only_what_came_since_the_callers_look_is_named(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, 1)
        actions.start(context, opened.ticket_id, 2)
    with refused(StaleVersion, "version") as caught, world.as_staff(world.water) as context:
        actions.start(context, opened.ticket_id, 2)
    assert "work started" in str(caught.value)
    assert "forwarded" not in str(caught.value)


def test_a_refused_act_leaves_ticket_and_journal_as_they_were(world: World) -> None:
    opened = open_leak(world)
    work_on(world, opened)
    before = [fact.id for fact in facts_of(world, opened)]
    for act in (
        lambda c: actions.resolve(c, opened.ticket_id, 1, resolution="أُصلحت"),
        lambda c: actions.add_note(c, opened.ticket_id, 2, text="ملاحظة"),
        lambda c: actions.assign(c, opened.ticket_id, 2, team="front"),
        lambda c: actions.add_tenant(c, opened.ticket_id, 2, tenant="tax", service="leak", reason="لهم"),
        lambda c: actions.transfer(c, opened.ticket_id, 2, tenant="tax", service="leak", reason="لهم"),
    ):
        with refused(StaleVersion, "version"), world.as_staff(world.water) as context:
            act(context)
    assert [fact.id for fact in facts_of(world, opened)] == before
    assert version_of(world, opened) == 3


@pytest.mark.parametrize("version", [0, -1, 2, 99, 2**31 - 1])
def test_a_version_that_never_was_is_refused_in_a_whole_sentence(world: World, version: int) -> None:
    opened = open_leak(world)
    with refused(StaleVersion, "version"), world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, version)
    assert version_of(world, opened) == 1


def test_a_citizen_is_told_what_concerns_them(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        actions.add_note(context, opened.ticket_id, 1, text="للعلم")
        actions.reply(context, opened.ticket_id, 2, text="نعمل عليها")
    with refused(StaleVersion, "version") as caught, world.as_citizen(opened.case_id) as context:
        actions.withdraw(context, opened.ticket_id, 1)
    assert "(reply sent to the citizen)" in str(caught.value)


def test_a_version_no_integer_of_the_database_holds_is_refused_too(world: World) -> None:
    opened = open_leak(world)
    for version in (2**31, -(2**63), 10**30):
        with refused(StaleVersion, "version"), world.as_staff(world.water) as context:
            actions.forward(context, opened.ticket_id, version)
