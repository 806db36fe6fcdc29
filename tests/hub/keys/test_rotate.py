"""Replacing API keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.keys.access import key_for, keys_of, successor_of
from hub.keys.actions import IssuedKey, create_key, revoke_key, rotate_key
from hub.keys.errors import ExpiryRefused, KeyOver, OverlapRefused, ReplacedAlready, ScopeNotHeld
from tenants.context import Actor, ActorKind
from tenants.errors import NotAllowed, NotFound
from tenants.ids import new_id
from tenants.models import ApiKey
from tenants.permissions import Permission
from tests.hub.keys.test_create import facts
from tests.hub.tickets.refusals import refused
from tests.world import SUNDAY_TEN, World


def make(world: World) -> IssuedKey:
    with world.as_staff(world.water, "manager") as context:
        return create_key(
            context, name="Web site", scopes=["tickets:read", "tickets:open"], addresses=["192.0.2.0/24"]
        )


def test_the_successor_may_do_what_the_old_key_might(world: World) -> None:
    old = make(world)
    world.clock.advance(timedelta(days=100))
    with world.as_staff(world.water, "manager") as context:
        issued, _ = rotate_key(context, old.id)
        before, after = key_for(context, old.id), key_for(context, issued.id)
        assert successor_of(context, before) == after.id
        assert successor_of(context, after) is None
    assert (after.name, after.scopes, after.addresses) == (before.name, before.scopes, before.addresses)
    assert after.replaces == before.id
    assert after.expires_at == SUNDAY_TEN + timedelta(days=465)
    assert after.digest != before.digest


def test_the_old_key_lives_a_week_unless_something_is_said(world: World) -> None:
    old = make(world)
    with world.as_staff(world.water, "manager") as context:
        _, ends = rotate_key(context, old.id)
        assert ends == key_for(context, old.id).expires_at == SUNDAY_TEN + timedelta(days=7)


def test_the_old_key_never_lives_longer_than_it_would_have(world: World) -> None:
    old = make(world)
    world.clock.move_to(old.expires_at - timedelta(hours=1))
    with world.as_staff(world.water, "manager") as context:
        _, ends = rotate_key(context, old.id, old_until=old.expires_at + timedelta(days=90))
    assert ends == old.expires_at


def test_the_replacing_is_a_fact(world: World) -> None:
    old = make(world)
    with world.as_staff(world.water, "manager") as context:
        issued, ends = rotate_key(context, old.id, old_until=SUNDAY_TEN + timedelta(hours=1))
        (fact,) = facts(context, "api_key.rotated")
    assert fact.data == {
        "key_id": str(old.id),
        "successor_id": str(issued.id),
        "expires_at": issued.expires_at.isoformat(),
        "old_until": ends.isoformat(),
    }


def test_an_overlap_that_is_over_is_refused(world: World) -> None:
    old = make(world)
    with world.as_staff(world.water, "manager") as context:
        with refused(OverlapRefused, "old_until"):
            rotate_key(context, old.id, old_until=SUNDAY_TEN)
        with refused(ExpiryRefused, "expires_at"):
            rotate_key(context, old.id, expires_at=SUNDAY_TEN)
        assert len(keys_of(context)) == 1


def test_a_key_is_replaced_once_and_its_successor_is_named(world: World) -> None:
    old = make(world)
    with world.as_staff(world.water, "manager") as context:
        successor, _ = rotate_key(context, old.id)
        with refused(ReplacedAlready, "key") as caught:
            rotate_key(context, old.id)
        assert str(successor.id) in str(caught.value)
        rotate_key(context, successor.id)


def test_a_key_that_is_over_is_not_replaced(world: World) -> None:
    expired, revoked = make(world), make(world)
    with world.as_staff(world.water, "manager") as context:
        revoke_key(context, revoked.id)
        with refused(KeyOver, "key"):
            rotate_key(context, revoked.id)
    world.clock.move_to(expired.expires_at)
    with world.as_staff(world.water, "manager") as context, refused(KeyOver, "key"):
        rotate_key(context, expired.id)


def test_nobody_prolongs_a_scope_that_they_do_not_hold(world: World) -> None:
    old = make(world)
    keeper = Actor(ActorKind.STAFF, new_id(), {world.water.id: frozenset({Permission.KEYS_WRITE})})
    with (
        world.database.unit_of_work(actor=keeper, tenants=(world.water.id,), clock=world.clock) as context,
        refused(ScopeNotHeld, "scopes"),
    ):
        rotate_key(context, old.id)


def test_who_may_not_write_keys_and_the_other_tenant_replace_none(world: World) -> None:
    old = make(world)
    with world.as_staff(world.water, "lead") as context, pytest.raises(NotAllowed):
        rotate_key(context, old.id)
    with world.as_staff(world.tax, "manager") as context:
        told = set()
        for key_id in (old.id, new_id()):
            with pytest.raises(NotFound) as caught:
                rotate_key(context, key_id)
            told.add((str(caught.value), caught.value.field))
        assert len(told) == 1
    with world.as_system(world.water) as context:
        assert len(keys_of(context)) == 1


def test_of_two_who_replace_one_key_at_once_one_does(own_world: World) -> None:
    old = make(own_world)

    def replace(_: int) -> UUID | None:
        try:
            with own_world.as_staff(own_world.water, "manager") as context:
                return rotate_key(context, old.id)[0].id
        except ReplacedAlready:
            return None

    with ThreadPoolExecutor(8) as pool:
        done = [made for made in pool.map(replace, range(8)) if made is not None]
    assert len(done) == 1
    with own_world.as_system(own_world.water) as context:
        rows = context.session.scalars(
            select(ApiKey.id).where(ApiKey.tenant_id == own_world.water.id, ApiKey.replaces == old.id)
        )
        assert rows.all() == done
