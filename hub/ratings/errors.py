"""Why a rating is not taken."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class NotToBeRatedYet(Refusal):
    """The body has not said that it is solved."""

    says = Text(
        ar="يمكنك التقييم بعد أن تقول الجهة إنها حلّت طلبك أو بعد إغلاقه.",
        en="You can rate this once the agency says it is solved, or after it is closed.",
    )


class BadStars(Refusal):
    """Not a whole number of stars from one to five."""

    says = Text(
        ar="اختر تقييمًا من 1 إلى 5.",
        en="Please choose a rating from 1 to 5.",
    )


class RatingSettled(Refusal):
    """The time for changing one's mind is over."""

    says = Text(
        ar="سُجّل تقييمك من قبل، وكان تعديله ممكنًا حتى {until}.",
        en="You have rated this already; it could be changed until {until}.",
    )
