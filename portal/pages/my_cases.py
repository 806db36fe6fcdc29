"""All the cases of an e-mail address, for whoever enters the code that was sent to it.

What the code opens is read here and nowhere else: it gives no pass to the pages of a case, which are for the PIN and the
link. See docs/decisions/0031-citizens-contacts.md and 0032-following-a-case.md.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.responses import Response

from hub.forms.shape import QuestionKind
from hub.messages.queries import mail_is_sent
from hub.people.errors import EmailRefused
from hub.proofs.actions import ask_code, enter_code
from hub.proofs.errors import CodeOver, NoMailHere, NotACode, WrongCode
from hub.proofs.queries import case_by_proof, proven_cases
from hub.stories.happenings import happenings_for_citizen
from hub.stories.queries import case_for_citizen
from hub.tickets.lifecycle import ENDED, Status
from hub.tickets.numbers import grouped
from hub.web.faces import sentence_of, status_of
from hub.web.fields import Field
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal import wording
from tenants.addresses import read_address
from tenants.context import CITIZEN
from tenants.errors import Refusal
from tenants.languages import Language, Text

PROOF_COOKIE: Final = "hub_proof"
router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]
_HERE: Final = "/my-cases"
_LONGEST_COOKIE: Final = 1_000

_EMAIL: Final = Field(
    name="email",
    kind=QuestionKind.EMAIL,
    label=Text(ar="بريدك الإلكتروني", en="Your e-mail address"),
    hint=Text(ar="العنوان الذي كتبته عند الإبلاغ.", en="The address you gave when you reported."),
    autocomplete="email",
    keys="email",
    longest=254,
)
_CODE: Final = Field(
    name="code",
    kind=QuestionKind.NUMBER,
    label=Text(ar="الرمز", en="Code"),
    hint=Text(ar="ستة أرقام، بالأرقام العربية أو اللاتينية.", en="Six digits, Arabic or Latin."),
    autocomplete="one-time-code",
    keys="numeric",
    longest=40,
)
_NO_EMAIL: Final = Text(
    ar="هذا ليس بريدًا إلكترونيًا كاملًا. اكتبه كما كتبته عند الإبلاغ.",
    en="This is not a whole e-mail address. Write it as you did when you reported.",
)
# A list does not say whom a body waits for; it may be the reader.
_STATUSES: Final[Mapping[Status, Text]] = {
    **wording.STATUSES,
    Status.WAITING: Text(ar="في الانتظار", en="Waiting"),
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the browser keeps: the proof's secret, and the address until its code was entered."""

    secret: str = ""
    email: str = ""


@router.get("/my-cases")
def ask_for_email(visit: _Anybody) -> Response:
    """Ask for the address; where no mail is sent, say so."""
    return _email_page(visit, over=bool(visit.asked("over")), left=bool(visit.asked("left")))


@router.post("/my-cases")
def send_code(visit: _Anybody) -> Response:
    """Send a code, whether the hub knows the address or not."""
    visit.admitted()
    return _send(visit, visit.sent.value("email"))


@router.get("/my-cases/code")
def ask_for_code(visit: _Anybody) -> Response:
    """Ask for the code that was sent."""
    kept = _kept(visit)
    return _code_page(visit, kept) if kept.secret else visit.go_to(_HERE)


@router.post("/my-cases/code")
def take_code(visit: _Anybody) -> Response:
    """Open the list by the code; the same form sent twice opens it twice."""
    visit.admitted()
    kept, typed = _kept(visit), visit.sent.value("code")
    try:
        # Never with a case: the code alone marks no record as proved.
        enter_code(visit.database, kept.secret, typed, language=visit.language)
    except (NotACode, WrongCode) as refusal:
        return _code_page(visit, kept, refusal, typed)
    except CodeOver as refusal:
        if not _is_proven(visit, kept):
            return _code_page(visit, kept, refusal, typed)
    response = visit.go_to(f"{_HERE}/list")
    _keep(visit, response, _Kept(kept.secret))
    return response


@router.post("/my-cases/again")
def send_again(visit: _Anybody) -> Response:
    """Send another code to the same address; the one before opens nothing in this browser any more."""
    visit.admitted()
    email = _kept(visit).email
    return _send(visit, email) if email else visit.go_to(_HERE)


@router.get("/my-cases/list")
def list_cases(visit: _Anybody) -> Response:
    """The cases in which the proved address was given."""
    visit.admitted()
    try:
        proven = proven_cases(visit.database, _kept(visit).secret)
    except CodeOver:
        return visit.go_to(_HERE, over="yes")
    return visit.page(
        "my_cases/list.html",
        personal=True,
        email=proven.email,
        cases=[(each, grouped(each.number)) for each in proven.cases],
        statuses=_STATUSES,
        words=wording,
    )


@router.get("/my-cases/list/{number}")
def read_proven_case(visit: _Anybody, number: str) -> Response:
    """One case of the list, to be read; whatever is done with it asks for the PIN."""
    visit.admitted()
    try:
        opened = case_by_proof(visit.database, _kept(visit).secret, number)
    except CodeOver:
        return visit.go_to(_HERE, over="yes")
    with visit.database.unit_of_work(
        actor=CITIZEN, tenants=opened.tenants, case_id=opened.case_id, language=visit.language
    ) as context:
        case = case_for_citizen(context)
        happened = happenings_for_citizen(context)
    return visit.page(
        "my_cases/case.html",
        personal=True,
        case=case,
        number=grouped(case.number),
        tickets=sorted(case.tickets, key=lambda each: (each.status in ENDED, -each.opened_at.timestamp())),
        story={
            ticket.id: [each for each in happened if each.ticket_id == ticket.id] for ticket in case.tickets
        },
        words=wording,
    )


@router.post("/my-cases/forget")
def forget(visit: _Anybody) -> Response:
    """Have this browser forget the proof."""
    response = visit.go_to(_HERE, left="yes")
    for language in Language:
        visit.forget(response, PROOF_COOKIE, path=_path(language))
    return response


def _send(visit: Visit, email: str) -> Response:
    try:
        secret = ask_code(visit.database, email, address=read_address(visit.client), language=visit.language)
    except (EmailRefused, NoMailHere) as refusal:
        return _email_page(visit, typed=email, refusal=refusal)
    response = visit.go_to(f"{_HERE}/code")
    _keep(visit, response, _Kept(secret, email))
    return response


def _email_page(
    visit: Visit, *, typed: str = "", refusal: Refusal | None = None, over: bool = False, left: bool = False
) -> Response:
    field = replace(_EMAIL, values=(typed,) if typed else ())
    return visit.page(
        "my_cases/email.html",
        status=HTTPStatus.OK if refusal is None else status_of(refusal),
        personal=True,
        possible=mail_is_sent(),
        fields=[field if refusal is None else field.wrong(_why(refusal))],
        over=over,
        left=left,
    )


def _why(refusal: Refusal) -> Text:
    return _NO_EMAIL if isinstance(refusal, EmailRefused) else sentence_of(refusal)


def _code_page(visit: Visit, kept: _Kept, refusal: Refusal | None = None, typed: str = "") -> Response:
    field = replace(_CODE, values=(typed,) if typed else ())
    view: dict[str, Any] = {
        "fields": [field if refusal is None else field.wrong(sentence_of(refusal))],
        "email": kept.email,
    }
    status = HTTPStatus.OK if refusal is None else status_of(refusal)
    return visit.page("my_cases/code.html", status=status, personal=True, **view)


def _is_proven(visit: Visit, kept: _Kept) -> bool:
    try:
        proven_cases(visit.database, kept.secret)
    except CodeOver:
        return False
    return True


def _kept(visit: Visit) -> _Kept:
    presented = visit.request.cookies.get(PROOF_COOKIE, "")
    secret, _, email = presented[:_LONGEST_COOKIE].partition(".")
    try:
        return _Kept(secret, urlsafe_b64decode(email).decode())
    except ValueError:
        return _Kept(secret)


def _keep(visit: Visit, response: Response, kept: _Kept) -> None:
    """The cookie goes with the browser's window, and to these pages alone."""
    email = urlsafe_b64encode(kept.email.encode()).decode()
    for language in Language:
        visit.keep(response, PROOF_COOKIE, f"{kept.secret}.{email}", None, path=_path(language))


def _path(language: Language) -> str:
    return f"/{language.value}{_HERE}"
