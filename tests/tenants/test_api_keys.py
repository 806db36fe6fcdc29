"""Signing in with an API key."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, select, text

from hub.journal.models import Fact
from hub.keys.actions import IssuedKey, create_key, revoke_key, rotate_key
from hub.tickets.access import ticket_for
from tenants.addresses import read_address
from tenants.api_keys import KeyRefused, authenticate, tenant_of_key
from tenants.context import Actor, ActorKind
from tenants.errors import NotAllowed, NotFound
from tenants.key_format import KeyParts, new_key, read_key, write_key
from tenants.languages import Language
from tenants.models import ApiKey, TenantState
from tenants.permissions import Permission
from tenants.provisioning import set_state
from tests.factories.tickets import open_leak
from tests.hub.tickets.refusals import refused
from tests.world import SUNDAY_TEN, World


def make(world: World, *, addresses: Sequence[str] = (), expires_at: datetime | None = None) -> IssuedKey:
    with world.as_staff(world.water, "manager") as context:
        return create_key(
            context,
            name="Web site",
            scopes=["tickets:read", "tickets:open"],
            addresses=addresses,
            expires_at=expires_at,
        )


def sign_in(world: World, key: str, address: str | None = "192.0.2.7") -> Actor:
    return authenticate(world.database, key, read_address(address), clock=world.clock)


def parts_of(issued: IssuedKey) -> KeyParts:
    parts = read_key(issued.key)
    assert parts is not None
    return parts


def last_used(world: World, issued: IssuedKey) -> datetime | None:
    with world.as_system(world.water) as context:
        return context.session.scalars(
            select(ApiKey.last_used_at).where(ApiKey.tenant_id == world.water.id, ApiKey.id == issued.id)
        ).one()


def test_a_key_is_an_actor_of_its_tenant_with_its_scopes_and_no_more(world: World) -> None:
    issued = make(world)
    actor = sign_in(world, issued.key)
    assert (actor.kind, actor.id) == (ActorKind.API_KEY, issued.id)
    assert actor.grants == {world.water.id: {Permission.TICKETS_READ, Permission.TICKETS_OPEN}}
    assert not any(actor.may(permission, world.tax.id) for permission in Permission)


def test_what_a_key_reaches_is_its_own_tenant(world: World) -> None:
    mine, other = open_leak(world, world.water), open_leak(world, world.tax)
    actor = sign_in(world, make(world).key)
    with world.database.unit_of_work(actor=actor, tenants=actor.grants, clock=world.clock) as context:
        assert ticket_for(context, mine.ticket_id).id == mine.ticket_id
        with pytest.raises(NotFound):
            ticket_for(context, other.ticket_id)
        with pytest.raises(NotAllowed):
            context.demand(Permission.TICKETS_CLOSE, world.water.id)


def test_only_the_id_and_a_digest_are_kept(world: World) -> None:
    issued = make(world)
    secret = parts_of(issued).secret
    with world.as_system(world.water) as context:
        for table in ("api_keys", "journal"):
            rows = context.session.scalars(text(f"SELECT t::text FROM {table} t")).all()
            assert any(str(issued.id) in row for row in rows)
            # Neither as it is nor within the bytes that PostgreSQL shows in hexadecimal.
            assert not any(secret in row or secret.encode().hex() in row for row in rows)
        digest = context.session.scalars(
            select(ApiKey.digest).where(ApiKey.tenant_id == world.water.id)
        ).one()
        for fact in context.session.scalars(select(Fact.data).where(Fact.tenant_id == world.water.id)):
            assert digest.hex() not in str(fact)
    assert secret not in repr(issued)


def test_every_key_that_opens_nothing_is_refused_in_the_same_words(world: World) -> None:
    good, elsewhere = make(world), make(world, addresses=["198.51.100.0/24"])
    over, revoked = make(world, expires_at=SUNDAY_TEN + timedelta(hours=1)), make(world)
    with world.as_staff(world.water, "manager") as context:
        revoke_key(context, revoked.id)
    world.clock.advance(timedelta(hours=1))
    wrong_secret = replace(parts_of(good), secret=new_key().secret)
    others_secret = replace(parts_of(good), secret=parts_of(elsewhere).secret)
    slip = good.key[:-1] + ("0" if good.key[-1] != "0" else "1")
    presented = {
        "unknown": write_key(new_key()),
        "wrong secret": write_key(wrong_secret),
        "secret of another": write_key(others_secret),
        "expired": over.key,
        "revoked": revoked.key,
        "from elsewhere": elsewhere.key,
        "slip": slip,
        "empty": "",
        "no key": "'; DROP TABLE api_keys; --\x00\ud800",
        "huge": good.key * 10_000,
    }
    told = set()
    for key in presented.values():
        with refused(KeyRefused, "api_key") as caught:
            sign_in(world, key)
        told.add((caught.value.code, str(caught.value), caught.value.sentence(Language.ARABIC)))
        assert caught.value.facts == {}
        assert caught.value.__cause__ is None
    assert len(told) == 1
    sign_in(world, good.key)


def test_the_keys_of_a_suspended_body_open_nothing_until_it_returns(world: World) -> None:
    issued = make(world)
    for state, opens in (
        (TenantState.SUSPENDED, False),
        # A body that prepares itself tries its machines before it goes live.
        (TenantState.PREPARING, True),
        (TenantState.SUSPENDED, False),
        (TenantState.LIVE, True),
    ):
        with world.as_system() as context:
            set_state(context, world.water.id, state)
        if opens:
            assert sign_in(world, issued.key).id == issued.id
        else:
            with refused(KeyRefused, "api_key"):
                sign_in(world, issued.key)
            # An operator still finds whose key it is.
            assert tenant_of_key(world.database, issued.id) == world.water.id


def test_another_body_s_suspension_is_no_matter(world: World) -> None:
    issued = make(world)
    with world.as_system() as context:
        set_state(context, world.tax.id, TenantState.SUSPENDED)
    assert sign_in(world, issued.key).id == issued.id


def test_a_key_ends_at_its_expiry_and_not_before(world: World) -> None:
    issued = make(world)
    assert issued.expires_at == SUNDAY_TEN + timedelta(days=365)
    world.clock.move_to(issued.expires_at - timedelta(microseconds=1))
    sign_in(world, issued.key)
    world.clock.move_to(issued.expires_at)
    with pytest.raises(KeyRefused):
        sign_in(world, issued.key)


@pytest.mark.parametrize(
    ("address", "welcome"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("2001:db8:5::1", True),
        ("192.0.3.7", False),
        ("2001:db9::1", False),
        (None, False),
        ("unix socket", False),
    ],
)
def test_a_key_works_from_its_addresses_only(world: World, address: str | None, welcome: bool) -> None:
    issued = make(world, addresses=["192.0.2.0/24", "2001:db8::/32"])
    if welcome:
        assert sign_in(world, issued.key, address).id == issued.id
    else:
        with pytest.raises(KeyRefused):
            sign_in(world, issued.key, address)


def test_a_key_without_addresses_works_from_anywhere(world: World) -> None:
    issued = make(world)
    for address in ("192.0.2.7", "2001:db8::1", None):
        assert sign_in(world, issued.key, address).id == issued.id


def test_the_old_key_works_beside_its_successor_until_the_time_given(world: World) -> None:
    old = make(world)
    with world.as_staff(world.water, "manager") as context:
        successor, _ = rotate_key(context, old.id, old_until=SUNDAY_TEN + timedelta(days=2))
    assert sign_in(world, old.key).grants == sign_in(world, successor.key).grants
    world.clock.advance(timedelta(days=2))
    with pytest.raises(KeyRefused):
        sign_in(world, old.key)
    sign_in(world, successor.key)


def test_its_use_is_noted_once_a_minute_at_most(world: World) -> None:
    issued = make(world)
    assert last_used(world, issued) is None
    sign_in(world, issued.key)
    assert last_used(world, issued) == SUNDAY_TEN
    world.clock.advance(timedelta(seconds=59))
    sign_in(world, issued.key)
    assert last_used(world, issued) == SUNDAY_TEN
    world.clock.advance(timedelta(seconds=1))
    sign_in(world, issued.key)
    assert last_used(world, issued) == SUNDAY_TEN + timedelta(minutes=1)


def test_a_refused_key_is_not_noted_as_used(world: World) -> None:
    issued = make(world, addresses=["198.51.100.0/24"])
    with pytest.raises(KeyRefused):
        sign_in(world, issued.key)
    assert last_used(world, issued) is None


def test_its_use_stays_noted_whatever_becomes_of_the_request(own_world: World) -> None:
    issued = make(own_world)

    def failing_request() -> None:
        with own_world.as_staff(own_world.water):
            sign_in(own_world, issued.key)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing_request()
    assert last_used(own_world, issued) == SUNDAY_TEN


def test_signing_in_takes_one_round_trip(own_world: World) -> None:
    issued = make(own_world)
    sign_in(own_world, issued.key)
    engine = own_world.database.bind
    assert isinstance(engine, Engine)
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
    sign_in(own_world, issued.key)
    with pytest.raises(KeyRefused):
        sign_in(own_world, write_key(new_key()))
    assert len(sent) == 2
    with pytest.raises(KeyRefused):
        sign_in(own_world, issued.key[:-1])
    assert len(sent) == 2


def test_a_busy_key_signs_in_many_at_once(own_world: World) -> None:
    issued = make(own_world)
    with ThreadPoolExecutor(8) as pool:
        actors = list(pool.map(lambda _: sign_in(own_world, issued.key), range(100)))
    assert {actor.id for actor in actors} == {issued.id}
    assert last_used(own_world, issued) == SUNDAY_TEN


def test_unknown_and_wrong_take_the_same_time_within_reason(own_world: World) -> None:
    issued = make(own_world)
    wrong = write_key(replace(parts_of(issued), secret=new_key().secret))
    spent: dict[str, list[float]] = {"unknown": [], "wrong": []}
    for _ in range(150):
        for kind, key in (("unknown", write_key(new_key())), ("wrong", wrong)):
            began = time.perf_counter()
            with pytest.raises(KeyRefused):
                sign_in(own_world, key)
            spent[kind].append(time.perf_counter() - began)
    assert 0.5 < median(spent["unknown"]) / median(spent["wrong"]) < 2


def test_the_database_opens_the_one_row_asked_for_and_closes_it_again(own_world: World) -> None:
    issued, _ = make(own_world), make(own_world)
    assert isinstance(own_world.database.bind, Engine)
    with own_world.database.bind.connect() as connection:
        found = connection.execute(text("SELECT tenant_id FROM key_presented(:id)"), {"id": issued.id}).all()
        assert [row.tenant_id for row in found] == [own_world.water.id]
        assert connection.scalar(text("SELECT count(*) FROM api_keys")) == 0
        assert connection.scalar(text("SELECT count(*) FROM tenants")) == 0
        connection.execute(text("SELECT set_config('hub.key', :id, true)"), {"id": str(issued.id)})
        assert connection.scalar(text("SELECT count(*) FROM api_keys")) == 1
        # To be seen is not to be changed.
        assert connection.execute(text("UPDATE api_keys SET revoked_at = NULL")).rowcount == 0


def test_the_owner_of_a_key_is_found_by_its_id_alone(own_world: World) -> None:
    issued = make(own_world)
    assert tenant_of_key(own_world.database, issued.id) == own_world.water.id
    assert tenant_of_key(own_world.database, uuid4()) is None


def test_a_scope_that_a_later_release_does_not_know_grants_nothing(world: World) -> None:
    issued = make(world)
    with world.as_system(world.water) as context:
        context.session.execute(
            text(
                'UPDATE api_keys SET scopes = \'["tickets:read", "tickets:teleport"]\' WHERE tenant_id = :t'
            ),
            {"t": world.water.id},
        )
    assert sign_in(world, issued.key).grants == {world.water.id: {Permission.TICKETS_READ}}
