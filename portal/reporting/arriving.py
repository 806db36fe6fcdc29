"""Files of a report that arrive in pieces: each is found again by what the browser says of it, in the report's own draft.

No id of an upload ever comes from the browser: what is not in its own draft cannot be named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, TypeVar
from uuid import UUID

from hub.attachments.actions import Finished, begin_upload, delete, finish_upload, put_piece
from hub.attachments.errors import ChecksumDiffers, TooManyFiles, UploadOver
from hub.attachments.models import AttachmentState, Progress
from hub.attachments.queries import attachment_view, progress_of
from hub.drafts.actions import keep_draft
from hub.drafts.errors import DraftChangedElsewhere, DraftOver
from hub.drafts.secrets import drawer_for, new_draft_secret
from hub.forms.shape import Question, QuestionKind
from hub.web.kept_answers import answer_kept
from hub.web.visits import Visit
from portal.reporting.desk import TRIES, OnDesk, Where, on_desk, secret_of
from portal.reporting.receipts import promised_to
from portal.reporting.report import Report
from tenants.context import Context
from tenants.errors import NotFound

# What is remembered of uploads that were begun and came to nothing; they are swept by themselves.
_MOST_REMEMBERED: Final = 60
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class Coming:
    """A file as the browser tells of it with each of its pieces.

    `sha256` is in hex, or None where the browser cannot reckon it; then `stamp` tells files apart that are called alike.
    """

    question: str
    name: str
    size: int
    sha256: str | None
    stamp: str

    @property
    def mark(self) -> str:
        """What it is found again by, in one report."""
        told = "\n".join((self.question, self.name, str(self.size), self.sha256 or self.stamp))
        return hashlib.sha256(told.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has come of a file so far: how much, and what became of it once all has; and the report's secret."""

    secret: str
    progress: Progress
    done: Finished | None


def arrive(visit: Visit, where: Where, coming: Coming, offset: int, piece: bytes) -> Arrived:
    """Take the next piece of a file of a report; an empty one only asks how much has arrived.

    Each step is kept before the next begins, so that whatever breaks off, the file goes on from there. Once all of it
    has come it is in the report, once. Raises `NotFound` for a question that takes no files, `TooManyFiles`,
    `WrongOffset`, `DraftOver` when the report was sent, and what refuses files.
    """
    secret, upload = _kept(visit, lambda context: _begun(visit, context, where, coming))
    with visit.work() as context:
        progress = progress_of(context, upload)
        if piece and progress.received < progress.size:
            with suppress(UploadOver):
                progress = put_piece(context, upload, offset=offset, content=piece)
    if progress.received < progress.size:
        return Arrived(secret, progress, None)
    try:
        done = _kept(visit, lambda context: _finished(visit, context, where, coming, upload))
    except (ChecksumDiffers, TooManyFiles):
        give_up(visit, where, coming)
        raise
    return Arrived(secret, progress, done)


def give_up(visit: Visit, where: Where, coming: Coming) -> None:
    """Forget what has arrived of a file; does nothing where there is none, or where it is in the report."""

    def forget(context: Context) -> None:
        desk = on_desk(visit, context, where)
        upload = desk.report.draft.uploads.get(coming.mark)
        if desk.secret is None or upload is None or upload in desk.report.files(coming.question):
            return
        with suppress(NotFound):
            delete(context, upload)
        uploads = {mark: one for mark, one in desk.report.draft.uploads.items() if mark != coming.mark}
        keep_draft(context, desk.secret, replace(desk.report.draft, uploads=uploads), version=desk.version)

    _kept(visit, forget)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file of which a part has arrived: its name, and how much, from 0 to 1."""

    name: str
    share: float


def unfinished_uploads(context: Context, report: Report) -> list[Unfinished]:
    """The files of a report that were broken off and go on when they are chosen again."""
    found, there = [], set(report.answering_files())
    for upload in report.draft.uploads.values():
        if upload in there:
            continue
        with suppress(NotFound):
            view = attachment_view(context, upload)
            if view.state is AttachmentState.UPLOADING:
                progress = progress_of(context, upload)
                if progress.received:
                    found.append(Unfinished(view.name, progress.received / progress.size))
    return found


def _kept(visit: Visit, act: Callable[[Context], _Done]) -> _Done:
    """What is done with the draft in a unit of work, again where another window was faster."""
    for attempt in range(TRIES):
        try:
            with visit.work() as context:
                return act(context)
        except DraftChangedElsewhere:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _begun(visit: Visit, context: Context, where: Where, coming: Coming) -> tuple[str, UUID]:
    """The report's secret and the upload of a file, which begins unless it has before."""
    desk = on_desk(visit, context, where)
    if desk.secret is None and _was_sent(visit, context, where):
        raise DraftOver(field="draft")
    question = _asking(desk, coming.question)
    draft = desk.report.draft
    before = draft.uploads.get(coming.mark)
    if before is not None and desk.secret is not None and _is_there(context, before):
        return desk.secret, before
    if len(desk.report.files(question.name)) >= question.most:
        raise TooManyFiles(field="attachments", most=question.most)
    upload = begin_upload(context, name=coming.name, size=coming.size).id
    remembered = dict(list(draft.uploads.items())[-_MOST_REMEMBERED:])
    remembered.pop(coming.mark, None)
    secret = desk.secret or new_draft_secret()
    keep_draft(
        context, secret, replace(draft, uploads={**remembered, coming.mark: upload}), version=desk.version
    )
    return secret, upload


def _finished(visit: Visit, context: Context, where: Where, coming: Coming, upload: UUID) -> Finished:
    """What became of a file that has all come: in the report, unless its first look refuses it."""
    desk = on_desk(visit, context, where)
    if desk.secret is None:
        raise DraftOver(field="draft")
    question = _asking(desk, coming.question)
    done = finish_upload(context, upload, sha256=coming.sha256)
    there = desk.report.files(question.name)
    if done.state is AttachmentState.REFUSED or upload in there:
        return done
    if len(there) >= question.most:
        raise TooManyFiles(field="attachments", most=question.most)
    files = {**desk.report.draft.files, question.name: [*there, upload]}
    keep_draft(context, desk.secret, replace(desk.report.draft, files=files), version=desk.version)
    return done


def _asking(desk: OnDesk, name: str) -> Question:
    for step in desk.report.steps:
        for question in step.page.questions:
            if question.name == name and question.kind is QuestionKind.FILE:
                return question
    raise NotFound(field="question")


def _was_sent(visit: Visit, context: Context, where: Where) -> bool:
    """Whether this browser has sent the report already; then a file would begin another one by itself."""
    secret = secret_of(visit, where)
    if secret is None or drawer_for(secret) is None:
        return False
    return answer_kept(context, promised_to(visit, secret)) is not None


def _is_there(context: Context, upload: UUID) -> bool:
    try:
        progress_of(context, upload)
    except NotFound:
        return False
    return True
