"""Patterns for answers: only those every reader of the form understands and no text can slow down."""

from __future__ import annotations

import re
from typing import Final

import jsonschema_rs

from hub.forms.errors import NotUnderstood
from tenants.languages import Text

# The engine of these options has no look-around and no back-references, hence no backtracking; the size
# bounds what a counted repetition such as (a{1000}){1000} may grow to.
LINEAR: Final = jsonschema_rs.RegexOptions(size_limit=1 << 20, dfa_size_limit=1 << 20)

_ESCAPED_OR_IN_BRACKETS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_SPECIAL_GROUP = re.compile(r"\(\?(?!:)")


def check_pattern(pattern: str) -> None:
    """Make sure the pattern is a regular expression, matched in time linear in the text, here and by clients.

    Raises `NotUnderstood` for look-around, back-references, inline flags, named groups, and what is no
    pattern.
    """
    bare = _ESCAPED_OR_IN_BRACKETS.sub("", pattern)
    if _SPECIAL_GROUP.search(bare) is None:
        try:
            jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR, offline=True)
        except (ValueError, UnicodeError):
            pass
        else:
            return
    raise NotUnderstood(
        Text(
            ar="هذا النمط غير مقبول: لا يُسمح بالمطابقة الناظرة (مثل ?=) ولا بالإحالات الخلفية (مثل \\1)"
            " ولا بالخيارات أو المجموعات المسماة أو التكرار الضخم.",
            en="this pattern cannot be used: look-around such as (?=, back-references such as \\1, flags,"
            " named groups and very large repetitions are not allowed.",
        )
    )
