"""Refusals of routing."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class BrokenRouting(Refusal):
    """A tenant's routing rules cannot be kept as they are written.

    `path` leads to the broken place in the data (`(2, "when", "service")`: the third rule), `reason`
    says what is wrong with it.
    """

    says = Text(
        ar="قواعد التوجيه لا تصلح عند «{place}»: {reason}",
        en="The routing rules are broken at “{place}”: {reason}",
    )

    def __init__(self, path: tuple[str | int, ...], reason: Text) -> None:
        self.path = path
        self.reason = reason
        place = "rules"
        for step in path:
            place += f"[{step}]" if isinstance(step, int) else f".{step}"
        super().__init__(field=place, place=place, reason=reason)
