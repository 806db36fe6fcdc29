"""Whatever a definition was read from (YAML, JSON), turned into bounded, plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import count
from typing import TypeAlias

from hub.forms.errors import NotUnderstood
from tenants.languages import Text

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

LARGEST_NUMBER = 10**15
_DEEPEST = 24
_MOST_PIECES = 100_000
_LONGEST_TEXT = 4_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_]{1,60}")


def plain(data: object) -> Plain:
    """The definition as plain JSON data, with dates in ISO form; a YAML reader's own types are shed.

    Raises `NotUnderstood` for what no definition can hold: other types, control characters, endless depth or
    size.
    """
    return _plain(data, "", 0, count(1))


def step(key: str) -> str:
    """The key as one step of a place; a key that no definition knows is shown as “?”."""
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else ".?"


def _plain(data: object, place: str, depth: int, pieces: count[int]) -> Plain:
    if depth > _DEEPEST or next(pieces) > _MOST_PIECES:
        raise NotUnderstood(Text(ar="التعريف أكبر من المسموح به.", en="the definition is too large."), place)
    match data:
        case None | bool():
            return data
        case str():
            return _plain_text(data, place)
        case int() | float():
            if not -LARGEST_NUMBER <= data <= LARGEST_NUMBER:
                raise NotUnderstood(
                    Text(ar="هذا الرقم خارج الحدود المسموح بها.", en="this number is out of bounds."), place
                )
            return int(data) if isinstance(data, int) else float(data)
        case date() if not isinstance(data, datetime):
            return data.isoformat()
        case list() | tuple():
            return [_plain(item, f"{place}[{index}]", depth + 1, pieces) for index, item in enumerate(data)]
        case Mapping():
            return {
                _plain_key(key, place): _plain(value, place + step(str(key)), depth + 1, pieces)
                for key, value in data.items()
            }
    raise NotUnderstood(
        Text(
            ar="هذا النوع من القيم لا مكان له في التعريف.", en="a definition cannot hold this kind of value."
        ),
        place,
    )


def _plain_text(text: str, place: str) -> str:
    if len(text) > _LONGEST_TEXT or _CONTROL.search(text):
        raise NotUnderstood(
            Text(
                ar="هذا النص أطول من المسموح به أو فيه رموز تحكم غير مرئية.",
                en="this text is too long or holds invisible control characters.",
            ),
            place,
        )
    return str(text)


def _plain_key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise NotUnderstood(Text(ar="يجب أن يكون اسم كل حقل نصًا.", en="every key must be a text."), place)
    return _plain_text(key, place)
