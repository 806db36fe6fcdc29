"""A citizen says how an agency dealt with their case, and may change their mind for a while."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends
from starlette.responses import Response

from hub.digits import latin_digits
from hub.forms.shape import Option, QuestionKind
from hub.ratings.actions import rate
from hub.ratings.errors import BadStars
from hub.ratings.queries import may_rate, rating_of
from hub.tickets.access import ticket_for
from hub.tickets.errors import BadText, TooLong
from hub.tickets.numbers import grouped
from hub.web.faces import sentence_of
from hub.web.fields import Field
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal.guards import CitizenOfCase
from portal.pages.identifiers import id_in
from tenants.languages import Text

router = page_router()
_Citizen = Annotated[Visit, Depends(CitizenOfCase())]
_MOST_WORDS: Final = 2_000
_STARS: Final = (
    Option.model_validate({"value": "5", "label": {"ar": "ممتاز", "en": "Very good"}}),
    Option.model_validate({"value": "4", "label": {"ar": "جيد", "en": "Good"}}),
    Option.model_validate({"value": "3", "label": {"ar": "مقبول", "en": "Fair"}}),
    Option.model_validate({"value": "2", "label": {"ar": "ضعيف", "en": "Poor"}}),
    Option.model_validate({"value": "1", "label": {"ar": "سيئ", "en": "Very poor"}}),
)
STARS_IN_WORDS: Final = {int(each.value): each.label for each in _STARS}


@router.get("/cases/{number}/tickets/{ticket}/rate")
def ask_for_rating(visit: _Citizen, number: str, ticket: str) -> Response:
    """Ask, with what was said before; back to the case where there is nothing to be rated."""
    with visit.work() as context:
        found = ticket_for(context, id_in(ticket))
        possible, rating = may_rate(context, found), rating_of(context, found)
    if not possible:
        return visit.go_to(f"/cases/{number}")
    stars, comment = ("", "") if rating is None else (str(rating.stars), rating.comment or "")
    return _page(visit, number, ticket, stars, comment)


@router.post("/cases/{number}/tickets/{ticket}/rate")
def take_rating(visit: _Citizen, number: str, ticket: str) -> Response:
    """Keep it; the same again changes nothing."""
    stars, comment = latin_digits(visit.sent.value("stars")), visit.sent.value("comment")
    try:
        with visit.work() as context:
            rate(
                context,
                id_in(ticket),
                stars=int(stars) if stars in {each.value for each in _STARS} else 0,
                comment=comment or None,
            )
    except BadStars:
        return _page(visit, number, ticket, "", comment, wrong=("stars", _CHOOSE))
    except (TooLong, BadText) as refusal:
        return _page(visit, number, ticket, stars, comment, wrong=("comment", sentence_of(refusal)))
    return visit.go_to(f"/cases/{number}", done="rate")


_CHOOSE: Final = Text(ar="اختر تقييمًا واحدًا.", en="Choose one of the five.")


def _page(
    visit: Visit,
    number: str,
    ticket: str,
    stars: str,
    comment: str,
    *,
    wrong: tuple[str, Text] | None = None,
) -> Response:
    fields = [
        Field(
            name="stars",
            kind=QuestionKind.CHOICE,
            label=Text(ar="كيف تعاملت الجهة مع حالتك؟", en="How did the agency deal with your case?"),
            options=_STARS,
            values=(stars,) if stars else (),
        ),
        Field(
            name="comment",
            kind=QuestionKind.LONG_TEXT,
            label=Text(ar="ما الذي أعجبك أو لم يعجبك؟", en="What was good, what was not?"),
            required=False,
            values=(comment,) if comment else (),
            longest=_MOST_WORDS,
        ),
    ]
    shown = [each.wrong(wrong[1]) if wrong and each.name == wrong[0] else each for each in fields]
    status = HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return visit.page(
        "cases/rate.html",
        status=status,
        personal=True,
        number=number,
        shown=grouped(number),
        ticket=ticket,
        fields=shown,
    )
