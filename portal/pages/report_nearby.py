"""Between the last step of a report and its review: open cases nearby, which it may go together with."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from fastapi import Depends
from starlette.responses import Response

from hub.drafts.actions import keep_draft
from hub.drafts.errors import DraftChangedElsewhere, DraftOver
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal.reporting.desk import TRIES, Where, on_desk
from portal.reporting.nearby import answer_of, earlier_of, said_of, ticket_chosen
from portal.reporting.showing import apart
from portal.reporting.steps import REVIEW
from portal.wording import STAGES

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]
_PATH: Final = "/agencies/{tenant}/services/{service}/report/nearby"


@router.get(_PATH)
def nearby(visit: _Anybody, tenant: str, service: str) -> Response:
    """What others reported nearby and is open; where there is nothing, the review."""
    return _show(visit, Where(tenant, service))


@router.post(_PATH)
def say(visit: _Anybody, tenant: str, service: str) -> Response:
    """Keep whether the report goes together with one of them, and go on to the review."""
    where = Where(tenant, service)
    mark = visit.sent.value("mark")
    for attempt in range(TRIES):
        try:
            with visit.work() as context:
                desk = on_desk(visit, context, where)
                if desk.secret is None:
                    return visit.go_to(where.path, notice="lost")
                if mark and ticket_chosen(context, desk.report, desk.secret, mark) is None:
                    break
                draft = replace(desk.report.draft, together=said_of(desk.report, mark))
                keep_draft(context, desk.secret, draft, version=desk.version)
                return visit.go_to(f"{where.path}/{REVIEW}")
        except DraftOver:
            return visit.go_to(f"{where.path}/receipt")
        except DraftChangedElsewhere:
            if attempt == TRIES - 1:
                raise
    return _show(visit, where, ended=True)


def _show(visit: Visit, where: Where, *, ended: bool = False) -> Response:
    with visit.work() as context:
        desk = on_desk(visit, context, where)
        if desk.secret is None:
            return visit.go_to(where.path, notice="lost")
        found = earlier_of(context, desk.report, desk.secret)
    if not found and not ended:
        return visit.go_to(f"{where.path}/{REVIEW}")
    return visit.page(
        "report/nearby.html",
        personal=True,
        where=where,
        offer=desk.report.offer,
        earlier=found,
        chosen=answer_of(desk.report),
        stages=STAGES,
        ended=ended,
        before=f"{where.path}/{desk.report.steps[-1].name}",
        apart=apart,
    )
