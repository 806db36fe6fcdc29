"""The figures themselves: what is counted for each group of tickets, and what each number means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from tenants.languages import Text


class By(StrEnum):
    """What tickets may be grouped by."""

    TENANT = "tenant"
    SERVICE = "service"
    CHANNEL = "channel"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The figures of some tickets; hours are rounded to 4 places, shares to 6, and None is where nothing counts.

    The last two are known only as of a moment that was asked for.
    """

    count: int
    closed: int
    open: int
    with_closed_at: int
    closed_without_closed_at: int
    open_with_closed_at: int
    negative_durations: int
    durations_used: int
    hours_to_close_median: float | None
    hours_to_close_p90: float | None
    with_due: int
    due_and_closed_at: int
    due_met: int
    due_met_of_with_due: float | None
    due_met_of_closed_with_due: float | None
    open_overdue: int | None = None
    late_total: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The figures by name; those as of a moment only if there was one."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        if self.open_overdue is None:
            del values["open_overdue"], values["late_total"]
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a period, overall and by group, the largest group first.

    Groups are keyed by their English name, for programs; `names` has both languages, for people.
    """

    by: By
    since: datetime
    until: datetime
    now: datetime | None
    overall: Group
    groups: Mapping[str, Group]
    names: Mapping[str, Text]

    def as_dict(self) -> dict[str, Any]:
        """Everything for programs: definitions, overall, and `by_tenant`, `by_service` and so on."""
        overall = self.overall.as_dict()
        return {
            "definitions": {
                name: {"ar": DEFINITIONS[name].ar, "en": DEFINITIONS[name].en} for name in overall
            },
            "overall": overall,
            f"by_{self.by}": {key: group.as_dict() for key, group in self.groups.items()},
        }


# Of New York's and Boston's published figures, with words for what the hub's own tickets have besides.
DEFINITIONS: dict[str, Text] = {
    "count": Text(
        ar="التذاكر التي فُتحت في المدة، من بدايتها وحتى ما قبل نهايتها. وتُحسب التذكرة المحوّلة إلى جهة أخرى لدى"
        " كل جهة عملت عليها.",
        en="Tickets opened in the period, from its beginning up to but without its end. One that was transferred"
        " counts at every body that had it.",
    ),
    "closed": Text(
        ar="التذاكر المنتهية: المغلقة والمرفوضة والمحفوظة والمحوّلة والمسحوبة.",
        en="Tickets that have ended: closed, rejected, archived, transferred or withdrawn.",
    ),
    "open": Text(ar="سائر التذاكر.", en="All other tickets."),
    "with_closed_at": Text(
        ar="التذاكر التي لها وقت إنجاز: وقت حلّ الجهة لها، وإلا فوقت إغلاقها. فمدة صمت المواطن بعد الحل لا تُحسب"
        " على الجهة.",
        en="Tickets with a closing time: when the body resolved them, else when they were closed. The time a citizen"
        " stays silent after that is not the body's.",
    ),
    "closed_without_closed_at": Text(
        ar="التذاكر المنتهية التي لا يُعرف وقت إنجازها.", en="Tickets that have ended without a closing time."
    ),
    "open_with_closed_at": Text(
        ar="التذاكر غير المنتهية التي لها وقت إنجاز، ومنها ما حلّته الجهة وينتظر رأي المواطن.",
        en="Tickets that have not ended and have a closing time, such as those resolved and waiting for the"
        " citizen's word.",
    ),
    "negative_durations": Text(
        ar="التذاكر التي يسبق وقتُ إنجازها وقتَ فتحها، أيًّا كانت حالتها.",
        en="Tickets whose closing time is before their opening, whatever their status.",
    ),
    "durations_used": Text(
        ar="التذاكر المنتهية التي لا يسبق وقتُ إنجازها وقتَ فتحها؛ ومنها يُحسب الوسيط والمئين التسعون.",
        en="Tickets that have ended, with a closing time not before their opening: the median and the 90th"
        " percentile are theirs.",
    ),
    "hours_to_close_median": Text(
        ar="وسيط الساعات من الفتح إلى الإنجاز بالتوقيت الجاري دون تقويم عمل، باستيفاء خطي.",
        en="Median of the hours from opening to closing time, by the clock and without a business calendar, with"
        " linear interpolation.",
    ),
    "hours_to_close_p90": Text(
        ar="المئين التسعون لتلك الساعات، باستيفاء خطي.",
        en="The 90th percentile of the same hours, with linear interpolation.",
    ),
    "with_due": Text(
        ar="التذاكر التي لها موعد حل، عدا ما توقف موعده لأن التذكرة سُحبت أو حُفظت أو حُوّلت أو ضُمّت إلى غيرها.",
        en="Tickets with a deadline for their resolution, without those whose deadline lost its purpose because the"
        " ticket was withdrawn, archived, transferred or joined to another.",
    ),
    "due_and_closed_at": Text(
        ar="ما له موعد ووقت إنجاز معًا.", en="Those with a deadline and a closing time."
    ),
    "due_met": Text(
        ar="ما أُنجز في موعده أو قبله.", en="Those whose closing time is not after their deadline."
    ),
    "due_met_of_with_due": Text(
        ar="نسبة ما أُنجز في موعده إلى كل ما له موعد.", en="due_met as a share of with_due."
    ),
    "due_met_of_closed_with_due": Text(
        ar="نسبة ما أُنجز في موعده إلى ما له موعد ووقت إنجاز.", en="due_met as a share of due_and_closed_at."
    ),
    "open_overdue": Text(
        ar="التذاكر غير المنتهية التي لا وقت إنجاز لها وفات موعدها في اللحظة المطلوبة، عدا ما توقف موعده في انتظار"
        " رد.",
        en="Tickets that have not ended, have no closing time, and whose deadline was before the moment asked for;"
        " not those whose deadline rests while an answer is awaited.",
    ),
    "late_total": Text(
        ar="التذاكر التي أُنجزت بعد موعدها، أو لم تُنجز بعد وفات موعدها في اللحظة المطلوبة.",
        en="Tickets closed after their deadline, or without a closing time when their deadline was before the moment"
        " asked for.",
    ),
}
