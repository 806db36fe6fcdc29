"""What the OpenAPI document says, for tests that go through all of it or hold answers against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jsonschema_rs
from fastapi import FastAPI

from hub.api.app import create_app
from tenants.database import Database

PREFIX = "/api/v1"
_METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation as the document tells of it; `path` without the prefix that all share."""

    method: str
    path: str
    told: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name, which is the same from release to release."""
        return str(self.told["operationId"])

    @property
    def takes_json(self) -> bool:
        """Whether it takes a body of JSON."""
        return "application/json" in self.told.get("requestBody", {}).get("content", {})

    @property
    def takes_more_than_a_path(self) -> bool:
        """Whether something is told to it in a query or a body."""
        asked = {each["in"] for each in self.told.get("parameters", [])}
        return "requestBody" in self.told or "query" in asked

    @property
    def body(self) -> dict[str, Any]:
        """The schema of its body of JSON."""
        schema: dict[str, Any] = self.told["requestBody"]["content"]["application/json"]["schema"]
        return schema

    @property
    def names_in_path(self) -> list[str]:
        """What its path asks for, in order."""
        return re.findall(r"\{(\w+)\}", self.path)

    @cached_property
    def shape(self) -> re.Pattern[str]:
        """Fits the paths of its requests, without the prefix."""
        return re.compile(
            "".join(
                "[^/]+" if part.startswith("{") else re.escape(part)
                for part in re.split(r"(\{\w+\})", self.path)
            )
        )


class Document:
    """The OpenAPI document."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.operations = list(self._operations())
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a request goes to; literal paths go before those with names in them."""
        fitting = [
            each
            for each in self.operations
            if each.method == method and each.shape.fullmatch(path.removeprefix(PREFIX))
        ]
        return min(fitting, key=lambda each: len(each.names_in_path), default=None)

    def named(self, name: str) -> Operation:
        """The operation of a name."""
        return next(each for each in self.operations if each.name == name)

    def answer(self, operation: Operation, status: int) -> dict[str, Any] | None:
        """What is told of an operation's answers of a status; None if it is not said to give such."""
        told: dict[str, Any] | None = operation.told["responses"].get(str(status))
        return told

    def complaints(self, schema: dict[str, Any], value: object) -> list[str]:
        """What a schema of the document has against a value."""
        key = str(schema)
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                {**schema, "components": self.told["components"]}, validate_formats=True
            )
        return [str(error) for error in self._validators[key].iter_errors(value)]

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema with a reference at its top followed."""
        if "$ref" in schema:
            found: dict[str, Any] = self.told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            return found
        return schema

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.told["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield Operation(method.upper(), path.removeprefix(PREFIX), item[method])


@cache
def the_application() -> FastAPI:
    """An application on no database yet; made once, for it takes a while."""
    return create_app(Database.at("postgresql://127.0.0.1:1/nothing-asks-it"))


@cache
def the_document() -> Document:
    """The document of the API, which says the same of every application; made once, for it takes a while."""
    return Document(the_application().openapi())
