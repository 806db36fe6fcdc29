from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from hub.drafts.actions import KEPT_FOR, drop_draft, forget_drafts, keep_draft
from hub.drafts.errors import DraftOver
from hub.drafts.queries import draft_of
from hub.drafts.secrets import new_draft_secret
from tenants.errors import NotAllowed
from tests.hub.drafts.typing import TYPED, as_visitor, typed
from tests.hub.tickets.refusals import refused
from tests.world import World, undone


def rows(world: World) -> list[tuple[bool, int]]:
    with world.as_system() as context:
        found = context.session.execute(text("SELECT sealed IS NULL, version FROM drafts ORDER BY version"))
        return [(empty, version) for empty, version in found]


def test_what_was_sent_is_erased(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, TYPED, version=0)
        drop_draft(context, secret)
        assert draft_of(context, secret) is None
    assert rows(world) == [(True, 2)]


def test_what_a_slow_line_brings_after_sending_does_not_come_back_to_life(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, TYPED, version=0)
        drop_draft(context, secret)
    for version in (0, 1, 2):
        with refused(DraftOver, "draft"), as_visitor(world) as context:
            keep_draft(context, secret, TYPED, version=version)
    assert rows(world) == [(True, 2)]


def test_sending_that_fails_leaves_the_draft(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, TYPED, version=0)
    with undone(as_visitor(world)) as context:
        drop_draft(context, secret)
    with as_visitor(world) as context:
        assert draft_of(context, secret) is not None


def test_dropping_what_is_not_there_does_nothing(world: World) -> None:
    with as_visitor(world) as context:
        drop_draft(context, new_draft_secret())
        drop_draft(context, "made up")
    assert rows(world) == []


def test_staff_drop_no_draft(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, typed(), version=0)
    with refused(NotAllowed, None), world.as_staff(world.water, "manager") as context:
        drop_draft(context, secret)
    assert rows(world) == [(False, 1)]


def test_drafts_left_for_a_week_are_forgotten_and_no_more_than_asked_for(world: World) -> None:
    with as_visitor(world) as context:
        for _ in range(3):
            keep_draft(context, new_draft_secret(), typed(), version=0)
    world.clock.advance(timedelta(days=1))
    with as_visitor(world) as context:
        keep_draft(context, new_draft_secret(), typed(), version=7)
    world.clock.advance(KEPT_FOR - timedelta(days=1))
    with world.as_system() as context:
        assert forget_drafts(context, limit=2) == 2
        assert forget_drafts(context, limit=2) == 1
        assert forget_drafts(context, limit=2) == 0
    assert rows(world) == [(False, 8)]


def test_only_the_hub_itself_forgets(world: World) -> None:
    with as_visitor(world) as context:
        keep_draft(context, new_draft_secret(), typed(), version=0)
    world.clock.advance(KEPT_FOR)
    with world.as_system(world.water) as context:
        assert forget_drafts(context, limit=10) == 0
    assert rows(world) == [(False, 1)]
