"""Every route says who may call it, and lets nobody else: no stranger, no key of too little, no other body."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, Depends
from httpx2 import Response

from hub.api.app import create_app
from hub.api.guards import Anybody
from hub.api.routes import ROUTERS
from hub.keys.actions import SCOPES
from hub.tickets.numbers import new_number
from hub.tickets.settings import key_settings
from hub.web.guarding import RouteWithoutGuard
from tenants.ids import new_id
from tenants.permissions import Permission
from tests.hub.api.callers import AMPLE, Api, Caller
from tests.hub.api.documents import Operation
from tests.hub.api.requests import Ask, ask
from tests.hub.api.reviewed import ENDLESS, REVIEWED
from tests.hub.api.stories import Case, a_case, a_file
from tests.world import World

FOR_MACHINES = sorted(name for name, who in REVIEWED.items() if who.machine and not who.anybody)
FOR_CITIZENS = sorted(name for name, who in REVIEWED.items() if who.citizen)
FOR_ANYBODY = sorted(name for name, who in REVIEWED.items() if who.anybody)
ONLY_READS = {Permission.TICKETS_READ}
FREE_ATTEMPTS = key_settings().free_attempts


def _said() -> str:
    return "here"


def test_an_application_with_an_open_route_does_not_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner, outer = APIRouter(), APIRouter()
    inner.add_api_route("/open", _said)
    outer.include_router(inner)
    monkeypatch.setattr("hub.api.app.ROUTERS", (*ROUTERS, outer))
    with pytest.raises(RouteWithoutGuard, match="/api/v1/open of _said declares 0 guards"):
        create_app(world.database, rates=AMPLE)


def test_a_route_of_two_guards_does_not_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    router = APIRouter()
    router.add_api_route("/open", _said, dependencies=[Depends(Anybody()), Depends(Anybody())])
    monkeypatch.setattr("hub.api.app.ROUTERS", (router,))
    with pytest.raises(RouteWithoutGuard, match="declares 2 guards"):
        create_app(world.database, rates=AMPLE)


def test_the_operations_are_those_that_somebody_reviewed(api: Api) -> None:
    assert {f"{each.method} {each.path}" for each in api.document.operations} == REVIEWED.keys()


def operation_of(api: Api, name: str) -> Operation:
    return next(each for each in api.document.operations if f"{each.method} {each.path}" == name)


def asked_on(case: Case, name: str, *, version: int | None = None, **names: str) -> Ask:
    """The request on a case, naming what is its caller's own."""
    api = case.api
    own = {"number": case.number, "ticket_id": case.ticket, **names}
    return ask(api.document, operation_of(api, name), version=version, **own)


@pytest.fixture
def case(api: Api) -> Case:
    return a_case(api)


def code(answer: Response) -> str:
    return str(answer.json()["code"])


def test_without_a_key_a_machine_is_not_let_in(case: Case) -> None:
    for name in FOR_MACHINES:
        for caller in (case.api.anybody(), case.citizen):
            answer = asked_on(case, name).send(caller)
            assert (answer.status_code, code(answer)) == (401, "key_needed"), name
            assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_without_the_key_to_a_case_nobody_is_its_citizen(case: Case) -> None:
    for name in FOR_CITIZENS:
        for caller in (case.api.anybody(), case.machine):
            answer = asked_on(case, name).send(caller)
            assert (answer.status_code, code(answer)) == (401, "case_key_needed"), name
            assert answer.headers["WWW-Authenticate"] == "HubCase"


def test_a_wrong_key_to_a_case_opens_nothing(case: Case) -> None:
    other = a_case(case.api, machine=case.machine)
    for name in FOR_CITIZENS:
        for headers, refusal in (
            ({"Hub-Case-Pin": "none"}, "wrong_key"),
            ({"Hub-Case-Secret": "x" * 43}, "wrong_link"),
            ({"Hub-Case-Secret": other.secret}, "wrong_link"),
            ({"Hub-Case-Secret": "x", "Hub-Case-Pin": case.pin}, "wrong_link"),
        ):
            answer = asked_on(case, name).send(Caller(case.api, "en", headers))
            assert (answer.status_code, code(answer)) == (401, refusal), name


def test_wrong_pins_cost_ever_longer_waits(api: Api) -> None:
    for name in FOR_CITIZENS:
        case = a_case(api, machine=api.anybody())
        guess = Caller(api, "en", {"Hub-Case-Pin": f"{(int(case.pin) + 1) % 10**6:06d}"})
        answers = [asked_on(case, name).send(guess) for _ in range(FREE_ATTEMPTS + 1)]
        assert [code(each) for each in answers] == ["wrong_key"] * FREE_ATTEMPTS + ["throttled"], name
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["Retry-After"]) >= 60
        right = asked_on(case, name).send(Caller(api, "en", {"Hub-Case-Pin": case.pin}))
        assert right.status_code == 429, "the right one is not looked at either"


def test_a_key_with_every_scope_but_the_needed_may_not(case: Case) -> None:
    for name in FOR_MACHINES:
        machine = case.api.machine(scopes=SCOPES - REVIEWED[name].machine)
        answer = asked_on(case, name).send(machine)
        assert (answer.status_code, code(answer)) == (403, "not_allowed"), name


def test_a_key_with_the_needed_scope_and_no_other_may(case: Case) -> None:
    other = a_case(case.api, machine=case.machine)
    for name in FOR_MACHINES:
        if operation_of(case.api, name).name in ENDLESS:
            continue
        for scope in REVIEWED[name].machine:
            machine = case.api.machine(scopes={scope} | ONLY_READS)
            version = case.read()["version"]
            answer = asked_on(case, name, version=version, main_ticket=other.ticket).send(machine)
            # What it asks for may not be possible as things stand; that it may ask is what matters here.
            assert answer.status_code in (200, 409), name


def test_a_key_that_may_act_but_not_read_sees_no_ticket(case: Case) -> None:
    for name in FOR_MACHINES:
        machine = case.api.machine(scopes=REVIEWED[name].machine - ONLY_READS or {Permission.TICKETS_OPEN})
        assert asked_on(case, name).send(machine).status_code in (403, 404), name


def test_anybody_is_let_in_where_that_was_meant(case: Case) -> None:
    for name in FOR_ANYBODY:
        file = a_file(case.api.anybody(), "/tenants/water/attachments")
        answer = asked_on(case, name, attachment_id=file).send(case.api.anybody())
        assert answer.status_code in ((404,) if "{token}" in name else (200, 201, 204, 409)), name


def test_a_key_that_is_presented_has_to_be_one_that_may(case: Case) -> None:
    made_up = Caller(case.api, "en", {"Authorization": "Bearer hub_live_made_up"})
    for name in FOR_ANYBODY:
        needed = REVIEWED[name].machine
        if not needed:
            continue
        answer = asked_on(case, name).send(made_up)
        assert (answer.status_code, code(answer)) == (401, "key_refused"), name
        too_little = case.api.machine(scopes=SCOPES - needed)
        answer = asked_on(case, name).send(too_little)
        # Of a file that it could not have uploaded it does not learn that there is one.
        assert code(answer) == ("not_found" if "{attachment_id}" in name else "not_allowed"), name


def test_to_another_body_s_machine_a_ticket_is_as_if_it_never_was(case: Case) -> None:
    stranger = case.api.machine(case.api.world.tax)
    for name in FOR_MACHINES:
        if "{ticket_id}" not in name:
            continue
        theirs = asked_on(case, name).send(stranger)
        nobodys = asked_on(case, name, ticket_id=str(new_id())).send(stranger)
        assert theirs.status_code == nobodys.status_code == 404, name
        assert without_id(theirs) == without_id(nobodys), name


def test_a_case_without_its_key_is_as_if_it_never_was(api: Api) -> None:
    for name in FOR_CITIZENS:
        case, never = a_case(api, machine=api.anybody()), new_number()
        for headers in (
            {"Hub-Case-Pin": f"{(int(case.pin) + 1) % 10**6:06d}"},
            {"Hub-Case-Secret": "x" * 43},
        ):
            knocking = Caller(api, "ar", headers)
            theirs = asked_on(case, name).send(knocking)
            nobodys = asked_on(case, name, number=never).send(knocking)
            assert theirs.status_code == nobodys.status_code == 401, name
            assert without_id(theirs) == without_id(nobodys), name


def without_id(answer: Response) -> bytes:
    """An answer's bytes without the request's id."""
    return answer.content.replace(answer.headers["X-Request-Id"].encode(), b"")
