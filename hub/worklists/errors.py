"""Why the hub will not show a list."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class WrongCursor(Refusal):
    """The cursor was not given out for this list: cut off, made up, or of other filters or another order."""

    says = Text(
        ar="لا يمكن متابعة القائمة من هذا الموضع. ابدأ من الصفحة الأولى.",
        en="The list cannot be continued from there. Start again from its first page.",
    )


class WrongLimit(Refusal):
    """More rows at once than a page holds, or none."""

    says = Text(
        ar="عدد الصفوف المطلوب غير ممكن: اختر من 1 إلى {most}.",
        en="A page cannot have that many rows: choose from 1 to {most}.",
    )
