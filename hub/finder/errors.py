"""Why the finder refuses; a text that somebody typed is never refused."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class UnknownLifeEvent(Refusal):
    """There is no event of a life by this code."""

    says = Text(
        ar="لا توجد مرحلة من مراحل الحياة بالرمز «{code}».",
        en="There is no life event with the code “{code}”.",
    )


class WrongNumberOfServices(Refusal):
    """More services at once than are shown together, or none."""

    says = Text(
        ar="عدد الخدمات المطلوب غير ممكن: اختر من 1 إلى {most}.",
        en="That many services cannot be shown at once: choose from 1 to {most}.",
    )
