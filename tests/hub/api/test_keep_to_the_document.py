"""Whatever the OpenAPI document allows or forbids to be sent, the answers are those it tells of; by schemathesis."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import schemathesis
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response as Answer
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case as Request
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Connection

from tests.hub.api.callers import Api, Caller, look_at
from tests.hub.api.documents import the_document
from tests.hub.api.reviewed import ENDLESS, REVIEWED
from tests.hub.api.stories import Case, a_case, a_file

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
]
NAMES = [each.name for each in the_document().operations if each.name not in ENDLESS]


@cache
def told_whole() -> BaseSchema:
    """The document as schemathesis reads it, without the streams that end with their reader."""
    schema = schemathesis.openapi.from_dict(the_document().told)
    return schema.exclude(operation_id=sorted(ENDLESS))


@cache
def told() -> dict[str, APIOperation[Any, Any, Any, Any]]:
    """The operations as schemathesis reads them from the document, by their names."""
    found = [each.ok() for each in told_whole().get_all_operations() if isinstance(each, Ok)]
    assert len(found) == len(NAMES)
    return {str(each.definition.raw["operationId"]): each for each in found}


def send(caller: Caller, request: Request[Any]) -> Response:
    """Send what schemathesis made up, as a caller."""
    made = request.as_transport_kwargs(base_url="http://hub.test")
    content = json.dumps(made["json"]).encode() if "json" in made else made.get("data", b"")
    headers = {**made["headers"], "Accept-Language": caller.language, **caller.headers}
    answer = caller.api.client.request(
        made["method"],
        made["url"],
        params=made["params"] or None,
        content=content.encode() if isinstance(content, str) else content,
        headers=[(name.encode("latin-1"), value.encode("utf-8")) for name, value in headers.items()],
    )
    look_at(caller.api, answer)
    request.validate_response(answer, checks=CHECKS)
    return answer


def try_out(case: Case, name: str, *, rightful: int, others: int) -> None:
    """Send an operation requests of all kinds, as each kind of caller; each is undone before the next."""
    operation = told()[name]
    described = the_document().named(name)
    who = REVIEWED[f"{described.method} {described.path}"]
    # Some requests lead to what there is, the others anywhere.
    known = {"tenant": "water", "number": case.number, "ticket_id": case.ticket, "service": "leak"}
    if "attachment_id" in described.names_in_path:
        home = described.path.partition("/{attachment_id}")[0].format_map(known)
        known["attachment_id"] = a_file(case.citizen if "/cases/" in home else case.api.anybody(), home)
    there = {name: known[name] for name in described.names_in_path if name in known}
    right = {"If-Match": '"1"'} if "If-Match" in str(described.told["parameters"]) else None
    for caller, may in (
        (case.api.anybody("ar"), who.anybody),
        (case.citizen, who.citizen),
        (case.machine, bool(who.machine)),
    ):
        try_all(caller, operation.as_strategy(), rightful if may else others)
        if may:
            made = operation.as_strategy(path_parameters=there or None, headers=right)
            try_all(caller, made, rightful)
        if may and described.takes_more_than_a_path:
            made = operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=there, headers=right)
            try_all(caller, made, rightful)


def try_all(caller: Caller, made: SearchStrategy[Request[Any]], examples: int) -> None:
    bind = caller.api.world.database.bind
    assert isinstance(bind, Connection)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(made)
    def try_one(request: Request[Any]) -> None:
        with bind.begin_nested() as undone:
            send(caller, request)
            undone.rollback()

    try_one()


@pytest.fixture
def case(api: Api) -> Case:
    return a_case(api)


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_answers_as_its_document_says(case: Case, name: str) -> None:
    try_out(case, name, rightful=3, others=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_operation_always_answers_as_its_document_says(case: Case, name: str) -> None:
    try_out(case, name, rightful=100, others=20)


def live_lives(api: Api, *, lives: int, steps: int) -> set[str]:
    """Lives of cases that schemathesis makes up from what answers hold and requests ask for; gives what succeeded."""
    bind = api.world.database.bind
    assert isinstance(bind, Connection)
    machine, succeeded = api.machine(), set[str]()
    begin = bind.begin_nested
    made: Any = told_whole().as_state_machine()

    # The document decides what it is made of.
    class Life(made):  # type: ignore[misc]
        """One life, undone in the end."""

        def setup(self) -> None:
            self.undone = begin()
            self.secrets: dict[str, str] = {}

        def teardown(self) -> None:
            self.undone.rollback()

        def before_call(self, case: Request[Any]) -> None:
            """Have it name what there is, where any text would do."""
            case.path_parameters = {**(case.path_parameters or {})}
            if "tenant" in case.path_parameters:
                case.path_parameters["tenant"] = "water"
            if isinstance(case.body, dict):
                there = {"service": "bill", "tenant": "tax", "team": "repairs", "stage": "inspection"}
                case.body = {**case.body, **{name: there[name] for name in there if name in case.body}}
            if "If-Match" in str(case.operation.definition.raw["parameters"]):
                read = api.client.get(
                    f"/api/v1/tickets/{case.path_parameters['ticket_id']}", headers=machine.headers
                )
                case.headers["If-Match"] = f'"{read.json().get("version", 1)}"'

        def call(self, case: Request[Any], **_more: Any) -> Answer:
            name = str(case.operation.definition.raw["operationId"])
            described = the_document().named(name)
            who = REVIEWED[f"{described.method} {described.path}"]
            number = str(case.path_parameters.get("number"))
            caller = api.anybody("ar") if who.anybody else machine
            if who.citizen:
                caller = api.citizen(number, secret=self.secrets.get(number, "x" * 43))
            answer = send(caller, case)
            if answer.is_success:
                succeeded.add(name)
            if name == "open_case" and answer.is_success:
                self.secrets[answer.json()["number"]] = answer.json()["secret"]
            return Answer.from_any(answer)

        def validate_response(self, response: Answer, case: Request[Any], **_more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Life.run(
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
    )
    return succeeded


def test_lives_made_up_from_the_document_keep_to_it(api: Api) -> None:
    assert len(live_lives(api, lives=8, steps=15)) > 3


@pytest.mark.slow
def test_many_lives_made_up_from_the_document_keep_to_it(api: Api) -> None:
    assert len(live_lives(api, lives=200, steps=30)) > 20
