"""Who may see the pages of a case, and how a browser keeps it open for the length of a visit."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from starlette.responses import Response

from hub.tickets.errors import WrongLink
from hub.tickets.keys import OpenedCase, case_by_pass, pass_to
from hub.web.callers import Caller
from hub.web.guards import PageGuard
from hub.web.visits import Visit
from portal.errors import CaseNotOpen
from tenants.context import CITIZEN
from tenants.languages import Language

CASE_COOKIE: Final = "hub_case"
# As long as somebody may take over one case; afterwards the PIN is asked again and what was typed is kept.
OPEN_FOR: Final = timedelta(hours=2)


class CitizenOfCase(PageGuard):
    """Whoever opened the case of the path in this browser, not long ago, by its PIN or the link with its secret."""

    def admit(self, visit: Visit) -> Caller:
        """The citizen of that case, and of no other.

        Raises `WrongNumber`, and `CaseNotOpen` where the cookie is missing, over, or another case's.
        """
        visit.count_by_address()
        number = visit.request.path_params["number"]
        try:
            opened = case_by_pass(
                visit.database, number, visit.request.cookies.get(CASE_COOKIE, ""), language=visit.language
            )
        except WrongLink:
            raise CaseNotOpen(field="pin") from None
        return Caller(CITIZEN, opened.tenants, opened.case_id, name=f"case {opened.case_id}")


def keep_open(visit: Visit, response: Response, number: str, opened: OpenedCase) -> None:
    """Let the browser see a case's pages until it is closed or `OPEN_FOR` is over.

    The cookie goes to this case's pages alone, so that several can be open at once and no other page ever gets it.
    """
    presented = pass_to(visit.database, opened, lasting=OPEN_FOR)
    for language in Language:
        visit.keep(response, CASE_COOKIE, presented, None, path=_pages_of(number, language))


def close_case(visit: Visit, response: Response, number: str) -> None:
    """Have the browser forget a case."""
    for language in Language:
        visit.forget(response, CASE_COOKIE, path=_pages_of(number, language))


def _pages_of(number: str, language: Language) -> str:
    return f"/{language.value}/cases/{number}"
