"""What the demonstration refuses."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class DemoNeedsItsOwnDatabase(Refusal):
    """DATABASE_URL names a server that somebody works with; invented cases must not be mixed with real ones."""

    says = Text(
        ar="يعمل العرض على قاعدة بيانات خاصة به حتى لا تختلط حالاته الافتراضية بالحالات الحقيقية. ألغِ المتغير"
        " DATABASE_URL ثم أعد المحاولة.",
        en="The demonstration works on a database of its own, so that its invented cases never mix with real ones."
        " Unset DATABASE_URL and try again.",
    )
