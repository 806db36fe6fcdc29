"""Revoking API keys."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.keys.access import key_for
from hub.keys.actions import revoke_key, rotate_key
from tenants.addresses import read_address
from tenants.api_keys import KeyRefused, authenticate
from tenants.errors import NotAllowed, NotFound
from tenants.ids import new_id
from tests.hub.keys.test_create import facts
from tests.hub.keys.test_rotate import make
from tests.world import SUNDAY_TEN, World


def test_a_revoked_key_opens_nothing_from_then_on(world: World) -> None:
    issued = make(world)
    here = read_address("192.0.2.7")
    assert authenticate(world.database, issued.key, here, clock=world.clock).id == issued.id
    with world.as_staff(world.water, "manager") as context:
        assert revoke_key(context, issued.id)
        assert key_for(context, issued.id).revoked_at == SUNDAY_TEN
        (fact,) = facts(context, "api_key.revoked")
    assert fact.data == {"key_id": str(issued.id)}
    with pytest.raises(KeyRefused):
        authenticate(world.database, issued.key, here, clock=world.clock)


def test_revoking_twice_changes_nothing(world: World) -> None:
    issued = make(world)
    with world.as_staff(world.water, "manager") as context:
        revoke_key(context, issued.id)
    world.clock.advance(timedelta(hours=1))
    with world.as_staff(world.water, "manager") as context:
        assert not revoke_key(context, issued.id)
        assert key_for(context, issued.id).revoked_at == SUNDAY_TEN
        assert len(facts(context, "api_key.revoked")) == 1


def test_the_successor_of_a_revoked_key_lives_on(world: World) -> None:
    old = make(world)
    with world.as_staff(world.water, "manager") as context:
        successor, _ = rotate_key(context, old.id)
        revoke_key(context, old.id)
        assert key_for(context, successor.id).revoked_at is None


def test_who_may_not_write_keys_and_the_other_tenant_revoke_none(world: World) -> None:
    issued = make(world)
    with world.as_staff(world.water, "lead") as context, pytest.raises(NotAllowed):
        revoke_key(context, issued.id)
    with world.as_staff(world.tax, "manager") as context:
        for key_id in (issued.id, new_id()):
            with pytest.raises(NotFound) as caught:
                revoke_key(context, key_id)
            assert caught.value.field == "key"
    with world.as_system(world.water) as context:
        assert key_for(context, issued.id).revoked_at is None
