"""Files of a report that scripts send as soon as they are chosen, one at a time."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends
from starlette.responses import Response

from hub.attachments.errors import TooManyFiles
from hub.attachments.models import AttachmentState
from hub.attachments.wording import REASONS
from hub.forms.shape import QuestionKind
from hub.web.faces import sentence_of, status_of
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal.reporting.desk import Where, add_file, on_desk, remember
from portal.reporting.uploading import take_file
from tenants.errors import NotFound, Refusal
from tenants.languages import Text

_MOST_BYTES: Final = 30_000_000

router = page_router(most_bytes=_MOST_BYTES)
_Anybody = Annotated[Visit, Depends(Anybody())]


@router.post("/agencies/{tenant}/services/{service}/report/upload")
def upload_at_once(visit: _Anybody, tenant: str, service: str) -> Response:
    """Take one file as soon as it is chosen, for scripts; answers what became of it."""
    where = Where(tenant, service)
    with visit.work() as context:
        report = on_desk(visit, context, where).report
    name = visit.sent.value("question")
    question = next(
        (
            each
            for step in report.steps
            for each in step.page.questions
            if each.name == name and each.kind is QuestionKind.FILE
        ),
        None,
    )
    files = [file for each in visit.sent.files.values() for file in each]
    if question is None or len(files) != 1:
        raise NotFound(field="question")
    if len(report.files(name)) >= question.most:
        return _told(visit, {"refused": _in_language(visit, _too_many(question.most))})
    try:
        done = take_file(visit, files[0])
    except Refusal as refusal:
        return _told(visit, {"refused": _in_language(visit, sentence_of(refusal))}, status_of(refusal))
    if done.state is AttachmentState.REFUSED and done.because is not None:
        return _told(visit, {"refused": _in_language(visit, REASONS[done.because])})
    secret = add_file(visit, where, name, done.id)
    offered = done.place if done.place is not None and report.wants_a_point else None
    told = {
        "id": str(done.id),
        "name": done.name,
        "place": [offered.latitude, offered.longitude] if offered else None,
    }
    return remember(visit, _told(visit, told), where, secret)


def _too_many(most: int) -> Text:
    return sentence_of(TooManyFiles(field="attachments", most=most))


def _in_language(visit: Visit, text: Text) -> str:
    return text.in_language(visit.language)


def _told(visit: Visit, told: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = Response(orjson.dumps(told), status_code=status, media_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(visit.headers)
    return response
