from __future__ import annotations

from uuid import uuid4

import pytest
from pydantic import ValidationError
from starlette.requests import Request

from hub.tickets.actions import Opened
from hub.web.settings import PageSettings
from hub.web.visits import PageState, Visit
from portal.app import create_portal
from portal.reporting.receipts import case_link, link_in_letters
from tests.world import World

OPENED = Opened(uuid4(), uuid4(), "1234567890", "482913", "the-secret-of-a-link")


def visit_of(world: World, address: str | None) -> Visit:
    """A visit whose browser says that it came to a host of somebody else's."""
    state: PageState = create_portal(world.database, settings=PageSettings(address=address)).state.pages
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/ar/agencies/water",
        "query_string": b"",
        "headers": [(b"host", b"evil.example")],
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    return Visit(Request(scope), state, lambda _: pytest.fail("nobody is asked"))


def test_a_letter_never_leads_to_the_host_that_a_visitor_names(world: World) -> None:
    visit = visit_of(world, "https://19.gov.example")
    for link in (link_in_letters(visit, OPENED), case_link(visit, OPENED)):
        assert link == "https://19.gov.example/ar/cases/1234567890/the-secret-of-a-link"


def test_without_an_address_of_its_own_the_portal_sends_no_links(world: World) -> None:
    visit = visit_of(world, None)
    assert link_in_letters(visit, OPENED) is None
    # On their own page visitors stay where they are.
    assert case_link(visit, OPENED).startswith("http://evil.example/ar/cases/")


@pytest.mark.parametrize(
    "address", ["19.gov.example", "https://a/b", "javascript:alert(1)", "https://a b", "//a"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        PageSettings(address=address)
