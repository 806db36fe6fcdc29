"""Those who call the API in tests: nobody in particular, the citizen of a case, machines; every answer is looked at."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from httpx2 import Client, Response
from starlette.testclient import TestClient

from hub.api.app import create_app
from hub.api.calls import ApiState
from hub.api.problems import TITLES
from hub.keys.actions import SCOPES, create_key
from tenants.database import Database
from tenants.languages import Language
from tenants.permissions import Permission
from tenants.settings import RateLimitSettings
from tests.hub.api.documents import PREFIX, Document, the_application, the_document
from tests.hub.api.in_process import InProcess
from tests.world import Agency, World

AMPLE = RateLimitSettings.model_validate(
    {"key_quota": 10**6, "tenant_quota": 10**6, "address_quota": 10**6, "HUB_KEY_PEPPER": "ample " * 8}
)
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


_ADDRESS = "http://hub.test"
_QUOTED = re.compile("«.*?»|“.*?”", re.DOTALL)


@dataclass
class Api:
    """The API on a world, and what it answered so far: operations by their names, with their statuses.

    Where its database `may_be_away`, it may say so; nothing else above 500 is ever right.
    """

    world: World
    app: FastAPI
    client: Client
    document: Document
    answered: list[tuple[str, int]] = field(default_factory=list)
    may_be_away: bool = False

    def anybody(self, language: str = "en") -> Caller:
        """Somebody without any key."""
        return Caller(self, language)

    def citizen(self, number: str, *, secret: str, language: str = "en") -> Caller:
        """The citizen of a case, by the secret of its link."""
        return Caller(self, language, {"Hub-Case-Secret": secret}, f"/cases/{number}")

    def machine(
        self,
        agency: Agency | None = None,
        *,
        scopes: Collection[str] = SCOPES,
        addresses: Collection[str] = (),
        language: str = "en",
    ) -> Caller:
        """A machine of an agency, whose key may do so much; all that a key can if nothing is said."""
        where = agency or self.world.water
        granted = set(scopes) - {Permission.TENANTS_WRITE, Permission.TICKETS_IMPORT}
        with self.world.as_staff(where, "manager") as context:
            issued = create_key(context, name="Machine", scopes=granted, addresses=list(addresses))
        return Caller(self, language, {"Authorization": f"Bearer {issued.key}"})


@contextmanager
def calling(world: World, database: Database, rates: RateLimitSettings = AMPLE) -> Iterator[Api]:
    """The API on a database of a world, in an application of its own."""
    with _asking(world, create_app(database, rates=rates)) as api:
        yield api


@contextmanager
def calling_again(world: World, database: Database) -> Iterator[Api]:
    """The API on a database of a world, in the application that tests use one after the other; making one takes long.

    All that an application remembers from request to request is made anew.
    """
    app = the_application()
    app.state.api = ApiState(database, AMPLE)
    with _asking(world, app) as api:
        yield api


@contextmanager
def calling_and_listening(world: World, database: Database) -> Iterator[Api]:
    """The API on a database with a pool, hearing what others write, with answers that come piece by piece."""
    app = create_app(database, rates=AMPLE)
    with TestClient(app, raise_server_exceptions=False, base_url=_ADDRESS) as client:
        yield Api(world, app, client, the_document())


@contextmanager
def _asking(world: World, app: FastAPI) -> Iterator[Api]:
    with start_blocking_portal() as portal:
        client = Client(transport=InProcess(app, portal), base_url=_ADDRESS, follow_redirects=True)
        yield Api(world, app, client, the_document())


@dataclass
class Caller:
    """Somebody who calls in a language, with the headers that show who they are; paths are told without the prefix.

    A citizen's paths may begin with `~`, which stands for their case.
    """

    api: Api
    language: str
    headers: dict[str, str] = field(default_factory=dict)
    home: str = ""

    def get(self, path: str, **more: Any) -> Response:
        """Read something."""
        return self.send("GET", path, **more)

    def post(self, path: str, body: Any = None, *, version: object = None, **more: Any) -> Response:
        """Do something, on the version of the ticket that was read if it is an act on one."""
        return self.send("POST", path, json={} if body is None else body, version=version, **more)

    def send(
        self,
        method: str,
        path: str,
        *,
        version: object = None,
        headers: Mapping[str, str | bytes] | None = None,
        **more: Any,
    ) -> Response:
        """Send any request."""
        told = {"Accept-Language": self.language, **self.headers}
        if version is not None:
            told["If-Match"] = version if isinstance(version, str) else f'"{version}"'
        where = f"{PREFIX}{path.replace('~', self.home, 1) if path.startswith('~') else path}"
        raw = [
            (name.encode(), value if isinstance(value, bytes) else value.encode())
            for name, value in {**told, **(headers or {})}.items()
        ]
        answer = self.api.client.request(method, where, headers=raw, **more)
        look_at(self.api, answer)
        return answer

    def speaking(self, language: str) -> Caller:
        """The same caller in another language."""
        return Caller(self.api, language, self.headers, self.home)


def look_at(api: Api, answer: Response) -> None:
    """Hold an answer against what holds for all of them: safe headers, a request id, the schema that is told of it."""
    status, headers = answer.status_code, answer.headers
    assert status < 500 or (status == 503 and api.may_be_away), answer.text
    assert {name: headers.get(name) for name in _SAFE} == _SAFE
    assert headers["X-Request-Id"]
    operation = api.document.operation(answer.request.method, answer.request.url.path)
    if status >= 400:
        look_at_problem(api, answer)
    if operation is None:
        return
    api.answered.append((operation.name, status))
    told = api.document.answer(operation, status)
    assert told is not None, f"{operation.name} is not said to answer {status}: {answer.text}"
    if status != 304 and "content" in told:
        kind, content = next(iter(told["content"].items()))
        if kind.endswith("json"):
            assert headers["Content-Type"] == kind
            assert api.document.complaints(content["schema"], answer.json()) == [], answer.text


def look_at_problem(api: Api, answer: Response) -> None:
    """Hold a refusal against RFC 9457 and against what the hub promises of its refusals."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    if answer.request.method == "HEAD":
        return
    problem = answer.json()
    assert api.document.complaints({"$ref": "#/components/schemas/Problem"}, problem) == []
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert problem["type"].endswith(f"/{problem['code']}")
    language = Language(answer.headers["Content-Language"])
    titles = {title.in_language(language) for status, title in TITLES.items() if status == answer.status_code}
    assert {problem["title"]} == titles
    sentences = [problem["detail"], *(each["detail"] for each in problem.get("problems", []))]
    for sentence in sentences:
        assert sentence.strip()
        assert is_arabic(sentence) == (language is Language.ARABIC), sentence
        assert "{" not in _QUOTED.sub("", sentence)


def is_arabic(sentence: str) -> bool:
    """Whether a sentence is written in Arabic, whatever it may quote."""
    letters = [letter for letter in _QUOTED.sub("", sentence) if letter.isalpha()]
    return sum("\u0600" <= letter <= "\u06ff" for letter in letters) * 2 > len(letters)
