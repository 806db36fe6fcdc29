"""Watches every statement that our code sends: each search of a tenant's table has to name the tenant.

Row-level security alone would also hold, but forty times slower: the planner may not lead with a condition that is
not leakproof, and a forgotten predicate is the first of three fences fallen.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from infra.tables import metadata

_ROOT = Path(__file__).parents[2]
_OURS = tuple(
    str(_ROOT / package) + "/" for package in ("tenants", "hub", "infra", "portal", "admin_console")
)
_TESTS = str(_ROOT / "tests") + "/"

# Tables with a tenant whose rows are rightly looked for by something narrower.
BY_SOMETHING_ELSE = {
    "case_tenants": "a case's tenants are found by the case",
    "memberships": "somebody's own memberships are found by their user",
}
WATCHED = frozenset(
    table.name for table in metadata.sorted_tables if "tenant_id" in table.columns
) - frozenset(BY_SOMETHING_ELSE)

_NAME = r"[a-z_][a-z0-9_]*"
_WORDS = (
    "where|set|on|join|left|right|full|inner|cross|natural|order|group|limit|using|for|returning|having|union"
    "|window|offset|fetch|values|and|or|select"
)
_TABLE = re.compile(
    rf"(?:\b(?:FROM|JOIN|UPDATE|USING)\b|,)\s*(?:ONLY\s+)?(?:LATERAL\s+)?({_NAME})(?![\w.(])"
    rf"(?:\s+(?:AS\s+)?(?!(?:{_WORDS})\b)({_NAME}))?",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_SETTING = re.compile(r"\bSET\b.*?(?=\bFROM\b|\bWHERE\b|\bRETURNING\b|$)", re.IGNORECASE | re.DOTALL)
_COLUMN = rf"(?:({_NAME})\.)?tenant_id\b"
_VALUE = r"(?:%\(|%s|\$\d|:[a-z]|''|ANY\b|\(\s*(?:%|\$|''|NULL|SELECT)|\bNULL\b)"
_PINNED = re.compile(rf"{_COLUMN}\s*(?:=|IN)\s*{_VALUE}", re.IGNORECASE)
_PINNED_TUPLE = re.compile(rf"\(\s*{_COLUMN}[^()]*\)\s*(?:=|IN)\s*\(", re.IGNORECASE)
_EQUAL = re.compile(rf"\b({_NAME})\.tenant_id\s*=\s*({_NAME})\.tenant_id\b", re.IGNORECASE)


@lru_cache(maxsize=4000)
def tables_without_tenant(statement: str) -> tuple[str, ...]:
    """The watched tables that a statement searches without comparing their tenant with something given.

    Two tables that are equal in their tenant need one of them compared.
    """
    said = _LITERAL.sub("''", statement)
    if re.match(r"\s*(?:INSERT\b.*?\bVALUES\b|EXPLAIN\b|SAVEPOINT\b)", said, re.IGNORECASE | re.DOTALL):
        return ()
    conditions = _SETTING.sub("SET ", said) if re.match(r"\s*UPDATE\b", said, re.IGNORECASE) else said
    searched: dict[str, str] = {}
    for table, alias in _TABLE.findall(said):
        if table.lower() in WATCHED:
            searched[(alias or table).lower()] = table.lower()
    only = next(iter(searched)) if len(searched) == 1 else None
    pinned = {
        (match.group(1) or only or "").lower()
        for pattern in (_PINNED, _PINNED_TUPLE)
        for match in pattern.finditer(conditions)
    }
    equal = [(left.lower(), right.lower()) for left, right in _EQUAL.findall(conditions)]
    for _ in equal:
        for left, right in equal:
            if pinned & {left, right}:
                pinned |= {left, right}
    return tuple(table for named, table in searched.items() if named not in pinned)


def _ours() -> str | None:
    """The place in our code that a statement came from; None when a test sent it itself."""
    frame = sys._getframe(2)
    here: Any = frame
    while here is not None:
        file = here.f_code.co_filename
        if file.startswith(_OURS):
            return f"{Path(file).relative_to(_ROOT)}:{here.f_lineno}"
        if file.startswith(_TESTS):
            return None
        here = here.f_back
    return None


@contextmanager
def watched_searches() -> Iterator[list[str]]:
    """What is found wrong in the statements that our code sends while this is entered."""
    found: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        without = tables_without_tenant(statement)
        if without and (place := _ours()) is not None:
            found.append(f"{place} searches {', '.join(without)} without naming the tenant: {statement}")

    listener: Callable[..., None] = look
    event.listen(Engine, "before_cursor_execute", listener)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", listener)
