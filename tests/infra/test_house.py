"""The API and the pages behind one door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from hub.api.app import create_app
from infra.asgi import House
from infra.serving.application import RouteNames
from infra.serving.gate import Gate
from portal.app import create_portal
from tenants.database import Database
from tests.hub.api.callers import AMPLE
from tests.pages.checker import check_response
from tests.world import World


@pytest.fixture
def house(world: World) -> House:
    database = Database(world.database.bind, clock=world.clock)
    return House(create_app(database, rates=AMPLE), create_portal(database, rates=AMPLE))


@pytest.fixture
def full(house: House) -> Iterator[TestClient]:
    """A door through which nobody else is let in."""
    client = TestClient(Gate(house, most=0, full=house.full), base_url="http://hub.test")
    with start_blocking_portal() as client.portal:
        yield client


def test_the_address_says_who_is_asked(house: House) -> None:
    client = TestClient(house, base_url="http://hub.test")
    with start_blocking_portal() as client.portal:
        assert client.get("/api/v1/tenants").json()["tenants"]
        assert client.get("/api/nothing").headers["Content-Type"] == "application/problem+json"
        for path, status in (("/ar", 200), ("/apiary", 404), ("/nothing", 404)):
            page = client.get(path)
            assert page.status_code == status
            assert page.headers["Content-Type"].startswith("text/html")
            check_response(page)


def test_without_room_pages_are_answered_with_a_page_and_the_api_with_a_problem(full: TestClient) -> None:
    page = full.get("/en/help")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert "Not available right now" in page.text
    check_response(page)
    problem = full.get("/api/v1/tenants")
    assert (problem.status_code, problem.json()["code"]) == (503, "hub_unavailable")


def test_figures_and_logs_name_the_templates_of_both(house: House) -> None:
    names = set(RouteNames(house)._paths.values())
    assert {"/api/v1/cases/{number}", "/{language}/help"} <= names
