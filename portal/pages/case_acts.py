"""What a citizen does on their case: answer, add information, confirm, reopen, withdraw.

Every form carries the version of the ticket that its page was made from. What happened meanwhile is said and nothing is
lost; the very same form sent twice is done once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends
from starlette.datastructures import UploadFile
from starlette.responses import Response

from hub.attachments import actions as files
from hub.attachments import errors as file_errors
from hub.attachments.queries import attachment_view
from hub.attachments.settings import file_settings
from hub.attachments.wording import REASONS
from hub.digits import latin_digits
from hub.forms.shape import QuestionKind
from hub.stories.happenings import happened_since, was_done_already
from hub.stories.queries import case_for_citizen
from hub.stories.views import CitizenTicket
from hub.tickets.access import ticket_for
from hub.tickets.errors import BadText, Missing, StaleVersion, TooLong
from hub.tickets.keys import OpenedCase
from hub.tickets.numbers import grouped
from hub.tickets.texts import LONGEST, read_optional_text
from hub.web.errors import NoSuchPage, NotReadable
from hub.web.faces import sentence_of, status_of
from hub.web.fields import Field
from hub.web.formats import digits
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal.guards import CitizenOfCase
from portal.pages.acts import ACTS, Act, is_open
from portal.pages.identifiers import id_in
from portal.wording import HAPPENED
from tenants.context import CITIZEN, Context
from tenants.errors import NotFound, Refusal
from tenants.languages import Language, Text

FILES_AT_ONCE: Final = 5
# Five files of the largest kind, the words, and what browsers write around them.
router = page_router(most_bytes=135_000_000)
_Citizen = Annotated[Visit, Depends(CitizenOfCase())]
_MEGABYTE: Final = 1024 * 1024
_LONGEST_VERSION: Final = 9
_KEPT: Final = "kept."


@router.get("/cases/{number}/tickets/{ticket}/{act}")
def ask(visit: _Citizen, number: str, ticket: str, act: str) -> Response:
    """The page of one act; back to the case where it is not possible as things stand."""
    doing, ticket_id = _act(act), id_in(ticket)
    with visit.work() as context:
        part = _part(context, ticket_id)
    if not is_open(doing, part):
        return visit.go_to(f"/cases/{number}")
    return _page(visit, number, doing, part, _Typed(version=part.version))


@router.post("/cases/{number}/tickets/{ticket}/{act}")
def perform(visit: _Citizen, number: str, ticket: str, act: str) -> Response:
    """Do it once, or show the page again with what was typed and what stands in the way."""
    doing, ticket_id = _act(act), id_in(ticket)
    typed, problems = _taken_in(visit, doing, ticket_id)
    if not problems:
        try:
            with visit.work() as context:
                _perform(context, doing, ticket_id, typed)
        except StaleVersion as stale:
            return _overtaken(visit, number, doing, ticket_id, typed, stale)
        except (Missing, TooLong, BadText) as refusal:
            says = doing.empty if isinstance(refusal, Missing) and doing.empty else sentence_of(refusal)
            problems = [("text", says)]
        except file_errors.FilesNotKnown as refusal:
            typed, problems = replace(typed, files={}), [("files", sentence_of(refusal))]
        except (
            file_errors.TooManyFiles,
            file_errors.FileNotFinished,
            file_errors.FileRefused,
        ) as refusal:
            problems = [("files", sentence_of(refusal))]
        else:
            return visit.go_to(f"/cases/{number}", done=doing.name)
    with visit.work() as context:
        part = _part(context, ticket_id)
    return _page(visit, number, doing, part, typed, problems=problems)


@dataclass(frozen=True, slots=True)
class _Typed:
    """What a form sent: on which version, which words, which files by their ids."""

    version: int
    words: str = ""
    files: Mapping[str, str] | None = None


def _taken_in(visit: Visit, act: Act, ticket_id: UUID) -> tuple[_Typed, list[tuple[str, Text]]]:
    """What was typed, with new files taken in so that they need not be sent again, whatever becomes of the rest."""
    sent = visit.sent
    version = latin_digits(sent.value("version"))
    if not (version.isascii() and version.isdigit() and len(version) <= _LONGEST_VERSION):
        raise NotReadable()
    words = sent.value("text") if act.asks else ""
    if not act.takes_files:
        return _Typed(int(version), words), []
    kept, problems = _kept_files(visit, sent.values("files")), list[tuple[str, Text]]()
    new = sent.files.get("files", ())
    if len(kept) + len(new) > FILES_AT_ONCE:
        return _Typed(int(version), words, kept), [("files", _TOO_MANY)]
    for upload in new:
        try:
            with visit.work() as context:
                narrowed = context.narrowed(ticket_for(context, ticket_id).tenant_id)
                taken = files.upload(
                    narrowed, name=upload.filename or "", content=upload.file, size=_size(upload)
                )
        except (file_errors.FileEmpty, file_errors.FileTooLarge, file_errors.TooManyBytesToday) as refusal:
            problems.append(("files", _of_file(upload.filename or "", sentence_of(refusal))))
        else:
            if taken.because is not None:
                problems.append(("files", _of_file(taken.name, REASONS[taken.because])))
            else:
                kept[str(taken.id)] = taken.name
    return _Typed(int(version), words, kept), problems


def _perform(context: Context, act: Act, ticket_id: UUID, typed: _Typed) -> None:
    perform = partial(act.perform, context, ticket_id, typed.version)
    if act.takes_files:
        perform = partial(perform, attachments=[UUID(each) for each in typed.files or {}])
    if act.asks:
        perform = partial(perform, **{act.words: typed.words})
    perform()


def _overtaken(
    visit: Visit, number: str, act: Act, ticket_id: UUID, typed: _Typed, stale: StaleVersion
) -> Response:
    """The ticket is not any more what the page showed: done by this very form, or something else happened."""
    with visit.work() as context:
        tenant_id = ticket_for(context, ticket_id).tenant_id
        words = read_optional_text("text", typed.words) if act.asks else None
        if was_done_already(context, tenant_id, ticket_id, typed.version, act.fact, words):
            return visit.go_to(f"/cases/{number}", done=act.name)
        part = _part(context, ticket_id)
        kinds = happened_since(context, tenant_id, ticket_id, typed.version)
    happened = [HAPPENED[each] for each in kinds] or [_SOMETHING]
    anew = replace(typed, version=part.version)
    going_on = act if is_open(act, part) else ACTS["add-information"]
    return _page(visit, number, going_on, part, anew, refusal=stale, happened=happened, wanted=act)


def _page(
    visit: Visit,
    number: str,
    act: Act,
    part: CitizenTicket,
    typed: _Typed,
    *,
    problems: Sequence[tuple[str, Text]] = (),
    refusal: Refusal | None = None,
    happened: Sequence[Text] = (),
    wanted: Act | None = None,
) -> Response:
    fields = [
        each.wrong(*(says for name, says in problems if name == each.name)) for each in _fields(act, typed)
    ]
    asked = [entry.text for entry in part.entries if entry.kind == "question"]
    view: dict[str, Any] = {
        "number": number,
        "shown": grouped(number),
        "act": act,
        # What was typed can be read and copied where nothing can be done with it any more.
        "lost": typed.words if not is_open(act, part) else None,
        "possible": is_open(act, part),
        "instead": wanted is not None and wanted is not act,
        "part": part,
        "question": asked[-1] if act.name == "answer" and asked else None,
        "fields": fields,
        "version": typed.version,
        "happened": happened,
    }
    template = "cases/act.html"
    status = HTTPStatus.OK if refusal is None else status_of(refusal)
    if problems:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return visit.page(template, personal=True, status=status, **view)


def _fields(act: Act, typed: _Typed) -> list[Field]:
    fields = []
    if act.asks is not None:
        fields.append(
            Field(
                name="text",
                kind=QuestionKind.LONG_TEXT,
                label=act.asks,
                required=act.empty is not None,
                values=(typed.words,) if typed.words else (),
                longest=LONGEST,
            )
        )
    if act.takes_files:
        fields.append(
            Field(
                name="files",
                kind=QuestionKind.FILE,
                label=Text(ar="صور أو ملفات", en="Photos or files"),
                hint=_about_files(),
                required=False,
                values=tuple(typed.files or {}),
                files=typed.files,
                most=FILES_AT_ONCE,
            )
        )
    return fields


def _about_files() -> Text:
    most = str(max(file_settings().bytes_per_file // _MEGABYTE, 1))
    return Text(
        ar=digits(
            f"حتى {FILES_AT_ONCE} ملفات، ولا يزيد الملف على {most} ميغابايت. لا يظهر مكان التقاط الصورة للجهة.",
            Language.ARABIC,
        ),
        en=f"Up to {FILES_AT_ONCE} files, {most} MB each. Where a photo was taken is not shown to the agency.",
    )


# What a body does within itself is not told.
_SOMETHING: Final = Text(ar="واصلت الجهة العمل عليها", en="The agency went on working on it")
_TOO_MANY: Final = Text(
    ar=digits(f"أرسل {FILES_AT_ONCE} ملفات على الأكثر في المرة الواحدة.", Language.ARABIC),
    en=f"Send at most {FILES_AT_ONCE} files at a time.",
)


def _of_file(name: str, says: Text) -> Text:
    return Text(ar=f"«{name}»: {says.ar}", en=f"“{name}”: {says.en}")


def _size(upload: UploadFile) -> int:
    upload.file.seek(0, 2)
    size = upload.file.tell()
    upload.file.seek(0)
    return size


def _kept_files(visit: Visit, ids: Sequence[str]) -> dict[str, str]:
    """The names of files that this citizen sent before, by their ids; others are left out, as if never named."""
    found: dict[str, str] = {}
    with visit.work() as context:
        for each in ids[: FILES_AT_ONCE + 1]:
            try:
                view = attachment_view(context, UUID(each))
            except (NotFound, ValueError):
                continue
            found[str(view.id)] = view.name
    return found


def _act(name: str) -> Act:
    if name not in ACTS:
        raise NoSuchPage()
    return ACTS[name]


def _part(context: Context, ticket_id: UUID) -> CitizenTicket:
    for each in case_for_citizen(context).tickets:
        if each.id == ticket_id:
            return each
    raise NotFound(field="ticket")


def filled(field: Field, values: tuple[str, ...]) -> Field:
    """The same field with something typed into it."""
    return replace(field, values=values)


def kept_from(visit: Visit) -> dict[str, list[str]]:
    """What a page of a case sent when its time was over, to be carried through the asking for the PIN."""
    act = visit.request.path_params.get("act")
    if act not in ACTS or not visit.sent.fields:
        return {}
    kept = {name: list(visit.sent.values(name)) for name in ("version", "text", "files")}
    return {**kept, "ticket": [visit.request.path_params["ticket"]], "act": [act]}


def kept_again(visit: Visit) -> dict[str, list[str]]:
    """The same, when the PIN was wrong."""
    sent = visit.sent
    return {
        name.removeprefix(_KEPT): list(values)
        for name, values in sent.fields.items()
        if name.startswith(_KEPT)
    }


def taken_up(visit: Visit, number: str, opened: OpenedCase) -> Response | None:
    """The page that was interrupted by the asking for the PIN, as it was typed; None where there was none."""
    kept = {name: values[0] for name, values in kept_again(visit).items() if values}
    act = ACTS.get(kept.get("act", ""))
    version = kept.get("version", "")
    if act is None or not (version.isascii() and version.isdigit() and len(version) <= _LONGEST_VERSION):
        return None
    with visit.database.unit_of_work(
        actor=CITIZEN, tenants=opened.tenants, case_id=opened.case_id, language=visit.language
    ) as context:
        try:
            part = _part(context, id_in(kept.get("ticket", "")))
        except (NotFound, NoSuchPage):
            return None
    if not is_open(act, part):
        return None
    return _page(visit, number, act, part, _Typed(int(version), kept.get("text", "").strip()))
