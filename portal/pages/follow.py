"""The way to one's case: its number with the PIN, the link with its secret, and leaving it again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from hub.forms.shape import QuestionKind
from hub.tickets.errors import WrongKey, WrongNumber
from hub.tickets.keys import case_by_pin, case_by_secret
from hub.tickets.numbers import grouped, is_number, read_number
from hub.web.callers import Caller
from hub.web.faces import sentence_of, status_of
from hub.web.fields import Field
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal.errors import CaseNotOpen
from portal.guards import close_case, keep_open
from portal.pages import case_acts
from tenants.context import CITIZEN
from tenants.errors import Refusal
from tenants.ids import HUB
from tenants.languages import Text

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]

_NUMBER: Final = Field(
    name="number",
    kind=QuestionKind.NUMBER,
    label=Text(ar="رقم الحالة", en="Case number"),
    hint=Text(
        ar="عشرة أرقام تجدها في إيصالك. لا يهم شكل الأرقام ولا المسافات بينها.",
        en="Ten digits, on your receipt. Arabic or Latin digits, with or without spaces.",
    ),
    keys="numeric",
    autocomplete="off",
    longest=60,
)
_PIN: Final = Field(
    name="pin",
    kind=QuestionKind.NUMBER,
    label=Text(ar="الرقم السري", en="PIN"),
    hint=Text(ar="ستة أرقام تجدها مع رقم الحالة.", en="Six digits, beside the case number."),
    keys="numeric",
    autocomplete="off",
    longest=30,
)
_NOTHING_TYPED: Final = Text(ar="اكتب رقم الحالة.", en="Type the case number.")
_NO_PIN: Final = Text(ar="اكتب الرقم السري.", en="Type the PIN.")


@router.get("/follow")
def follow(visit: _Anybody) -> Response:
    """Ask for the number and the PIN of a case."""
    return visit.page("cases/follow.html", personal=True, **_asking(visit, left=bool(visit.asked("left"))))


@router.post("/follow")
def open_by_pin(visit: _Anybody) -> Response:
    """Open a case by its number and PIN; what was typed into a page of it before its time was over comes along."""
    visit.admitted()
    number, pin = visit.sent.value("number"), visit.sent.value("pin")
    if not number or not pin:
        return _asked_again(
            visit,
            number=() if number else (_NOTHING_TYPED,),
            pin=() if pin else (_NO_PIN,),
            refusal=CaseNotOpen(field="pin"),
        )
    try:
        opened = case_by_pin(visit.database, number, pin, language=visit.language)
    except WrongNumber as refusal:
        return _asked_again(visit, number=(sentence_of(refusal),), refusal=refusal)
    except WrongKey as refusal:
        return _asked_again(visit, pin=(sentence_of(refusal),), refusal=refusal)
    digits = read_number(number)
    taken_up = case_acts.taken_up(visit, digits, opened)
    response = taken_up if taken_up is not None else visit.go_to(f"/cases/{digits}")
    keep_open(visit, response, digits, opened)
    return response


@router.get("/cases/{number}/{secret}")
def open_by_link(visit: _Anybody, number: str, secret: str) -> Response:
    """Open a case by its secret link, and go on to an address that does not tell the secret.

    It changes nothing but what the browser keeps, so that whatever looks at links in mails may look at it.
    """
    visit.admitted()
    opened = case_by_secret(visit.database, number, secret, language=visit.language)
    digits = read_number(number)
    response = visit.go_to(f"/cases/{digits}")
    keep_open(visit, response, digits, opened)
    return response


@router.post("/cases/{number}/leave")
def leave(visit: _Anybody, number: str) -> Response:
    """Have this browser forget the case."""
    response = visit.go_to("/follow", left="yes")
    digits = read_number(number)
    close_case(visit, response, digits)
    return response


def ask_for_key(request: Request, refusal: Exception) -> Response:
    """In the place of a case's page that is not open: ask for its PIN, and keep what was typed meanwhile."""
    assert isinstance(refusal, CaseNotOpen)  # noqa: S101 - registered for this alone
    # The guard of the page has counted this visit.
    visit = Visit(
        request, request.app.state.pages, lambda _: Caller(CITIZEN, frozenset({HUB}), name="anybody")
    )
    number = request.path_params.get("number", "")
    shown = grouped(number) if is_number(number) else number
    return visit.page(
        "cases/follow.html",
        status=HTTPStatus.UNAUTHORIZED,
        personal=True,
        **_asking(visit, typed=shown, why=sentence_of(refusal), kept=case_acts.kept_from(visit)),
    )


def _asked_again(
    visit: Visit, *, refusal: Refusal, number: tuple[Text, ...] = (), pin: tuple[Text, ...] = ()
) -> Response:
    view = _asking(
        visit, typed=visit.sent.value("number"), kept=case_acts.kept_again(visit), number=number, pin=pin
    )
    return visit.page("cases/follow.html", status=status_of(refusal), personal=True, **view)


def _asking(
    visit: Visit,
    *,
    typed: str = "",
    why: Text | None = None,
    left: bool = False,
    kept: dict[str, list[str]] | None = None,
    number: tuple[Text, ...] = (),
    pin: tuple[Text, ...] = (),
) -> dict[str, Any]:
    fields = [
        case_acts.filled(_NUMBER, (typed,) if typed else ()).wrong(*number),
        case_acts.filled(_PIN, (visit.sent.value("pin"),) if number else ()).wrong(*pin),
    ]
    return {"fields": fields, "why": why, "left": left, "kept": kept or {}}
