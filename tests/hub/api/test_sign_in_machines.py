"""Machines sign in by a key of their body; whatever else is presented is refused alike, and costs its address."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest

from hub.keys.actions import create_key, revoke_key, rotate_key
from tenants.context import Context
from tenants.database import Database
from tenants.key_format import new_key, read_key, write_key
from tests.hub.api.callers import AMPLE, Api, Caller, calling
from tests.hub.api.stories import a_case, told
from tests.world import World

SCOPES = ["tickets:read"]


@pytest.fixture
def manager(api: Api) -> Iterator[Context]:
    with api.world.as_staff(api.world.water, "manager") as context:
        yield context


def presenting(api: Api, authorization: str | bytes) -> Caller:
    header = authorization.decode("latin-1") if isinstance(authorization, bytes) else authorization
    return Caller(api, "en", {"Authorization": header})


def bearing(api: Api, key: str) -> Caller:
    return presenting(api, f"Bearer {key}")


def assert_refused(caller: Caller) -> None:
    answer = caller.get("/tickets/00000000-0000-7000-8000-000000000001")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_refused")
    assert answer.json()["detail"] == "This API key is not accepted."
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def assert_let_in(caller: Caller) -> None:
    assert caller.get("/tickets/00000000-0000-7000-8000-000000000001").status_code == 404


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_a_key_is_presented_as_a_bearer_s(api: Api, manager: Context, scheme: str) -> None:
    key = create_key(manager, name="Machine", scopes=SCOPES).key
    assert_let_in(presenting(api, f"{scheme}{key}"))


def test_a_key_says_whose_it_is_and_shows_that_body_alone(api: Api) -> None:
    here, there = a_case(api), a_case(api, api.world.tax)
    assert told(here.machine.get(f"/tickets/{here.ticket}"))["id"] == here.ticket
    assert here.machine.get(f"/tickets/{there.ticket}").status_code == 404


def test_what_is_no_key_is_refused(api: Api, manager: Context) -> None:
    key = create_key(manager, name="Machine", scopes=SCOPES).key
    basic = base64.b64encode(f"{key}:".encode()).decode()
    for authorization in (
        "Bearer",
        "Bearer ",
        "Bearer x",
        f"Basic {basic}",
        f"Token {key}",
        key,
        f"Bearer {key[:-1]}",
        f"Bearer {key}x",
        f"Bearer {key.upper()}",
        f"Bearer {key} {key}",
        f"Bearer {key},{key}",
        "Bearer " + "x" * 20_000,
        "Bearer " + "مفتاح".encode().decode("latin-1"),
        "Bearer hub_live_\x7f",
    ):
        assert_refused(presenting(api, authorization))


def test_a_key_of_the_right_id_and_another_secret_is_refused(api: Api, manager: Context) -> None:
    issued = read_key(create_key(manager, name="Machine", scopes=SCOPES).key)
    assert issued is not None
    assert_refused(bearing(api, write_key(type(issued)(issued.id, new_key().secret))))
    assert_refused(bearing(api, write_key(new_key())))


def test_an_expired_key_is_refused_from_that_moment_on(api: Api, manager: Context) -> None:
    clock = api.world.clock
    end = clock.moment + timedelta(days=30)
    caller = bearing(api, create_key(manager, name="Machine", scopes=SCOPES, expires_at=end).key)
    clock.move_to(end - timedelta(seconds=1))
    assert_let_in(caller)
    clock.move_to(end)
    assert_refused(caller)


def test_a_revoked_key_is_refused_at_once(api: Api, manager: Context) -> None:
    issued = create_key(manager, name="Machine", scopes=SCOPES)
    caller = bearing(api, issued.key)
    assert_let_in(caller)
    revoke_key(manager, issued.id)
    assert_refused(caller)


def test_a_replaced_key_works_until_the_overlap_is_over(api: Api, manager: Context) -> None:
    issued = create_key(manager, name="Machine", scopes=SCOPES)
    successor, until = rotate_key(manager, issued.id)
    old, new = bearing(api, issued.key), bearing(api, successor.key)
    assert_let_in(old)
    assert_let_in(new)
    api.world.clock.move_to(until)
    assert_refused(old)
    assert_let_in(new)


def test_a_key_from_elsewhere_than_its_addresses_is_refused(api: Api, manager: Context) -> None:
    api.client.headers["X-Forwarded-For"] = "192.0.2.7"
    assert_refused(
        bearing(api, create_key(manager, name="Machine", scopes=SCOPES, addresses=["192.0.2.0/24"]).key)
    )


def test_a_key_that_is_refused_is_repeated_nowhere(api: Api) -> None:
    forged = write_key(new_key())
    answer = bearing(api, forged).get("/tickets/00000000-0000-7000-8000-000000000001")
    assert forged not in f"{answer.headers} {answer.text}"


class TestLimits:
    """How often somebody may call, and what they are told of it."""

    @pytest.fixture
    def scarce(self, world: World) -> Iterator[Api]:
        rates = AMPLE.model_copy(update={"key_quota": 3, "tenant_quota": 5, "address_quota": 3})
        with calling(world, Database(world.database.bind, clock=world.clock), rates) as api:
            api.client._transport.client = ("192.0.2.7", 50_000)  # type: ignore[attr-defined]
            yield api

    def test_every_answer_says_where_its_caller_stands(self, scarce: Api) -> None:
        answer = scarce.anybody().get("/tenants")
        assert answer.headers["RateLimit-Policy"] == '"address";q=3;w=60'
        assert answer.headers["RateLimit"].startswith('"address";r=2;')
        of_machine = scarce.machine().get("/tickets/00000000-0000-7000-8000-000000000001")
        assert of_machine.status_code == 404

    def test_an_address_that_asks_too_often_waits(self, scarce: Api) -> None:
        codes = [scarce.anybody().get("/tenants").status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        refused = scarce.anybody("ar").post("/tenants/water/cases", {"service": "bill", "description": "كم؟"})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.headers["RateLimit"].startswith('"address";r=0;')
        scarce.world.clock.move_to(scarce.world.clock.moment + timedelta(seconds=120))
        assert scarce.anybody().get("/tenants").status_code == 200

    def test_a_key_that_asks_too_often_leaves_room_for_the_body_s_others(self, scarce: Api) -> None:
        first, second = scarce.machine(), scarce.machine()
        path = "/tickets/00000000-0000-7000-8000-000000000001"
        assert [first.get(path).status_code for _ in range(4)] == [404, 404, 404, 429]
        assert [second.get(path).status_code for _ in range(3)] == [404, 404, 429]
        elsewhere = scarce.machine(scarce.world.tax)
        assert elsewhere.get(path).status_code == 404

    def test_guessing_at_keys_costs_the_address_that_guesses(self, scarce: Api) -> None:
        path = "/tickets/00000000-0000-7000-8000-000000000001"
        codes = [bearing(scarce, write_key(new_key())).get(path).status_code for _ in range(4)]
        assert codes == [401, 401, 401, 429]

    def test_guessing_at_cases_costs_the_address_that_guesses(self, scarce: Api) -> None:
        guessing = Caller(scarce, "en", {"Hub-Case-Secret": "x" * 43})
        codes = [guessing.get(f"/cases/{number}").status_code for number in ("1", "2", "3", "4")]
        assert codes == [404, 404, 404, 429]
