"""What is kept of an unsent report: everything as it was typed, nothing of it checked yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final
from uuid import UUID

import orjson

from hub.drafts.errors import DraftTooLarge, DraftUnreadable

LONGEST: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A report under way: whose service, under which version of its form, how far, and what was typed so far.

    `answers` are those to the form's questions by their names, `words` what pages ask beside the form (description,
    subject, whether confidential), `files` the ids of uploads by the question they answer, `attachments` for those
    beside the form, `uploads` what has been begun, by the mark that the browser finds it again with. `together` says
    whether it goes together with an earlier case, and for which place that was said. Values are as the browser sent
    them, slips included.
    """

    tenant: str
    service: str
    form_version: int | None = None
    page: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Sequence[UUID]] = field(default_factory=dict)
    uploads: Mapping[str, UUID] = field(default_factory=dict)
    reporter: Mapping[str, Any] = field(default_factory=dict)
    place: Mapping[str, Any] = field(default_factory=dict)
    together: Mapping[str, str] = field(default_factory=dict)


_KNOWN: Final = frozenset(each.name for each in fields(Draft))


def written(draft: Draft) -> bytes:
    """A draft as bytes.

    Raises `DraftTooLarge` and `DraftUnreadable` (halves of surrogate pairs, numbers beyond 64 bits).
    """
    try:
        # What is empty is left out, all but what every release reads: while a new one comes, the old one reads it too.
        content = orjson.dumps(
            {name: each for name, each in asdict(draft).items() if each != {} or name == "files"}
        )
    except (TypeError, ValueError, RecursionError):
        raise DraftUnreadable() from None
    if len(content) > LONGEST:
        raise DraftTooLarge(most=LONGEST // 1024)
    return content


def read(content: bytes) -> Draft:
    """The draft that was written; what a newer release keeps and this one does not know is passed over."""
    kept = {name: each for name, each in orjson.loads(content).items() if name in _KNOWN}
    files = {name: tuple(UUID(each) for each in ids) for name, ids in kept.pop("files").items()}
    uploads = {mark: UUID(each) for mark, each in kept.pop("uploads", {}).items()}
    return Draft(**kept, files=files, uploads=uploads)
