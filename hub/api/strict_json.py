"""Reading JSON from outside: what two programs could read in two ways is not read at all."""

from __future__ import annotations

import json
import math
import re
from email.message import Message
from typing import Any, Final

from hub.api.errors import DoubledField, MalformedJson, NotJson, TooDeep

DEEPEST: Final = 32
# Whatever is inside a string does not nest.
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")


def demand_json(content_type: str | None) -> None:
    """Go on only with a body that is declared to be JSON in UTF-8.

    Raises `NotJson`.
    """
    declared = Message()
    declared["content-type"] = content_type or ""
    charset = declared.get_content_charset("utf-8")
    if content_type is None or declared.get_content_type() != "application/json" or charset != "utf-8":
        raise NotJson(field="Content-Type")


def read_json(body: bytes) -> Any:
    """The document, if it can be read in one way only: RFC 8259 with the advice of RFC 7493 (I-JSON).

    No name twice in an object, no NaN or infinity, no number that has no value, no NUL, no half of a surrogate pair,
    at most 32 levels. Raises `MalformedJson`, `DoubledField` and `TooDeep`.
    """
    _demand_shallow(body)
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError):
        # Also bytes that are not UTF-8 and integers of thousands of digits.
        raise MalformedJson(field="body") from None
    if b"\\u" in body:
        _demand_text(document)
    return document


def _demand_shallow(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return
    depth = 0
    for bracket in re.findall(rb"[\[\]{}]", _STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise TooDeep(field="body", most=DEEPEST)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise DoubledField(field=_NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", doubled[:80]))
    return read


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("beyond the range of numbers")
    return number


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _demand_text(value: Any) -> None:
    if isinstance(value, str):
        if _NO_TEXT.search(value):
            raise MalformedJson(field="body")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _demand_text(name)
            _demand_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _demand_text(inner)
