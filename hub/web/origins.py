"""Forms that other sites send in a visitor's name are refused by what the browser itself says of a request's origin.

The rule is Go 1.25's `CrossOriginProtection`, and needs no session and no token in any form:

1. GET, HEAD and OPTIONS pass; they never change anything.
2. `Sec-Fetch-Site`, which no page can forge, has to be `same-origin`, or `none` for what the user did themselves.
3. Where an older browser does not send it, `Origin` has to name this very host.
4. Without both headers it is no browser, and nobody's cookies are borrowed.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN: Final = frozenset({"same-origin", "none"})


def is_sent_from_here(method: str, headers: Headers) -> bool:
    """Whether a request may change something: it came from our own pages, or from no browser."""
    if method in _SAFE_METHODS:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in _OWN
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc != "" and urlsplit(origin).netloc == headers.get("host")
    except ValueError:
        return False
