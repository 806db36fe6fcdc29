"""A client that a public generator makes from the OpenAPI document opens, works and confirms a case."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import uvicorn
from fastapi import FastAPI

from hub.api.app import create_app
from hub.keys.actions import create_key
from tests.hub.api.callers import AMPLE
from tests.hub.api.documents import the_document
from tests.world import World

NAME = "hub19_client"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The generated package, to be imported by its name."""
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(the_document().told))
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(described), "--output-path", str(tmp_path / NAME)),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    said = made.stdout + made.stderr
    assert made.returncode == 0, said
    assert "WARNING" not in said, "there is something in the document that it cannot make a client for"
    monkeypatch.syspath_prepend(str(tmp_path))
    yield NAME
    for module in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[module]


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of an application that is served for as long as the block lasts."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "it did not start"
            thread.join(0.01)
        (socket,) = server.servers[0].sockets
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_a_generated_client_opens_works_and_confirms_a_case(own_world: World, package: str) -> None:
    client, models = import_module(f"{package}.client"), import_module(f"{package}.models")
    with own_world.as_staff(own_world.water, "manager") as context:
        key = create_key(context, name="Generated", scopes=["tickets:read", *WORK]).key

    def call(operation: str, who: Any, *where: str, **more: Any) -> Any:
        """What an operation answers; a refusal fails the test."""
        answer = import_module(f"{package}.api.{operation}").sync_detailed(*where, client=who, **more)
        assert answer.status_code < 300, answer.content
        return answer.parsed

    with served(create_app(own_world.database, rates=AMPLE)) as address, ExitStack() as connected:
        somebody = connected.enter_context(client.Client(base_url=address, headers={"Accept-Language": "ar"}))
        machine = connected.enter_context(client.AuthenticatedClient(base_url=address, token=key))

        bodies = call("catalogue.list_tenants", somebody)
        assert [each.code for each in bodies.tenants] == ["tax", "water"]
        form = call("catalogue.read_service", somebody, "water", "leak").form
        assert "hazard" in form.additional_properties["properties"]
        given = models.CaseGiven.from_dict(
            {
                "service": "leak",
                "description": "ماسورة مكسورة أمام المدرسة",
                "answers": {"hazard": False},
                "reporter": {"name": "منى", "phone": "01001234567"},
            }
        )
        again = str(uuid4())
        opened = call("cases.open_case", somebody, "water", body=given, idempotency_key=again)
        assert call("cases.open_case", somebody, "water", body=given, idempotency_key=again) == opened

        def act(name: str, body: Any) -> Any:
            ticket = call("tickets.read_ticket", machine, opened.ticket_id)
            return call(f"acts.{name}", machine, opened.ticket_id, body=body, if_match=f'"{ticket.version}"')

        act("forward", models.NoMore())
        act("start", models.NoMore())
        asked = act("ask", models.TextGiven(text="أين بالضبط؟"))
        assert asked.citizen.name == "منى"
        assert asked.waiting_on is models.WaitingOn.CITIZEN

        citizen = connected.enter_context(
            client.Client(base_url=address, headers={"Hub-Case-Pin": opened.pin})
        )
        case = call("cases.read_case", citizen, opened.number)
        assert case.tickets[0].waiting_for_you
        answered = call(
            "cases.answer_of_case",
            citizen,
            opened.number,
            opened.ticket_id,
            body=models.TextGiven(text="أمام الباب الخلفي"),
            if_match=f'"{case.tickets[0].version}"',
        )
        assert answered.tickets[0].status is models.Status.IN_PROGRESS
        act("resolve", models.ResolutionGiven(resolution="أُصلحت"))
        case = call("cases.read_case", citizen, opened.number)
        confirmed = call(
            "cases.confirm_of_case",
            citizen,
            opened.number,
            opened.ticket_id,
            body=models.NoMore(),
            if_match=f'"{case.tickets[0].version}"',
        )
        assert confirmed.closed_at is not None
        closed = call("tickets.read_ticket", machine, opened.ticket_id)
        assert (closed.status, closed.closure) == (models.Status.CLOSED, models.Closure.CONFIRMED)

        refused = import_module(f"{package}.api.cases.read_case").sync_detailed(
            opened.number, client=somebody
        )
        assert (refused.status_code, refused.parsed.code) == (401, "case_key_needed")


WORK = ["tickets:screen", "tickets:work", "tickets:reply", "tickets:resolve"]
