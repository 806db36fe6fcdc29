"""All parts of pages on one page, for developers; it exists only where a setting allows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends
from starlette.responses import Response

from hub.forms.definition import read_form
from hub.forms.errors import Problem
from hub.forms.shape import QuestionKind
from hub.web.fields import Field, fields_of
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from tenants.languages import Text

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]

_MOMENT: Final = datetime(2026, 11, 22, 8, 5, tzinfo=UTC)
_LABELS: Final = {
    QuestionKind.TEXT: Text(ar="رقم العداد", en="Meter number"),
    QuestionKind.LONG_TEXT: Text(ar="ماذا حدث؟", en="What happened?"),
    QuestionKind.CHOICE: Text(ar="نوع العقار", en="Kind of building"),
    QuestionKind.CHOICES: Text(ar="ما المتأثر؟", en="What is affected?"),
    QuestionKind.YES_NO: Text(ar="هل هناك خطر على الناس؟", en="Is anybody in danger?"),
    QuestionKind.NUMBER: Text(ar="كم شقة متأثرة؟", en="How many flats are affected?"),
    QuestionKind.DATE: Text(ar="متى بدأت المشكلة؟", en="When did it begin?"),
    QuestionKind.NATIONAL_ID: Text(ar="الرقم القومي", en="National ID"),
    QuestionKind.PHONE: Text(ar="رقم الهاتف", en="Phone number"),
    QuestionKind.EMAIL: Text(ar="البريد الإلكتروني", en="E-mail address"),
    QuestionKind.PLACE: Text(ar="أين المكان؟", en="Where is it?"),
    QuestionKind.FILE: Text(ar="صور", en="Photos"),
}
_OPTIONS: Final = [
    {"value": "home", "label": {"ar": "سكني", "en": "Home"}},
    {"value": "shop", "label": {"ar": "تجاري", "en": "Shop"}},
    {"value": "public", "label": {"ar": "مرفق عام", "en": "Public building"}},
]
_HINT: Final = {"ar": "تجده على الإيصال الشهري.", "en": "You find it on the monthly bill."}


def _question(kind: QuestionKind) -> dict[str, object]:
    label = _LABELS[kind]
    asked: dict[str, object] = {
        "name": kind.value,
        "kind": kind.value,
        "label": {"ar": label.ar, "en": label.en},
        "required": kind is not QuestionKind.NUMBER,
    }
    if kind in (QuestionKind.CHOICE, QuestionKind.CHOICES):
        asked["options"] = _OPTIONS
    if kind is QuestionKind.TEXT:
        asked["help"] = _HINT
    return asked


FORM: Final = read_form(
    {
        "format": 1,
        "title": {"ar": "كل أنواع الأسئلة", "en": "All kinds of questions"},
        "pages": [
            {
                "title": {"ar": "كل أنواع الأسئلة", "en": "All kinds of questions"},
                "questions": [_question(kind) for kind in QuestionKind],
            }
        ],
    }
)
_WRONG: Final = (
    Problem(
        "national_id",
        Text(
            ar="يجب أن يتكون الرقم القومي في «الرقم القومي» من 14 رقمًا.",
            en="The national ID in “National ID” must have 14 digits.",
        ),
    ),
    Problem(
        "yes_no",
        Text(ar="يُرجى الإجابة عن السؤال عن الخطر.", en="Please answer whether anybody is in danger."),
    ),
)


@router.get("/styleguide")
def styleguide(visit: _Anybody) -> Response:
    """All parts of pages, as they stand and as they look when something is wrong."""
    wrong: list[Field] = [
        each
        for each in fields_of(FORM.questions, {"national_id": "2980101"}, problems=_WRONG)
        if each.problems
    ]
    answered = {"choice": "shop", "choices": ["home"], "date": "2026-11-20", "file": ["photo"]}
    fields = [
        each
        for each in fields_of(FORM.questions, answered, files={"photo": "IMG_2041.jpg"})
        if each.question not in {field.question for field in wrong}
    ]
    return visit.page("styleguide.html", wrong=wrong, fields=fields, moment=_MOMENT)
