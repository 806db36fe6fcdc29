"""Refusals about service levels."""

from __future__ import annotations

from tenants.errors import NotFound, Refusal
from tenants.languages import Text


class BrokenServiceLevel(Refusal):
    """A service level as it was written down cannot be used; `place` and `reason` say where and why."""

    says = Text(
        ar="لا يمكن استخدام مستوى الخدمة، والخلل في {place}: {reason}",
        en="The service level cannot be used; the fault is in {place}: {reason}",
    )


class UnknownInLevel(Refusal):
    """A service level names a service or calendar that the tenant does not have."""

    says = Text(
        ar="الرمز «{code}» في مستويات الخدمة غير معروف لدى هذه الجهة.",
        en="The code “{code}” in the service levels is not known to this body.",
    )


class TwoOfOneLevel(Refusal):
    """Two service levels promise for the same service and priority."""

    says = Text(
        ar="يوجد مستويان للخدمة «{service}» والأولوية «{priority}»؛ يكفي واحد.",
        en="There are two levels for the service “{service}” and the priority “{priority}”; one is enough.",
    )


class CaseTargetIsTheHubs(Refusal):
    """A tenant tried to set the citizen's own clock."""

    says = Text(
        ar="موعد المواطن على الحالة كلها تحدده المنظومة وحدها.",
        en="The citizen's deadline for the whole case is set by the hub alone.",
    )


class NoGeneralLevel(Refusal):
    """Without a general level some tickets would have no deadline."""

    says = Text(
        ar="لا بد من مستوى عام، بلا خدمة ولا أولوية، يحدد موعدي الرد الأول والحل.",
        en="There must be a general level, for no service and no priority, with a first response and a resolution.",
    )


class DeadlineWasGiven(NotFound):
    """Somebody asked why a deadline is when it is that came from another system without a reason."""

    says = Text(
        ar="هذا الموعد منقول من نظام سابق كما هو، ولا يتوفر شرح لطريقة حسابه.",
        en="This deadline was taken over from an earlier system as it was; how it was reckoned is not known.",
    )
