"""ETags: what a caller read, so that it is not sent twice and not changed unseen."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from hub.api.errors import VersionNeeded, VersionNotUnderstood

# A ticket's tag begins with its version, so that the tag of any reading of it says what an act was decided on.
_VERSIONED: Final = re.compile(r'"(\d{1,9})(?:-[0-9a-f]{16})?"')
_LONGEST: Final = 4000


def tag_of(body: bytes, version: int | None = None) -> str:
    """The strong tag of a body; of a ticket's it begins with the ticket's version."""
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    return f'"{digest}"' if version is None else f'"{version}-{digest}"'


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Whether the caller has this body already (weak comparison, RFC 9110, 13.1.2)."""
    if if_none_match is None or len(if_none_match) > _LONGEST:
        return False
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in if_none_match.split(","))


def version_matched(if_match: str | None) -> int:
    """The version of a ticket that an act was decided on.

    Raises `VersionNeeded` and `VersionNotUnderstood`; a list of tags or `*` names no one version.
    """
    if if_match is None:
        raise VersionNeeded(field="If-Match")
    read = _VERSIONED.fullmatch(if_match.strip())
    if read is None:
        raise VersionNotUnderstood(field="If-Match")
    return int(read[1])
