"""Who may call a route: every route declares one guard, and no route does without."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from starlette.requests import Request

from hub.api.calls import Call
from hub.api.errors import CaseKeyNeeded, KeyNeeded
from hub.tickets.keys import OpenedCase, case_by_pin, case_by_secret
from hub.web.callers import Caller
from tenants.addresses import read_address
from tenants.api_keys import KeyRefused, authenticate
from tenants.context import CITIZEN
from tenants.errors import NotAllowed, NotFound
from tenants.permissions import Permission
from tenants.rate_limits import limits_on

API_KEY: Final = "api_key"
CASE_PIN: Final = "case_pin"
CASE_SECRET: Final = "case_secret"  # noqa: S105 - the name of a scheme

SCHEMES: Final[dict[str, dict[str, Any]]] = {
    API_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of one body, made by `hub key create`.",
    },
    CASE_PIN: {
        "type": "apiKey",
        "in": "header",
        "name": "Hub-Case-Pin",
        "description": "The six digits that came with the case number. Wrong ones cost ever longer waits.",
    },
    CASE_SECRET: {
        "type": "apiKey",
        "in": "header",
        "name": "Hub-Case-Secret",
        "description": "The secret of the case's link.",
    },
}


class Guard(ABC):
    """Lets a call through, or not; the call asks it before it opens any unit of work."""

    security: ClassVar[list[dict[str, list[str]]]] = []

    async def __call__(self, request: Request) -> Call:
        """The call, for FastAPI to give to the route."""
        return Call(request, request.app.state.api, self.admit)

    @abstractmethod
    def admit(self, call: Call) -> Caller:
        """Who calls, if they may; counts the call against their quotas.

        Raises refusals; then nothing of the hub was asked.
        """


class Anybody(Guard):
    """Everybody, nameless; of a body they see what is public, and open a case there."""

    security: ClassVar[list[dict[str, list[str]]]] = [{}]

    def admit(self, call: Call) -> Caller:
        """A citizen with no case yet, counted by their network address."""
        call.count_by_address()
        return Caller(CITIZEN, call.tenants_named(), name="anybody")


class CitizenOfCase(Guard):
    """Whoever holds the key to the case of the path: its PIN, or the secret of its link."""

    security: ClassVar[list[dict[str, list[str]]]] = [{CASE_PIN: []}, {CASE_SECRET: []}]

    def admit(self, call: Call) -> Caller:
        """The citizen of that case, and of no other."""
        call.count_by_address()
        opened = self._opened(call)
        return Caller(CITIZEN, opened.tenants, opened.case_id, name=f"case {opened.case_id}")

    def _opened(self, call: Call) -> OpenedCase:
        number = call.request.path_params["number"]
        pin, secret = call.request.headers.get("hub-case-pin"), call.request.headers.get("hub-case-secret")
        if secret is not None:
            return case_by_secret(call.database, number, secret, language=call.language)
        if pin is not None:
            return case_by_pin(call.database, number, pin, language=call.language)
        raise CaseKeyNeeded(field="Hub-Case-Pin")


@dataclass(frozen=True)
class Machine(Guard):
    """A machine of one body, whose API key has this scope; without one, the act itself says which it needs."""

    permission: Permission | None = None
    security: ClassVar[list[dict[str, list[str]]]] = [{API_KEY: []}]

    def admit(self, call: Call) -> Caller:
        """The key and its tenant, counted by both."""
        caller = self.signed_in(call)
        if caller is None:
            call.count_by_address()
            raise KeyNeeded(field="Authorization")
        return caller

    def signed_in(self, call: Call) -> Caller | None:
        """The machine that presents a key; None when nothing is presented."""
        scheme, _, presented = call.request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return None
        # Of another scheme it is no key of the hub's, and refused like one that is made up.
        key = presented.strip() if scheme.lower() == "bearer" else ""
        try:
            actor = authenticate(call.database, key, read_address(call.client))
        except KeyRefused:
            # Guessing at keys costs the address that guesses.
            call.count_by_address()
            raise
        (tenant_id,) = actor.grants
        call.count(limits_on(call.state.rates, key_id=actor.id, tenant_id=tenant_id))
        call.tell(actor_kind=actor.kind.value, actor_id=actor.id, tenant_id=tenant_id)
        if self.permission is not None and not actor.may(self.permission, tenant_id):
            raise NotAllowed()
        named = call.request.path_params.get("tenant")
        if named is not None and call.state.tenant_of(named) != tenant_id:
            raise NotFound(field="tenant")
        return Caller(actor, frozenset({tenant_id}), name=f"key {actor.id}")


@dataclass(frozen=True)
class AnybodyOrMachine(Machine):
    """Citizens by themselves, or a machine of the body for them."""

    security: ClassVar[list[dict[str, list[str]]]] = [{}, {API_KEY: []}]

    def admit(self, call: Call) -> Caller:
        """The machine if a key is presented, otherwise a citizen."""
        return self.signed_in(call) or Anybody().admit(call)
