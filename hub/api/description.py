"""The OpenAPI document: what FastAPI knows of the routes, and what holds for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext

from hub.api.calls import JSON
from hub.api.guards import SCHEMES, Anybody, Guard
from hub.api.problems import MEDIA_TYPE
from hub.api.routing import operations_of

_ABOUT: Final = """
One hub for the cases that citizens bring to many government bodies.

* **Citizens** open cases without any key, and follow them with the case number and its PIN, or the secret of its link.
* **Machines of a body** sign in with an API key of that body, and see and change that body's tickets alone. What is
  not theirs answers as if it were not there.
* **Versions**: every act on a ticket says in `If-Match` which reading of it was decided on; if somebody was faster,
  nothing is changed and the answer says what came in between.
* **Asking again**: with an `Idempotency-Key` of your own (a random UUID) nothing is ever done twice; the answer is
  kept for 24 hours.
* **Problems** are told as RFC 9457 says, in the language of `Accept-Language`: Arabic or English.
* **Limits**: `RateLimit` and `RateLimit-Policy` say where you stand.
""".strip()

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Why nothing was changed (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence in the caller's language."},
        "code": {"type": "string", "description": "The stable name of the problem, for programs."},
        "request_id": {"type": "string"},
        "field": {"type": "string", "description": "The input to be mended, dotted when it is nested."},
        "expected_offset": {"type": "integer", "description": "Where the next piece of an upload begins."},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
    "examples": [
        {
            "type": "tag:hub19,2026:problem/stale_version",
            "title": "The ticket has changed",
            "status": 412,
            "detail": "The ticket has changed since you looked at it (citizen answered). Look at the changes and"
            " try again.",
            "code": "stale_version",
            "request_id": "3f0c9a5e6b0d4c4f9f1f7b8a2d1e0c9b",
            "field": "version",
        }
    ],
}
_EVERYWHERE: Final = {
    "400": "The request cannot be read.",
    "404": "There is nothing here, or nothing that is yours.",
    "422": "The request was read and cannot be done as it stands.",
    "429": "Too many requests; see Retry-After.",
    "503": "The hub is not available for the moment; see Retry-After.",
}
_WITH_KEYS: Final = {
    "401": "A key is needed, or was not accepted.",
    "403": "The key has not the scope for this.",
}
_WITH_BODY: Final = {"413": "The body is too large.", "415": "The body is not declared to be JSON."}
_AS_THINGS_STAND: Final = {"409": "Not possible as things stand."}
_IN_PATHS: Final = re.compile(r"\{(\w+)\}")
_ON_VERSIONS: Final = {
    "412": "The ticket has changed since it was read.",
    "428": "If-Match is missing.",
}
_IDEMPOTENCY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A random key of the caller's own; the same request under it is done once.",
    "schema": {"type": "string", "minLength": 16, "maxLength": 128, "pattern": "^[!-~]{16,128}$"},
}
_IF_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the ticket as it was read, or its version in quotes.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}(-[0-9a-f]{16})?"$', "examples": ['"3"']},
}
_IF_NONE_MATCH: Final[dict[str, Any]] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what the caller has; if it is still so, nothing is sent again.",
    "schema": {"type": "string"},
}


def describe(app: FastAPI, guard_of: Callable[[RouteContext], Guard]) -> None:
    """Have an application describe itself whole: keys, headers and every problem beside what FastAPI tells."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, guard_of)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI, guard_of: Callable[[RouteContext], Guard]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=_ABOUT, routes=app.routes, openapi_version="3.1.0"
    )
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM
    document["components"]["securitySchemes"] = SCHEMES
    for route in operations_of(app):
        for method in sorted(route.methods or ()):
            _complete(document["paths"][route.path_format][method.lower()], route, method, guard_of(route))
    _lead_on(document)
    return document


def _complete(operation: dict[str, Any], route: RouteContext, method: str, guard: Guard) -> None:
    operation["operationId"] = _operation_id(route)
    operation["security"] = guard.security
    path = str(route.path_format)
    told = dict(_EVERYWHERE)
    parameters = operation.setdefault("parameters", [])
    parameters[:0] = _missing_in_path(path, parameters)
    if not isinstance(guard, Anybody):
        told |= _WITH_KEYS
    if method != "GET" or path.endswith("/content"):
        told |= _AS_THINGS_STAND
    if method != "GET":
        parameters.append(_IDEMPOTENCY)
    elif JSON in operation["responses"]["200"]["content"]:
        parameters.append(_IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "As the caller has it already."}
    if "requestBody" in operation:
        told |= _WITH_BODY
    if _is_versioned(method, path):
        told |= _ON_VERSIONS
        parameters.append(_IF_MATCH)
    for status, says in told.items():
        operation["responses"][status] = {
            "description": says,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _lead_on(document: dict[str, Any]) -> None:
    """Tell where the receipt of a new case leads: to everything that its number and its ticket open."""
    held = {"number": "$response.body#/number", "ticket_id": "$response.body#/ticket_id"}
    links = {}
    for path, item in document["paths"].items():
        named = set(_IN_PATHS.findall(path))
        if named and named <= held.keys():
            for operation in item.values():
                leads = {name: held[name] for name in sorted(named)}
                links[operation["operationId"]] = {
                    "operationId": operation["operationId"],
                    "parameters": leads,
                }
    opening = document["paths"]["/api/v1/tenants/{tenant}/cases"]["post"]
    opening["responses"]["201"]["links"] = links


def _missing_in_path(path: str, parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a route's prefix names and its guard alone reads, which FastAPI does not know of."""
    told = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", **({"format": "uuid"} if name.endswith("_id") else {})},
        }
        for name in _IN_PATHS.findall(path)
        if name not in told
    ]


def _is_versioned(method: str, path: str) -> bool:
    """Whether it acts on a ticket as its caller read it."""
    return method == "POST" and "{ticket_id}/" in path and "attachments" not in path


def _operation_id(route: RouteContext) -> str:
    of_case = "/cases/{number}/tickets/" in str(route.path_format)
    return f"{route.name}_of_case" if of_case else str(route.name)
