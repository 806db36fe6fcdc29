"""Every page in a real browser: axe finds nothing, nothing runs over the edge, and little comes over the line."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tenants.languages import Language
from tests.pages.browsers import EVERYBODY, NARROW, Looking, bytes_of, found_by_axe, looking
from tests.pages.places import PLACES

FIRST_VISIT = 60_000
NEXT_PAGE = 12_000


@pytest.mark.parametrize("how", EVERYBODY, ids=lambda how: how.name)
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(
    chromium: Browser, address: str, how: Looking
) -> None:
    wrong = {}
    with looking(chromium, address, how) as page:
        for name, place in PLACES.items():
            page.goto(f"/{how.language.value}{place}")
            found = found_by_axe(page)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append("the page is wider than the screen")
            if found:
                wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize("language", Language)
def test_first_visits_and_next_pages_stay_within_their_budgets(
    chromium: Browser, address: str, language: Language
) -> None:
    with looking(chromium, address, Looking(language, NARROW)) as page:
        assert bytes_of(page, f"/{language.value}") <= FIRST_VISIT
        for place in PLACES.values():
            if place not in ("", "/no-such-page", "/styleguide"):
                assert bytes_of(page, f"/{language.value}{place}") <= NEXT_PAGE
