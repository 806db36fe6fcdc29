"""Files of a report that scripts send as soon as they are chosen, in pieces, one at a time."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends
from starlette.responses import Response

from hub.attachments.errors import PieceTooLarge, StoreUnavailable, WrongOffset
from hub.attachments.models import AttachmentState
from hub.attachments.wording import REASONS
from hub.web.errors import NotReadable
from hub.web.faces import sentence_of, status_of
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.sent import Sent
from hub.web.visits import Visit
from portal.reporting.arriving import Arrived, Coming, arrive, give_up
from portal.reporting.desk import Where, on_desk, remember
from tenants.errors import NotFound, Refusal
from tenants.languages import Text

# The largest piece that our scripts send is 4 MiB.
_MOST_BYTES: Final = 5_000_000
_SHA256: Final = re.compile("[0-9a-f]{64}")
_NUMBER: Final = re.compile("[0-9]{1,15}")
_LONGEST_NAME: Final = 1_000
_LONGEST_STAMP: Final = 40
_PATH: Final = "/agencies/{tenant}/services/{service}/report/upload"

router = page_router(most_bytes=_MOST_BYTES)
_Anybody = Annotated[Visit, Depends(Anybody())]


@router.post(_PATH)
def take_piece(visit: _Anybody, tenant: str, service: str) -> Response:
    """Take one piece of a file, for scripts: answers how much has arrived, and in the end what became of the file."""
    where = Where(tenant, service)
    visit.admitted()
    coming, offset, piece = _coming(visit.sent), _number(visit.sent, "offset"), _piece(visit.sent)
    try:
        arrived = arrive(visit, where, coming, offset, piece)
    except WrongOffset as wrong:
        return _told(visit, {"received": wrong.facts["expected"]}, HTTPStatus.CONFLICT)
    except PieceTooLarge as large:
        return _told(visit, {"received": offset, "most": large.facts["most"]}, status_of(large))
    except (NotFound, StoreUnavailable):
        # What is not asked has no page; and where the bytes lie is out of reach only for a while.
        raise
    except Refusal as refusal:
        return _told(visit, {"refused": _said(visit, sentence_of(refusal))}, status_of(refusal))
    return remember(visit, _told(visit, _what_came(visit, where, arrived)), where, arrived.secret)


@router.post(_PATH + "/cancel")
def cancel_upload(visit: _Anybody, tenant: str, service: str) -> Response:
    """Forget what has arrived of a file, because its citizen wants it no more."""
    visit.admitted()
    give_up(visit, Where(tenant, service), _coming(visit.sent))
    return _told(visit, {})


def _what_came(visit: Visit, where: Where, arrived: Arrived) -> dict[str, Any]:
    done = arrived.done
    if done is None:
        return {"received": arrived.progress.received, "size": arrived.progress.size}
    if done.state is AttachmentState.REFUSED and done.because is not None:
        return {"refused": _said(visit, REASONS[done.because])}
    place = None
    if done.place is not None:
        with visit.work() as context:
            wanted = on_desk(visit, context, where).report.wants_a_point
        place = [done.place.latitude, done.place.longitude] if wanted else None
    return {"id": str(done.id), "name": done.name, "place": place}


def _coming(sent: Sent) -> Coming:
    name, sha256, stamp = (sent.value(each) for each in ("name", "sha256", "stamp"))
    if sha256 and _SHA256.fullmatch(sha256) is None:
        raise NotReadable()
    return Coming(
        question=sent.value("question"),
        name=name[:_LONGEST_NAME],
        size=_number(sent, "size"),
        sha256=sha256 or None,
        stamp=stamp[:_LONGEST_STAMP],
    )


def _number(sent: Sent, name: str) -> int:
    value = sent.value(name)
    if _NUMBER.fullmatch(value) is None:
        raise NotReadable()
    return int(value)


def _piece(sent: Sent) -> bytes:
    files = [file for each in sent.files.values() for file in each]
    if len(files) > 1:
        raise NotReadable()
    return files[0].file.read() if files else b""


def _said(visit: Visit, text: Text) -> str:
    return text.in_language(visit.language)


def _told(visit: Visit, told: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = Response(orjson.dumps(told), status_code=status, media_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(visit.headers)
    return response
