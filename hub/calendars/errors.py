"""Refusals about calendars."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class BrokenCalendar(Refusal):
    """A calendar as it was written down cannot be used; `place` and `reason` say where and why."""

    says = Text(
        ar="لا يمكن استخدام تقويم العمل، والخلل في {place}: {reason}",
        en="The calendar cannot be used; the fault is in {place}: {reason}",
    )


class NoWorkingTimeLeft(Refusal):
    """The calendar never opens again, or not long enough, within the years that are searched."""

    says = Text(
        ar="لا يتسع تقويم العمل «{calendar}» للوقت المطلوب بعد {after}.",
        en="The calendar “{calendar}” does not hold the working time needed after {after}.",
    )
