"""Codes by which callers name a service, a team, a stage or a body: looked up safely, echoed harmlessly."""

from __future__ import annotations

import re

_LONGEST_ECHO = 80
# PostgreSQL's text holds neither, so nothing can be called by them.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def can_name(code: str) -> bool:
    """Whether anything at all could have this code; one that cannot is not to be asked the database for."""
    return _NO_TEXT.search(code) is None


def echoed(code: str) -> str:
    """A code as a refusal repeats it: its beginning, always fit to be sent and printed."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", code[:_LONGEST_ECHO])
