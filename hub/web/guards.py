"""Who may see a page: every page declares one guard."""

from __future__ import annotations

from abc import ABC, abstractmethod

from starlette.requests import Request

from hub.web.callers import Caller
from hub.web.visits import Visit
from tenants.context import CITIZEN


class PageGuard(ABC):
    """Lets a visit through, or not; the visit asks it before it opens a unit of work or shows a page."""

    async def __call__(self, request: Request) -> Visit:
        """The visit, for FastAPI to give to the route."""
        return Visit(request, request.app.state.pages, self.admit)

    @abstractmethod
    def admit(self, visit: Visit) -> Caller:
        """Who visits, if they may; counts the visit against their quotas.

        Raises refusals; then nothing of the hub was asked.
        """


class Anybody(PageGuard):
    """Everybody, nameless; of a body they see what is public."""

    def admit(self, visit: Visit) -> Caller:
        """A citizen with no case, counted by their network address; sees the body that the path names."""
        visit.count_by_address()
        return Caller(CITIZEN, visit.tenants_named(), name="anybody")
