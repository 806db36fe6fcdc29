"""What the portal refuses, in the words of whoever sees it."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class CaseNotOpen(Refusal):
    """A page of a case was asked for by a browser that has not opened it, or whose time with it is over."""

    says = Text(
        ar="لفتح هذه الحالة اكتب رقمها السري. نطلبه مرة أخرى بعد مدة حتى لا يراها غيرك على هذا الجهاز.",
        en="To open this case, type its PIN. We ask again after a while, so that nobody else sees it on this device.",
    )
