"""One call of the API: who calls, its unit of work, and how what came of it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from hub.api.etags import is_known, tag_of, version_matched
from hub.api.streams import Streams
from hub.web import calls
from hub.web.callers import Shared
from hub.web.kept_answers import KeptAnswer, Promise, answered_before, keep, promise_for
from hub.web.languages import preferred_language
from tenants.context import Context
from tenants.database import Database
from tenants.languages import Language
from tenants.settings import RateLimitSettings

JSON: Final = "application/json"


class ApiState(Shared):
    """What the calls of one process share, and who waits for live events."""

    def __init__(self, database: Database, rates: RateLimitSettings) -> None:
        super().__init__(database, rates)
        self.streams = Streams()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to: a view to be sent, under a status; `version` is that of the ticket it shows."""

    view: BaseModel | None
    status: HTTPStatus = HTTPStatus.OK
    version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Call(calls.Call):
    """One request on its way through: parsed by FastAPI, let in by its guard, answered from one unit of work."""

    state: ApiState

    @cached_property
    def language(self) -> Language:
        """The language the caller reads."""
        return preferred_language(self.request.headers.get("accept-language"))

    @property
    def version(self) -> int:
        """The version of the ticket that the caller acts on, from If-Match.

        Raises `VersionNeeded` and `VersionNotUnderstood`.
        """
        return version_matched(self.request.headers.get("if-match"))

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
