"""Files that a page of a report brought along: taken in one by one, and what was said of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from starlette.datastructures import UploadFile

from hub.attachments.actions import Finished, upload
from hub.attachments.errors import TooManyFiles
from hub.attachments.models import AttachmentState
from hub.attachments.wording import REASONS
from hub.forms.shape import QuestionKind
from hub.web.faces import sentence_of
from hub.web.fields import PREFIX
from hub.web.visits import Visit
from portal.reporting.desk import SHOWN_FILES
from portal.reporting.report import Report
from portal.reporting.steps import Step
from tenants.errors import Refusal
from tenants.languages import Text


@dataclass(frozen=True, slots=True)
class FileRefused:
    """A file that was not taken, as it was called, and why; `field` is the id of the input it came by."""

    name: str
    why: Text
    field: str


@dataclass(slots=True)
class Brought:
    """What became of the files of one page: taken, by question, or refused; `place` is where a photo was taken."""

    taken: dict[str, list[UUID]] = field(default_factory=dict)
    refused: list[FileRefused] = field(default_factory=list)
    place: tuple[float, float] | None = None


def take_files(visit: Visit, report: Report, step: Step) -> Brought:
    """Take in the files that a page sent, each for itself: one that is refused keeps no other back."""
    brought = Brought()
    for question in step.page.questions:
        if question.kind is not QuestionKind.FILE:
            continue
        name = PREFIX + question.name
        room = question.most - _staying(report, question.name, visit)
        sent = visit.sent.files.get(name, ())
        for file in sent[: max(room, 0)]:
            _take(visit, file, question.name, brought)
        brought.refused += _too_many(sent[max(room, 0) :], question.most, question.name)
    return brought


def take_file(visit: Visit, file: UploadFile) -> Finished:
    """Take in one file in a unit of work of its own.

    Raises what refuses it outright; what a look into it refuses, the answer says.
    """
    with visit.work() as context:
        return upload(context, name=file.filename or "", content=file.file, size=file.size or 0)


def input_of(question: str) -> str:
    """The id of the input that a question's files come by."""
    return (PREFIX + question).replace(".", "-").replace("_", "-")


def _take(visit: Visit, file: UploadFile, question: str, brought: Brought) -> None:
    called, why = file.filename or "", None
    try:
        done = take_file(visit, file)
    except Refusal as refusal:
        why = sentence_of(refusal)
    else:
        if done.state is AttachmentState.REFUSED and done.because is not None:
            why = REASONS[done.because]
        else:
            brought.taken.setdefault(question, []).append(done.id)
            if done.place is not None and brought.place is None:
                brought.place = done.place.latitude, done.place.longitude
    if why is not None:
        brought.refused.append(FileRefused(called, why, input_of(question)))


def _staying(report: Report, question: str, visit: Visit) -> int:
    shown = set(visit.sent.value(SHOWN_FILES + question).split())
    out = shown - set(visit.sent.values(PREFIX + question))
    return sum(str(each) not in out for each in report.files(question))


def _too_many(files: Sequence[UploadFile], most: int, question: str) -> Iterable[FileRefused]:
    why = sentence_of(TooManyFiles(field="attachments", most=most))
    return [FileRefused(each.filename or "", why, input_of(question)) for each in files]
