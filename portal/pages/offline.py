"""What works without a line: a report as one page, which the browser keeps, and the reports that wait on the device."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import Depends
from starlette.responses import Response

from hub.attachments.settings import file_settings
from hub.tickets.numbers import grouped
from hub.web.errors import NotReadable
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal.reporting.desk import Where, hand_over, nothing_on_desk
from portal.reporting.from_device import Asked, Came, take_from_device
from portal.reporting.receipts import case_link
from portal.reporting.showing import apart
from portal.reporting.whole import districts_of, form_told, sections_of

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]
_EMERGENCY: Final = "emergency"
_REPORT: Final = "/agencies/{tenant}/services/{service}/report/offline"


@router.get("/offline")
def without_a_line(visit: _Anybody) -> Response:
    """What can be done while no page can be had; browsers keep this one."""
    return visit.page("offline.html")


@router.get("/unsent")
def unsent(visit: _Anybody) -> Response:
    """The reports that wait on this device; the hub knows none of them, so scripts fill the page in."""
    return visit.page("unsent.html")


@router.get(_REPORT)
def whole_report(visit: _Anybody, tenant: str, service: str) -> Response:
    """All that a report may ask, on one page that is the same for everybody, to be kept and written without a line."""
    where = Where(tenant, service)
    with visit.work() as context:
        report = nothing_on_desk(context, where)
    sections = sections_of(report)
    return visit.page(
        "report/offline.html",
        where=where,
        offer=report.offer,
        sections=sections,
        form=form_told(report),
        districts=districts_of(report.offer.tenant.country),
        asks_for_places=any(one.asks_for_a_place for each in sections for one in each),
        emergency=_EMERGENCY in report.offer.service.life_events,
        most_bytes=file_settings().bytes_per_file,
        apart=apart,
    )


@router.post(_REPORT)
def take_report(visit: _Anybody, tenant: str, service: str) -> Response:
    """Take a report in that a device kept, for scripts: tells its number and PIN, or why it needs its citizen."""
    where = Where(tenant, service)
    visit.admitted()
    try:
        asked = Asked(visit.sent.value("send"))
    except ValueError:
        raise NotReadable() from None
    came = take_from_device(visit, where, asked)
    response = Response(orjson.dumps(_told(visit, where, came, asked)), media_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(visit.headers)
    if asked is Asked.OPEN and came.goes_on and came.because is None:
        hand_over(visit, response, where, came.secret)
    return response


def _told(visit: Visit, where: Where, came: Came, asked: Asked) -> dict[str, Any]:
    if came.receipt is not None:
        return {
            "state": "sent",
            "number": grouped(came.receipt.number),
            "pin": came.receipt.pin,
            "link": case_link(visit, came.receipt),
        }
    if came.lacks_files:
        return {"state": "files"}
    if came.because is not None:
        return {
            "state": "attention",
            "because": came.because.value,
            "why": [each.in_language(visit.language) for each in came.why],
            "opens": bool(came.goes_on),
        }
    if asked is Asked.OPEN:
        return {"state": "open", "at": visit.address(f"{where.path}/{came.goes_on}")}
    return {"state": "kept"}
