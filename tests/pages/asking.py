"""A page with a form, as pages of services are written on the kit: for tests, and for whoever writes one."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from hub.forms.definition import read_form
from hub.web.answers import answers_sent, asked_now, only_asked, problems_on, turned_up
from hub.web.fields import fields_of
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit

FORM = read_form(
    {
        "format": 1,
        "title": {"ar": "بلاغ", "en": "Report"},
        "pages": [
            {
                "title": {"ar": "ما حدث", "en": "What happened"},
                "questions": [
                    {
                        "name": "hazard",
                        "kind": "yes_no",
                        "label": {"ar": "هل هناك خطر؟", "en": "Is there any danger?"},
                        "required": True,
                    },
                    {
                        "name": "danger",
                        "kind": "text",
                        "label": {"ar": "ما الخطر؟", "en": "What is the danger?"},
                        "required": True,
                        "visible_when": {"question": "hazard", "is": True},
                    },
                    {
                        "name": "since",
                        "kind": "date",
                        "label": {"ar": "منذ متى؟", "en": "Since when?"},
                        "limits": {"latest": "today"},
                    },
                    {
                        "name": "flats",
                        "kind": "number",
                        "label": {"ar": "كم شقة؟", "en": "How many flats?"},
                        "limits": {"whole": True, "minimum": 1},
                    },
                ],
            }
        ],
    }
)
TODAY = date(2026, 11, 22)

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]


@router.get("/ask")
def ask(visit: _Anybody) -> Response:
    """The empty form."""
    return visit.page("asking.html", fields=fields_of(FORM.questions, {}, shown=asked_now(FORM, {}, TODAY)))


@router.post("/ask")
def answer(visit: _Anybody) -> Response:
    """Take the answers, or show the form again with what was typed and what is wrong."""
    (page,) = FORM.pages
    answers = only_asked(FORM, answers_sent(FORM.questions, visit.sent), TODAY)
    problems = problems_on(FORM, page, answers, TODAY)
    new = turned_up(FORM, page, answers, visit.sent, TODAY)
    if not problems and not new:
        return visit.go_to("/asked", answers=",".join(sorted(answers)))
    # A question that has just come up is no mistake yet.
    told = [each for each in problems if each.field not in new]
    fields = fields_of(
        FORM.questions, {}, sent=visit.sent, shown=asked_now(FORM, answers, TODAY), problems=told
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if told else HTTPStatus.OK
    return visit.page("asking.html", status=status, personal=True, fields=fields)


@router.get("/asked")
def asked(visit: _Anybody) -> Response:
    """That it arrived."""
    return visit.page("asked.html", answers=visit.asked("answers"))
