"""One call of the API: who calls, its unit of work, and how what came of it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from threading import Lock
from typing import Final
from uuid import UUID

from cachetools import TTLCache
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from hub.api.etags import is_known, tag_of, version_matched
from hub.api.kept_answers import KeptAnswer, Promise, answered_before, keep, promise_for
from hub.api.languages import preferred_language
from hub.api.streams import Streams
from hub.catalogue.access import live_tenant
from tenants.context import CITIZEN, Actor, Context
from tenants.database import Database
from tenants.ids import HUB
from tenants.languages import Language
from tenants.settings import RateLimitSettings

JSON: Final = "application/json"
# How long a body that was suspended or came onto the hub may still be taken for what it was.
_TENANTS_KNOWN_SECONDS: Final = 2


class ApiState:
    """What the calls of one process share: the database, the quotas, and the bodies by their codes."""

    def __init__(self, database: Database, rates: RateLimitSettings) -> None:
        self.database = database
        self.rates = rates
        self.streams = Streams()
        self._tenants: TTLCache[str, UUID] = TTLCache(maxsize=10_000, ttl=_TENANTS_KNOWN_SECONDS)
        self._lock = Lock()

    def tenant_of(self, code: str) -> UUID:
        """The id of the body that works under a code; raises `UnknownTenant`."""
        with self._lock:
            known = self._tenants.get(code)
        if known is None:
            with self.database.unit_of_work(actor=CITIZEN, tenants=(HUB,)) as context:
                known = live_tenant(context, code)
            with self._lock:
                self._tenants[code] = known
        return known


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls and what their unit of work sees; `name` tells callers apart where their requests are remembered."""

    actor: Actor
    tenants: frozenset[UUID]
    case_id: UUID | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to: a view to be sent, under a status; `version` is that of the ticket it shows."""

    view: BaseModel | None
    status: HTTPStatus = HTTPStatus.OK
    version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Call:
    """One request on its way through: parsed by FastAPI, let in by its guard, answered from one unit of work."""

    def __init__(self, request: Request, state: ApiState, admit: Callable[[Call], Caller]) -> None:
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

    @cached_property
    def language(self) -> Language:
        """The language the caller reads."""
        return preferred_language(self.request.headers.get("accept-language"))

    @cached_property
    def caller(self) -> Caller:
        """Who calls; the guard is asked once. Raises its refusals."""
        return self._admit(self)

    @property
    def version(self) -> int:
        """The version of the ticket that the caller acts on, from If-Match.

        Raises `VersionNeeded` and `VersionNotUnderstood`.
        """
        return version_matched(self.request.headers.get("if-match"))

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

    def read(self, look: Callable[[Context], Answer]) -> Response:
        """Answer with what is seen, or, when the caller has it already, with nothing but that."""
        with self.work() as context:
            answer = look(context)
        response = self._response(self._kept(answer))
        if is_known(response.headers["ETag"], self.request.headers.get("if-none-match")):
            response.status_code = HTTPStatus.NOT_MODIFIED
            response.body = b""
            del response.headers["Content-Length"]
        return response

    def perform(self, act: Callable[[Context], Answer], *, new_case: bool = False) -> Response:
        """Do something and answer with what came of it; under an Idempotency-Key never twice.

        The answer is kept in the act's own transaction. Raises the act's refusals; then nothing is done or kept.
        """
        key = self.request.headers.get("idempotency-key")
        if key is None:
            with self.work(new_case=new_case) as context:
                answer = self._kept(act(context))
            return self._response(answer)
        promise = self._promise(key)
        with self.work(new_case=new_case) as context:
            known = answered_before(context, promise)
            answer = known or self._kept(act(context))
            if known is None:
                keep(context, promise, answer)
        response = self._response(answer)
        if known is not None:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    def _promise(self, key: str) -> Promise:
        request = self.request
        asked = b"\n".join(
            (
                request.method.encode(),
                str(request.url.path).encode(),
                request.url.query.encode(),
                _body_of(request),
            )
        )
        pepper = self.state.rates.pepper.get_secret_value().encode()
        return promise_for(pepper, self.caller.name, key, asked)

    def _response(self, answer: KeptAnswer) -> Response:
        response = Response(answer.body, status_code=answer.status)
        if answer.body:
            response.headers["Content-Type"] = JSON
        response.headers.update(answer.headers)
        response.headers.setdefault("Cache-Control", "no-cache")
        response.headers["Vary"] = "Accept-Language, Authorization, Hub-Case-Pin, Hub-Case-Secret"
        response.headers.update(self.headers)
        return response

    def _kept(self, answer: Answer) -> KeptAnswer:
        body = b"" if answer.view is None else answer.view.model_dump_json().encode()
        told = {"ETag": tag_of(body, answer.version), "Content-Language": self.language.value}
        return KeptAnswer(int(answer.status), {**told, **answer.headers}, body)


def _body_of(request: Request) -> bytes:
    """The body as the route has read it already; of a file it is the digest."""
    digest: bytes | None = getattr(request.state, "file_digest", None)
    return getattr(request, "_body", b"") if digest is None else digest
