"""What the hub refuses when figures are asked for."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class ImpossibleMoment(Refusal):
    """A text that names no moment of any calendar, or not the way moments are written here."""

    says = Text(
        ar="القيمة «{value}» في «{name}» ليست تاريخًا؛ اكتبها على النحو 2016-01-13 أو 2016-01-13T08:30.",
        en="“{value}” in “{name}” is not a date; write it like 2016-01-13 or 2016-01-13T08:30.",
    )


class EmptyPeriod(Refusal):
    """A period that ends before it has begun."""

    says = Text(
        ar="نهاية المدة «{until}» ليست بعد بدايتها «{since}».",
        en="The period's end, “{until}”, is not after its beginning, “{since}”.",
    )


class UnknownZone(Refusal):
    """There is no such time zone."""

    says = Text(ar="المنطقة الزمنية «{zone}» غير معروفة.", en="The time zone “{zone}” is not known.")


class UnknownBody(Refusal):
    """No body with figures has this code or short name."""

    says = Text(
        ar="لا توجد على المنصة جهة عاملة بالرمز أو الاسم «{name}».",
        en="No body at work on the hub has the code or name “{name}”.",
    )
