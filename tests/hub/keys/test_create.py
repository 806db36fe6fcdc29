"""Making API keys."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from hub.journal.models import Fact
from hub.keys.access import key_for, keys_of
from hub.keys.actions import LONGEST_LIFE, SCOPES, create_key
from hub.keys.errors import ExpiryRefused, KeyNameRefused, NoScopes, ScopeNotHeld, UnknownScope
from tenants.addresses import BadAddressRange
from tenants.context import Actor, ActorKind, Context
from tenants.errors import NotAllowed
from tenants.ids import new_id
from tenants.permissions import Permission
from tests.hub.tickets.refusals import refused
from tests.world import SUNDAY_TEN, World


def facts(context: Context, kind: str) -> list[Fact]:
    rows = context.session.scalars(
        select(Fact).where(Fact.tenant_id == context.tenant_id, Fact.kind == kind).order_by(Fact.id)
    )
    return list(rows)


def test_a_key_keeps_what_was_said_of_it(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        issued = create_key(
            context,
            name="  Web \n site ",
            scopes=["tickets:read", "tickets:open", "tickets:read"],
            expires_at=SUNDAY_TEN + timedelta(days=30),
            addresses=["2001:DB8::/32", "192.0.2.7", "192.0.2.7/32"],
        )
        key = key_for(context, issued.id)
    assert key.tenant_id == world.water.id
    assert key.name == "Web site"
    assert key.scopes == ["tickets:open", "tickets:read"]
    assert key.addresses == ["2001:db8::/32", "192.0.2.7/32"]
    assert key.expires_at == issued.expires_at == SUNDAY_TEN + timedelta(days=30)
    assert (key.created_by, key.created_at) == (world.water["manager"].id, SUNDAY_TEN)
    assert (key.last_used_at, key.revoked_at, key.replaces) == (None, None, None)


def test_the_making_is_a_fact(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        issued = create_key(context, name="Web site", scopes=["tickets:read"])
        (fact,) = facts(context, "api_key.created")
    assert fact.actor_id == world.water["manager"].id
    assert fact.data == {
        "key_id": str(issued.id),
        "name": "Web site",
        "scopes": ["tickets:read"],
        "expires_at": issued.expires_at.isoformat(),
    }


def test_a_key_lives_a_year_unless_something_is_said_and_two_at_most(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        assert create_key(context, name="a", scopes=["tickets:read"]).expires_at == SUNDAY_TEN + timedelta(
            days=365
        )
        longest = SUNDAY_TEN + LONGEST_LIFE
        assert (
            create_key(context, name="b", scopes=["tickets:read"], expires_at=longest).expires_at == longest
        )


@pytest.mark.parametrize(
    "expires_at",
    [SUNDAY_TEN, SUNDAY_TEN - timedelta(days=1), SUNDAY_TEN + LONGEST_LIFE + timedelta(microseconds=1)],
)
def test_a_key_that_is_over_or_lives_too_long_is_refused(world: World, expires_at: datetime) -> None:
    with world.as_staff(world.water, "manager") as context:
        with refused(ExpiryRefused, "expires_at"):
            create_key(context, name="a", scopes=["tickets:read"], expires_at=expires_at)
        assert keys_of(context) == []
        assert facts(context, "api_key.created") == []


@pytest.mark.parametrize(
    "name", ["", " \n", "x" * 101, "a\x00b", "a\ud800", "\u202eetis beW", "a\x1bb", "\u200b"]
)
def test_a_name_that_cannot_be_read_out_is_refused(world: World, name: str) -> None:
    with world.as_staff(world.water, "manager") as context, refused(KeyNameRefused, "name"):
        create_key(context, name=name, scopes=["tickets:read"])


@pytest.mark.parametrize("name", ["موقع الشركة", "x" * 100, "Web site 2 (test) – ١٢٣"])
def test_a_name_in_either_language_is_taken(world: World, name: str) -> None:
    with world.as_staff(world.water, "manager") as context:
        issued = create_key(context, name=name, scopes=["tickets:read"])
        assert key_for(context, issued.id).name == name


def test_a_key_for_nothing_is_refused(world: World) -> None:
    with world.as_staff(world.water, "manager") as context, refused(NoScopes, "scopes"):
        create_key(context, name="a", scopes=[])


@pytest.mark.parametrize("scope", ["tickets:teleport", "", "TICKETS:READ", "*", "\ud800", "x" * 9999])
def test_a_scope_that_does_not_exist_is_refused_and_those_that_do_are_named(world: World, scope: str) -> None:
    with world.as_staff(world.water, "manager") as context:
        with refused(UnknownScope, "scopes") as caught:
            create_key(context, name="a", scopes=["tickets:read", scope])
        str(caught.value).encode()
        assert "tickets:archive" in str(caught.value)


def test_no_key_can_make_keys(world: World) -> None:
    assert set(Permission) - {Permission.KEYS_WRITE} == SCOPES
    for context_of in (world.as_staff(world.water, "manager"), world.as_system(world.water)):
        with context_of as context, refused(UnknownScope, "scopes"):
            create_key(context, name="a", scopes=["keys:write"])


@pytest.mark.parametrize("scope", ["tenants:write", "tickets:import"])
def test_nobody_gives_a_key_what_they_do_not_hold(world: World, scope: str) -> None:
    with world.as_staff(world.water, "manager") as context:
        with refused(ScopeNotHeld, "scopes"):
            create_key(context, name="a", scopes=["tickets:read", scope])
        assert keys_of(context) == []
    with world.as_system(world.water) as context:
        create_key(context, name="a", scopes=[scope])


def test_a_range_that_is_none_is_refused(world: World) -> None:
    with world.as_staff(world.water, "manager") as context, refused(BadAddressRange, "addresses"):
        create_key(context, name="a", scopes=["tickets:read"], addresses=["192.0.2.0/24", "the office"])


@pytest.mark.parametrize("who", ["agent", "officer", "field", "lead"])
def test_only_who_may_write_keys_makes_and_sees_them(world: World, who: str) -> None:
    with world.as_staff(world.water, who) as context:
        with pytest.raises(NotAllowed):
            create_key(context, name="a", scopes=["tickets:read"])
        with pytest.raises(NotAllowed):
            keys_of(context)


def test_the_other_tenant_s_manager_makes_no_key_here(world: World) -> None:
    with (
        world.database.unit_of_work(
            actor=world.tax["manager"], tenants=(world.water.id,), clock=world.clock
        ) as context,
        pytest.raises(NotAllowed),
    ):
        create_key(context, name="a", scopes=["tickets:read"])


def test_a_key_itself_makes_none_whatever_its_scopes(world: World) -> None:
    key = Actor(ActorKind.API_KEY, new_id(), {world.water.id: SCOPES})
    with (
        world.database.unit_of_work(actor=key, tenants=(world.water.id,), clock=world.clock) as context,
        pytest.raises(NotAllowed),
    ):
        create_key(context, name="b", scopes=["tickets:read"])


def test_each_tenant_sees_its_own_keys_the_newest_first(world: World) -> None:
    made = []
    for agency in (world.water, world.tax, world.water):
        with world.as_staff(agency, "manager") as context:
            made.append(create_key(context, name="a", scopes=["tickets:read"]).id)
        world.clock.advance(timedelta(hours=1))
    with world.as_staff(world.water, "manager") as context:
        assert [key.id for key in keys_of(context)] == [made[2], made[0]]
    with world.as_staff(world.tax, "manager") as context:
        assert [key.id for key in keys_of(context)] == [made[1]]
