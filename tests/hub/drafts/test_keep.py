from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from hub.drafts.actions import KEPT_FOR, keep_draft
from hub.drafts.content import LONGEST, Draft, read, written
from hub.drafts.errors import DraftChangedElsewhere, DraftTooLarge, DraftUnreadable
from hub.drafts.queries import draft_of
from hub.drafts.secrets import new_draft_secret
from tenants.context import Actor, ActorKind
from tenants.errors import NotAllowed, NotFound
from tests.hub.drafts.typing import TYPED, as_visitor, typed
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_what_was_typed_comes_back_as_it_was_typed(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        assert keep_draft(context, secret, TYPED, version=0) == 1
    with as_visitor(world) as context:
        kept = draft_of(context, secret)
    assert kept is not None
    assert kept.draft == TYPED
    assert (kept.version, kept.kept_until) == (1, world.clock.moment + KEPT_FOR)


def test_each_page_replaces_what_was_kept(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        for version in range(3):
            assert keep_draft(context, secret, typed(page=f"{version}"), version=version) == version + 1
        kept = draft_of(context, secret)
    assert kept is not None
    assert (kept.draft.page, kept.version) == ("2", 3)


def test_a_second_window_does_not_write_over_the_first(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, typed(page="shared"), version=0)
        keep_draft(context, secret, typed(page="first window"), version=1)
    for version in (0, 1, 3):
        with refused(DraftChangedElsewhere, "version"), as_visitor(world) as context:
            keep_draft(context, secret, typed(page="second window"), version=version)
    with as_visitor(world) as context:
        kept = draft_of(context, secret)
        assert kept is not None
        assert kept.draft.page == "first window"
        # The second window reads what is kept, and goes on from there.
        assert keep_draft(context, secret, typed(page="second window"), version=kept.version) == 3


def test_of_two_windows_at_once_one_is_told(own_world: World) -> None:
    secret, together = new_draft_secret(), Barrier(8)

    def keep(number: int) -> int | None:
        together.wait()
        try:
            with as_visitor(own_world) as context:
                return keep_draft(context, secret, typed(page=str(number)), version=0)
        except DraftChangedElsewhere:
            return None

    with ThreadPoolExecutor(8) as windows:
        answers = list(windows.map(keep, range(8)))
    assert sorted(answers, key=str) == [1, *[None] * 7]
    with as_visitor(own_world) as context:
        kept = draft_of(context, secret)
    assert kept is not None
    assert kept.draft.page == str(answers.index(1))


def test_a_page_left_open_for_weeks_is_kept_all_the_same(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, typed(), version=0)
    world.clock.advance(KEPT_FOR)
    with as_visitor(world) as context:
        assert draft_of(context, secret) is None
        assert keep_draft(context, secret, typed(page="later"), version=1) == 2
        # As if the sweep had taken it.
        assert keep_draft(context, new_draft_secret(), typed(), version=5) == 6


def test_another_secret_opens_nothing(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, typed(), version=0)
        for other in (new_draft_secret(), secret[:-1], secret + "A", "", "\0", "ي" * 43):
            assert draft_of(context, other) is None


@pytest.mark.parametrize("secret", ["", "short", "0" * 42, "é" * 43, "0" * 44])
def test_a_secret_that_somebody_made_up_is_none(world: World, secret: str) -> None:
    with refused(NotFound, "draft"), as_visitor(world) as context:
        keep_draft(context, secret, typed(), version=0)


def test_the_database_alone_says_nothing_of_it(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, TYPED, version=0)
        assert context.session.scalar(text("SELECT count(*) FROM drafts")) == 0
    with world.as_system() as context:
        (row,) = context.session.execute(text("SELECT name, sealed FROM drafts"))
    for word in (secret, "ماسورة", "منى", "water", "leak"):
        assert word.encode() not in bytes(row.name) + bytes(row.sealed)


def test_a_row_that_was_changed_is_taken_for_none(world: World) -> None:
    mine, other = new_draft_secret(), new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, mine, typed(), version=0)
        keep_draft(context, other, typed(), version=0)
    with world.as_system() as context:
        context.session.execute(
            text("UPDATE drafts SET sealed = (SELECT sealed FROM drafts ORDER BY name LIMIT 1)")
        )
    with as_visitor(world) as context:
        assert [draft_of(context, each) is None for each in (mine, other)].count(True) == 1


@pytest.mark.parametrize("who", ["agent", "lead", "manager", "key", "system"])
def test_staff_and_machines_neither_keep_nor_find_drafts(world: World, who: str) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, typed(), version=0)
    actors = {
        "key": Actor(ActorKind.API_KEY, uuid4(), {}),
        "system": Actor(ActorKind.SYSTEM),
    }
    actor = actors.get(who) or world.water[who]
    with world.database.unit_of_work(actor=actor, tenants=(world.water.id,)) as context:
        assert draft_of(context, secret) is None
        assert context.session.scalar(text("SELECT count(*) FROM drafts")) == 0
        with refused(NotAllowed, None):
            keep_draft(context, secret, typed(), version=1)


def test_staff_who_somehow_knew_the_name_see_nothing_either(world: World) -> None:
    with as_visitor(world) as context:
        keep_draft(context, new_draft_secret(), typed(), version=0)
    with world.as_system() as context:
        name = context.session.scalar(text("SELECT name FROM drafts"))
    asked = text("SELECT count(*) FROM open_draft(:name, :moment)")
    values = {"name": name, "moment": world.clock.moment}
    with as_visitor(world) as context:
        assert context.session.execute(asked, values).scalar_one() == 1
    with world.as_staff(world.water, "manager") as context:
        assert context.session.execute(asked, values).scalar_one() == 0


def test_more_than_64_kilobytes_are_refused_and_what_was_kept_stays(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, typed(page="kept"), version=0)
        room = LONGEST - len(written(typed(words={"description": ""})))
        keep_draft(context, secret, typed(words={"description": "x" * room}), version=1)
        with refused(DraftTooLarge, None):
            keep_draft(context, secret, typed(words={"description": "x" * (room + 1)}), version=2)
        kept = draft_of(context, secret)
    assert kept is not None
    assert (len(kept.draft.words["description"]), kept.version) == (room, 2)


@pytest.mark.parametrize("value", ["\ud800", 2**70, object(), {1: "a"}])
def test_what_cannot_be_written_down_is_refused(world: World, value: Any) -> None:
    with refused(DraftUnreadable, None), as_visitor(world) as context:
        keep_draft(context, new_draft_secret(), typed(answers={"hazard": value}), version=0)


def test_what_is_nested_without_end_is_refused() -> None:
    nested: Any = "in"
    for _ in range(5_000):
        nested = [nested]
    with pytest.raises(DraftUnreadable):
        written(typed(answers={"hazard": nested}))


plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.dictionaries(plain, plain | st.booleans() | st.none() | st.lists(plain)), plain)
def test_any_text_survives(answers: dict[str, Any], page: str) -> None:
    draft = typed(answers=answers, page=page)
    assert read(written(draft)) == draft


def test_a_draft_kept_a_day_later_stays_longer(world: World) -> None:
    secret = new_draft_secret()
    with as_visitor(world) as context:
        keep_draft(context, secret, typed(), version=0)
    world.clock.advance(KEPT_FOR - timedelta(hours=1))
    with as_visitor(world) as context:
        keep_draft(context, secret, replace(typed(), page="2"), version=1)
    world.clock.advance(timedelta(days=6))
    with as_visitor(world) as context:
        assert isinstance(getattr(draft_of(context, secret), "draft", None), Draft)


def test_what_a_newer_release_keeps_and_this_one_does_not_know_is_passed_over() -> None:
    newer = {**orjson.loads(written(TYPED)), "of_a_newer_release": {"a": [1]}, "another": None}
    assert read(orjson.dumps(newer)) == TYPED


def test_an_older_release_reads_what_uses_nothing_new() -> None:
    """While two releases run beside each other a citizen's next page may come from either."""
    known_then = {
        "tenant",
        "service",
        "form_version",
        "page",
        "answers",
        "words",
        "files",
        "reporter",
        "place",
    }
    kept = orjson.loads(
        written(Draft(tenant="water", service="leak", page="what", words={"description": "x"}))
    )
    assert kept.keys() <= known_then
    assert kept["files"] == {}
