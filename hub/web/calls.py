"""One call on its way through: who calls, and their unit of work; the API and pages each answer in their own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from uuid import UUID

from starlette.requests import Request

from hub.web.callers import Caller, Shared
from tenants.addresses import read_address
from tenants.context import Context
from tenants.database import Database
from tenants.ids import HUB
from tenants.languages import Language
from tenants.rate_limits import Counted, TooManyRequests, limits_on, take


class Call(ABC):
    """One request, let in by its guard, answered from one unit of work."""

    state: Shared

    def __init__(self, request: Request, state: Shared, admit: Callable[[Any], Caller]) -> None:
        self.request = request
        self.state = state
        self.headers: dict[str, str] = {}
        # Refusals tell where their caller stands, too.
        request.state.headers = self.headers
        self._admit = admit

    @property
    def database(self) -> Database:
        """The database of the process."""
        return self.state.database

    @property
    def client(self) -> str | None:
        """The network address that calls, as the server knows it."""
        return self.request.client.host if self.request.client else None

    @property
    @abstractmethod
    def language(self) -> Language:
        """The language the caller reads."""

    @cached_property
    def caller(self) -> Caller:
        """Who calls; the guard is asked once. Raises its refusals."""
        return self._admit(self)

    def admitted(self) -> None:
        """Let the guard say whether this call may go on, where no unit of work follows; raises its refusals."""
        _ = self.caller

    def admit_anew(self) -> None:
        """Ask the guard again in the midst of a long call; raises its refusals."""
        self.caller = self._admit(self)

    def tell(self, **facts: object) -> None:
        """Leave ids of who called for the request's line in the log."""
        for name, value in facts.items():
            setattr(self.request.state, name, value)

    def count(self, counted: list[Counted]) -> None:
        """Count the call against quotas; raises `TooManyRequests`."""
        taken = take(self.database, counted)
        self.headers.update(taken.headers())
        if taken.retry_after_seconds is not None:
            raise TooManyRequests(seconds=taken.retry_after_seconds)

    def count_by_address(self) -> None:
        """Count the call against its network address's quota; raises `TooManyRequests`."""
        self.count(limits_on(self.state.rates, address=read_address(self.client)))

    def tenants_named(self) -> frozenset[UUID]:
        """The body that the path names, the hub itself where it names none; raises `UnknownTenant`."""
        named = self.request.path_params.get("tenant")
        return frozenset({HUB if named is None else self.state.tenant_of(named)})

    @contextmanager
    def work(self, *, new_case: bool = False) -> Iterator[Context]:
        """The call's unit of work, in the name of whom the guard let in; `new_case` if it is there to open one."""
        caller = self.caller
        with self.database.unit_of_work(
            actor=caller.actor,
            tenants=caller.tenants,
            case_id=caller.case_id,
            new_case=new_case,
            language=self.language,
        ) as context:
            yield context
