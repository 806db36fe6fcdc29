from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from hub.web.origins import is_sent_from_here

HOST = {"host": "hub.example"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_is_let_in_from_everywhere(method: str) -> None:
    assert is_sent_from_here(method, Headers({**HOST, "sec-fetch-site": "cross-site"}))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "ANYTHING"])
@pytest.mark.parametrize(
    ("headers", "from_here"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": ""}, False),
        ({"sec-fetch-site": "cross-site", "origin": "https://hub.example"}, False),
        ({"origin": "https://hub.example"}, True),
        ({"origin": "https://hub.example:8443"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://hub.example.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "https://[broken"}, False),
        # No browser: whoever sends this borrows nobody's cookies.
        ({}, True),
    ],
)
def test_changing_something_is_let_in_from_our_own_pages_only(
    method: str, headers: dict[str, str], from_here: bool
) -> None:
    assert is_sent_from_here(method, Headers({**HOST, **headers})) is from_here
