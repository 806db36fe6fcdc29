"""YAML as packs use it: plain data with the line of every value, nothing executable, nothing that grows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from hub.onboarding.errors import Problem
from tenants.languages import Text

LARGEST_FILE = 1_000_000
DEEPEST = 24
LONGEST_NUMBER = 18

Place = tuple[str | int, ...]

# YAML 1.2, core schema: `yes`, `on` and dates are text.
_NOTHING = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class BrokenFile(Exception):  # noqa: N818 - carries the problem to the pack's refusal
    """One file cannot be read; holds the problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.reason.en)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's content as plain data, and the line (from 1) where each value or key stands."""

    name: str
    data: Any
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, path: Place) -> int:
        """The line of the value at `path`, or of the nearest thing around it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Place, reason: Text) -> Problem:
        """A problem at `path` of this file."""
        place = ""
        for step in path:
            place += f"[{step}]" if isinstance(step, int) else f".{step}"
        return Problem(self.name, self.line_of(path), place.lstrip("."), reason)


def read_yaml(file: Path, name: str) -> YamlFile:
    """Read one file of a pack; `name` is what the author calls it. Raises BrokenFile.

    Refused are files over 1 MB, not UTF-8, several documents, anchors and aliases, tags, duplicate
    keys, keys that are not text and nesting deeper than 24.
    """
    with file.open("rb") as stream:
        content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise _broken(name, 1, "الملف أكبر من 1 ميجابايت.", "The file is larger than 1 MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _broken(name, line, "الملف ليس بترميز UTF-8.", "The file is not encoded in UTF-8.") from None
    builder = _Builder(name)
    try:
        return YamlFile(name, builder.build(YAML(typ="safe", pure=True).parse(text)), builder.lines)
    except (MarkedYAMLError, YAMLStreamError, YAMLError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        position = getattr(error, "position", None)
        line = mark.line + 1 if mark else text.count("\n", 0, position or 0) + 1
        raise _broken(
            name,
            line,
            "النص ليس بصيغة YAML سليمة؛ راجع المسافات والعلامات في هذا السطر وما قبله.",
            "This is not well-formed YAML; check indentation and quotes on this line and before it.",
        ) from None


class _Builder:
    """Turns parser events into plain data, keeping lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Place, int] = {}

    def build(self, events: Iterator[Event]) -> Any:
        document: Any = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refuse(
                        event, "في الملف أكثر من مستند.", "The file has more than one document."
                    )
                document = self._value(next(events), events, ())
        return document

    def _value(self, event: Event, events: Iterator[Event], path: Place) -> Any:
        self._check_plain(event, path)
        self.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if isinstance(event, SequenceStartEvent):
            values: list[Any] = []
            while not isinstance(inner := next(events), SequenceEndEvent):
                values.append(self._value(inner, events, (*path, len(values))))
            return values
        mapping: dict[str, Any] = {}
        while not isinstance(inner := next(events), MappingEndEvent):
            key = self._key(inner)
            if key in mapping:
                raise self._refuse(inner, f"المفتاح «{key}» مكرر.", f"The key “{key}” is there twice.")
            self.lines[(*path, key)] = inner.start_mark.line + 1
            mapping[key] = self._value(next(events), events, (*path, key))
        return mapping

    def _check_plain(self, event: Event, path: Place) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise self._refuse(
                event, "الإحالات (& و*) غير مسموح بها.", "Anchors and aliases are not allowed."
            )
        if not isinstance(event, NodeEvent) or getattr(event, "tag", None):
            raise self._refuse(event, "الوسوم (!) غير مسموح بها.", "Tags are not allowed.")
        if len(path) > DEEPEST:
            raise self._refuse(event, "التداخل أعمق من المسموح.", "The nesting is too deep.")

    def _key(self, event: Event) -> str:
        self._check_plain(event, ())
        if not isinstance(event, ScalarEvent) or not isinstance(key := self._scalar(event), str):
            raise self._refuse(event, "يجب أن يكون المفتاح نصًا.", "A key must be text.")
        return key

    def _scalar(self, event: ScalarEvent) -> str | int | float | bool | None:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if _NOTHING.fullmatch(text):
            return None
        if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
            return text[0] in "tT"
        if _DECIMAL.fullmatch(text):
            if len(text) > LONGEST_NUMBER:
                raise self._refuse(event, "العدد طويل جدًا.", "The number is too long.")
            number = int(text) if _WHOLE.fullmatch(text) else float(text)
            if math.isinf(number):
                raise self._refuse(event, "العدد كبير جدًا.", "The number is too large.")
            return number
        return text

    def _refuse(self, event: Event, ar: str, en: str) -> BrokenFile:
        return _broken(self.name, event.start_mark.line + 1, ar, en)


def _broken(name: str, line: int, ar: str, en: str) -> BrokenFile:
    return BrokenFile(Problem(name, line, "", Text(ar=ar, en=en)))
