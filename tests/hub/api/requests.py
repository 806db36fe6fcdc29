"""Requests made from the OpenAPI document: each names what it is given, in its path, its query or its body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from httpx2 import Response

from tests.hub.api.callers import Caller
from tests.hub.api.documents import Document, Operation
from tests.hub.api.stories import checksum

CONTENT = "عداد المياه".encode()
# What a body says when nothing else is asked for; a new field that is required has to be added.
WORDS: Mapping[str, Any] = {
    "description": "ماسورة مكسورة أمام المدرسة",
    "main_ticket": "00000000-0000-7000-8000-000000000001",
    "name": "meter.txt",
    "priority": "urgent",
    "reason": "ليست لنا",
    "resolution": "أُصلحت",
    "service": "bill",
    "sha256": checksum(CONTENT),
    "size": len(CONTENT),
    "stage": "inspection",
    "team": "repairs",
    "tenant": "tax",
    "text": "أين بالضبط؟",
}
IN_QUERY: Mapping[str, Any] = {"name": "meter.txt", "q": "ماسورة"}
IN_PATH: Mapping[str, str] = {
    "attachment_id": "00000000-0000-7000-8000-000000000002",
    "number": "1234567897",
    "offset": "0",
    "service": "leak",
    "tenant": "water",
    "ticket_id": "00000000-0000-7000-8000-000000000003",
    "token": "no-such-link",
}


@dataclass(frozen=True)
class Ask:
    """A request of one operation, not sent yet."""

    operation: Operation
    path: Mapping[str, str]
    body: Mapping[str, Any] | None
    query: Mapping[str, Any]
    version: int | None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def naming(self, place: str, value: Any) -> Ask:
        """The same request with something else named at a place: `path.ticket_id`, `body.team`, `query.name`."""
        where, _, name = place.partition(".")
        if where == "path":
            return replace(self, path={**self.path, name: str(value)})
        if where == "query":
            return replace(self, query={**self.query, name: value})
        return replace(self, body={**(self.body or {}), name: value})

    def send(self, caller: Caller) -> Response:
        """Send it."""
        where = self.operation.path.format_map(dict(self.path))
        return caller.send(
            self.operation.method,
            where,
            json=self.body,
            content=self.content,
            params=dict(self.query),
            version=self.version,
            headers=dict(self.headers),
        )


def ask(document: Document, operation: Operation, *, version: int | None = None, **names: str) -> Ask:
    """A request that the document finds nothing wrong with; `names` says what its path and its body name."""
    body = None
    if operation.takes_json:
        schema = document.resolved(operation.body)
        body = {name: names.get(name, WORDS[name]) for name in schema.get("required", [])}
        assert document.complaints(operation.body, body) == []
    told = operation.told.get("parameters", [])
    query = {
        each["name"]: IN_QUERY[each["name"]] for each in told if each["in"] == "query" and each["required"]
    }
    raw = "application/octet-stream" in operation.told.get("requestBody", {}).get("content", {})
    versioned = any(each["name"] == "If-Match" for each in told)
    return Ask(
        operation,
        {name: names.get(name, IN_PATH[name]) for name in operation.names_in_path},
        body,
        query,
        (version or 1) if versioned else None,
        CONTENT if raw else None,
    )
