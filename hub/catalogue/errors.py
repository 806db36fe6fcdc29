"""What the hub refuses about services and the bodies that offer them."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class UnknownService(Refusal):
    """The body offers no service under this code, or no longer."""

    says = Text(
        ar="لا تقدّم هذه الجهة خدمة بالرمز «{code}».", en="This body offers no service with the code “{code}”."
    )


class UnknownTenant(Refusal):
    """No body works on the hub under this code."""

    says = Text(
        ar="لا توجد جهة عاملة على المنصة بالرمز «{code}».",
        en="No body works on the hub under the code “{code}”.",
    )


class UnknownReference(Refusal):
    """A service names something of its tenant that is not there."""

    says = Text(
        ar="الرمز «{code}» في «{name}» غير معروف لدى هذه الجهة.",
        en="The code “{code}” in “{name}” is not known to this body.",
    )
