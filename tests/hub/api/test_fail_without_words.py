"""When the hub itself fails, its answer is always the same and never says how; when the database is away, it says so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any, cast
from uuid import UUID

import psycopg
import pytest
import structlog
from fastapi import APIRouter, Depends
from httpx2 import Response
from sqlalchemy import Engine, create_engine, event, text

from hub.api.calls import Answer, Call
from hub.api.guards import Anybody
from hub.api.routes import ROUTERS
from hub.api.routing import StrictRoute
from hub.tickets.access import ticket_for
from hub.tickets.numbers import new_number
from tenants.database import Database
from tenants.key_format import new_key, write_key
from tenants.servers import OwnServer
from tests.hub.api.callers import Api, Caller, calling
from tests.hub.api.documents import the_document
from tests.hub.api.requests import ask
from tests.hub.api.reviewed import REVIEWED
from tests.hub.api.stories import LEAK, a_case
from tests.infra.harm import closed_port
from tests.world import World

QUOTED = "منى 01001234567"

_planted = APIRouter(route_class=StrictRoute)


@_planted.get("/planted/{where}")
def fail(where: str, call: Annotated[Call, Depends(Anybody())]) -> object:
    """Fail in a place, quoting what a person wrote."""
    nothing: dict[str, object] = {}
    if where == "route":
        raise ValueError(QUOTED)
    if where == "statement":
        with call.work() as context:
            context.session.execute(text("SELECT :said::integer"), {"said": QUOTED})
    if where == "view":
        return call.read(lambda _context: Answer(cast("Any", QUOTED)))
    if where == "exit":
        raise SystemError(QUOTED)
    return nothing[QUOTED]


@pytest.fixture
def planted(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    # Before the planted route is there, which no document is to know of.
    the_document()
    monkeypatch.setattr("hub.api.app.ROUTERS", (*ROUTERS, _planted))
    with calling(world, Database(world.database.bind, clock=world.clock)) as api:
        yield api


@pytest.mark.parametrize("where", ["route", "statement", "view", "exit", "elsewhere"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_exception_anywhere_gives_the_constant_words(planted: Api, where: str, language: str) -> None:
    with structlog.testing.capture_logs() as log:
        answer = planted.client.get(f"/api/v1/planted/{where}", headers={"Accept-Language": language})
    said = answer.json()
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == language
    assert (said["code"], said["status"]) == ("something_broke", 500)
    assert said["request_id"] == answer.headers["X-Request-Id"]
    assert said["request_id"] in said["detail"]
    assert set(said) == {"type", "title", "status", "detail", "code", "request_id"}
    assert QUOTED not in f"{answer.text} {answer.headers}"
    (line,) = [each for each in log if each["event"] == "request_failed"]
    assert line["request_id"] == said["request_id"]


def test_after_a_failure_the_next_request_is_answered(planted: Api) -> None:
    with structlog.testing.capture_logs():
        assert planted.client.get("/api/v1/planted/statement").status_code == 500
    assert planted.anybody().get("/tenants").status_code == 200


@pytest.fixture
def away(world: World) -> Iterator[Api]:
    """The API on a server that is not there."""
    database = Database.at(f"postgresql://hub_app@127.0.0.1:{closed_port()}/hub")
    with calling(world, database) as api:
        api.may_be_away = True
        yield api
    database.dispose()


def assert_away(answer: Response, language: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "hub_unavailable")
    assert answer.headers["Content-Language"] == language
    assert 0 < int(answer.headers["Retry-After"]) < 60
    assert "127.0.0.1" not in answer.text


@pytest.mark.parametrize("language", ["ar", "en"])
def test_without_its_database_the_hub_says_come_again(away: Api, language: str) -> None:
    key = write_key(new_key())
    for operation in away.document.operations:
        who = REVIEWED[f"{operation.method} {operation.path}"]
        headers = {"Hub-Case-Secret": "x" * 43} if who.citizen else {}
        if who.machine:
            headers = {"Authorization": f"Bearer {key}"}
        if "{token}" in operation.path:
            # Made up, and known as such without asking.
            continue
        begun = time.monotonic()
        asked = ask(away.document, operation, number=new_number())
        answer = replace(asked, headers={"Idempotency-Key": "x" * 16}).send(Caller(away, language, headers))
        assert_away(answer, language)
        assert time.monotonic() - begun < 5, operation.name


def test_what_is_refused_without_the_database_is_refused_while_it_is_away(away: Api) -> None:
    assert away.anybody().get("/none").status_code == 404
    assert away.anybody().post("/tenants/water/cases", {"service": 1}).status_code == 422
    assert away.client.get("/api/v1/openapi.json").status_code == 200


def test_a_pool_that_is_used_up_says_come_again(own_world: World) -> None:
    engine = own_world.database.bind
    assert isinstance(engine, Engine)
    narrow = create_engine(engine.url, pool_size=1, max_overflow=0, pool_timeout=0.2)
    with calling(own_world, Database(narrow)) as api, narrow.connect():
        api.may_be_away = True
        assert_away(api.anybody().get("/tenants"), "en")
    with calling(own_world, Database(narrow)) as api:
        assert api.anybody().get("/tenants").status_code == 200
    narrow.dispose()


def test_broken_connections_are_made_anew_and_nothing_is_done_twice(
    own_world: World, server: OwnServer
) -> None:
    with calling(own_world, own_world.database) as api:
        case = a_case(api)
        key = {"Idempotency-Key": "6c1d3c0e-6f55-4f1c-9b3e-0a4c1b7f2d11"}
        first = api.anybody().post("/tenants/water/cases", LEAK, headers=key)
        break_connections(own_world, server)
        api.may_be_away = True
        answers = [api.anybody().post("/tenants/water/cases", LEAK, headers=key) for _ in range(10)]
        again = next(each for each in answers if each.status_code != 503)
        assert answers.index(again) <= 1
        assert (again.status_code, again.content) == (201, first.content)
        assert case.machine.get(f"/tickets/{case.ticket}").status_code == 200


def test_a_statement_that_is_cut_off_changes_nothing_and_says_come_again(
    own_world: World, server: OwnServer
) -> None:
    with calling(own_world, own_world.database) as api:
        case = a_case(api)
        with own_world.as_system(own_world.water) as context:
            # Somebody works on the ticket for longer than a statement may wait for a lock.
            ticket_for(context, UUID(case.ticket), held=True)
            api.may_be_away = True
            with short_waits(own_world):
                answer = case.machine.post(f"/tickets/{case.ticket}/add-note", {"text": "هنا"}, version=1)
            assert_away(answer, "en")
        assert case.read()["version"] == 1
        assert case.act("add-note", text="هنا")["version"] == 2


def break_connections(world: World, server: OwnServer) -> None:
    assert isinstance(world.database.bind, Engine)
    name = world.database.bind.url.database
    with psycopg.connect(server.administrator_url(str(name)).get_secret_value()) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def short_waits(world: World) -> Iterator[None]:
    """Let nobody wait for a lock longer than a moment, as the logins' own limits do after some seconds."""

    def shorten(connection: psycopg.Connection[object], *_more: object) -> None:
        connection.execute("SET lock_timeout = '200ms'")
        connection.commit()

    engine = world.database.bind
    assert isinstance(engine, Engine)
    event.listen(engine, "checkout", shorten)
    try:
        yield
    finally:
        event.remove(engine, "checkout", shorten)
