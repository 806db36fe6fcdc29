"""Service levels: what is promised, to whom it is escalated, and which of several promises applies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from itertools import pairwise
from uuid import UUID

from hub.sla.errors import BrokenServiceLevel
from hub.vocabulary import Priority
from tenants.languages import Text

# Two working years of 250 days of 8 hours.
LONGEST_TARGET = timedelta(hours=2 * 250 * 8)
HIGHEST_RUNG = 1000
BREACHED = 100

_EASTERN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_DURATION = re.compile(r"(?:(?P<hours>[0-9]{1,5})h)?(?:(?P<minutes>[0-9]{1,6})m)?")
_SPEAKS_OF_DAYS = re.compile(r"[0-9]\s*(?:d|w|days?|weeks?|يوم|أيام|ايام|أسبوع|أسابيع)", re.IGNORECASE)
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_MINUTES_IN_AN_HOUR = 60


class ClockKind(StrEnum):
    """What a clock measures."""

    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the escalation ladder: at so many percent of the target, people of a role are told.

    Raises `BrokenServiceLevel` for a percentage outside 1 to 1000 or a name that cannot be a role's.
    """

    at: int
    tells: str

    def __post_init__(self) -> None:
        if not 1 <= self.at <= HIGHEST_RUNG:
            raise _broken(
                "ladder",
                Text(ar="سلّم التصعيد", en="the escalation ladder"),
                Text(
                    ar=f"الدرجة {self.at} خارج المدى من 1 إلى {HIGHEST_RUNG} في المئة.",
                    en=f"the rung at {self.at} is outside 1 to {HIGHEST_RUNG} percent.",
                ),
            )
        if not _ROLE.fullmatch(self.tells):
            raise _broken(
                "ladder",
                Text(ar="سلّم التصعيد", en="the escalation ladder"),
                Text(
                    ar=f"الدرجة {self.at} لا تسمّي دورًا صحيحًا، مثل team_lead.",
                    en=f"the rung at {self.at} does not name a role, such as team_lead.",
                ),
            )


# "Approaching" from 80 percent, and three rungs, as in the field (Zammad, Frappe, DIGIT).
DEFAULT_LADDER = (
    Rung(at=80, tells="follow_up_officer"),
    Rung(at=BREACHED, tells="team_lead"),
    Rung(at=150, tells="manager"),
)


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """One promise of a tenant: targets in working time, for a service and a priority or for all.

    Without `service_id` it holds for every service of the tenant, without `priority` for every priority.
    `case` is the citizen's own clock, which only the hub's levels can set. Raises `BrokenServiceLevel` when
    it cannot be kept to.
    """

    id: UUID
    version: int
    tenant_id: UUID
    service_id: UUID | None
    priority: Priority | None
    first_response: timedelta | None
    resolution: timedelta | None
    calendar_id: UUID
    ladder: tuple[Rung, ...] = DEFAULT_LADDER
    case: timedelta | None = None

    def __post_init__(self) -> None:
        if self.version < 1:
            raise _broken(
                "version",
                Text(ar="رقم النسخة", en="the version"),
                Text(ar="تبدأ النسخ من 1.", en="versions begin at 1."),
            )
        _check_targets(self.first_response, self.resolution, self.case)
        check_ladder(self.ladder)

    def target(self, kind: ClockKind) -> timedelta | None:
        """The working time promised for a kind of clock, if any."""
        if kind is ClockKind.FIRST_RESPONSE:
            return self.first_response
        return self.resolution if kind is ClockKind.RESOLUTION else self.case


def check_ladder(ladder: Iterable[Rung]) -> None:
    """Raise `BrokenServiceLevel` unless rungs ascend and one of them is the breach itself."""
    rungs = [rung.at for rung in ladder]
    place = Text(ar="سلّم التصعيد", en="the escalation ladder")
    for lower, higher in pairwise(rungs):
        if higher <= lower:
            raise _broken(
                "ladder",
                place,
                Text(
                    ar=f"الدرجة {higher} يجب أن تكون أعلى من الدرجة {lower} التي قبلها.",
                    en=f"the rung at {higher} must be higher than the one before it, at {lower}.",
                ),
            )
    if BREACHED not in rungs:
        raise _broken(
            "ladder",
            place,
            Text(
                ar="لا بد من درجة عند 100، وهي لحظة تجاوز الموعد.",
                en="there must be a rung at 100, the moment the deadline is missed.",
            ),
        )


class Source(IntEnum):
    """Where a target came from, the nearest first: the precedence of targets."""

    SERVICE_AT_PRIORITY = 1
    SERVICE = 2
    TENANT_AT_PRIORITY = 3
    TENANT = 4
    HUB_AT_PRIORITY = 5
    HUB = 6

    @property
    def says(self) -> Text:
        """The sentence that tells a reader of a deadline where its target came from."""
        return _SOURCES[self]


_SOURCES: Mapping[Source, Text] = {
    Source.SERVICE_AT_PRIORITY: Text(
        ar="هذا هو هدف الخدمة نفسها لهذه الأولوية.", en="This is the service's own target for this priority."
    ),
    Source.SERVICE: Text(ar="هذا هو هدف الخدمة نفسها.", en="This is the service's own target."),
    Source.TENANT_AT_PRIORITY: Text(
        ar="هذا هو هدف الجهة لهذه الأولوية في جميع خدماتها.",
        en="This is the body's target for this priority, for all its services.",
    ),
    Source.TENANT: Text(
        ar="هذا هو الهدف العام للجهة.", en="This is the body's general target, for all its services."
    ),
    Source.HUB_AT_PRIORITY: Text(
        ar="هذا هو الحد الأدنى الذي تضعه المنظومة لهذه الأولوية على جميع الجهات.",
        en="This is the hub's floor for this priority, for all bodies.",
    ),
    Source.HUB: Text(
        ar="هذا هو الحد الأدنى العام الذي تضعه المنظومة على جميع الجهات.",
        en="This is the hub's general floor, for all bodies.",
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The target that applies to one clock, the level it stands in, and why that level was chosen."""

    kind: ClockKind
    target: timedelta
    level: ServiceLevel
    source: Source


def choose_level(
    levels: Iterable[ServiceLevel],
    *,
    tenant_id: UUID,
    service_id: UUID | None,
    priority: Priority,
    hub_tenant_id: UUID,
) -> dict[ClockKind, Choice | None]:
    """Which target applies to each kind of clock of a ticket, and why.

    The nearest level that has a target for the kind wins: the service's own (at the priority, then at any),
    the tenant's (likewise), the hub's floor (likewise). So a level that promises a first response only leaves
    the resolution to the next. The case is the citizen's and outlives a transfer: its target is the hub's
    alone. A kind is None only when no level has a target for it. Of several levels on one step the latest
    version counts; levels of other tenants are ignored.
    """
    found: dict[ClockKind, Choice | None] = dict.fromkeys(ClockKind)
    for level in levels:
        source = _source_of(level, tenant_id, service_id, priority, hub_tenant_id)
        if source is None:
            continue
        for kind in ClockKind:
            target = level.target(kind)
            if target is None or (kind is ClockKind.CASE and source not in _THE_HUBS):
                continue
            choice, rival = Choice(kind, target, level, source), found[kind]
            if rival is None or _rank(choice) < _rank(rival):
                found[kind] = choice
    return found


_THE_HUBS = (Source.HUB_AT_PRIORITY, Source.HUB)


def _source_of(
    level: ServiceLevel, tenant_id: UUID, service_id: UUID | None, priority: Priority, hub_tenant_id: UUID
) -> Source | None:
    if level.priority not in (None, priority):
        return None
    if level.service_id is not None:
        if level.tenant_id != tenant_id or level.service_id != service_id:
            return None
        steps = Source.SERVICE, Source.SERVICE_AT_PRIORITY
    elif level.tenant_id == hub_tenant_id:
        steps = Source.HUB, Source.HUB_AT_PRIORITY
    elif level.tenant_id == tenant_id:
        steps = Source.TENANT, Source.TENANT_AT_PRIORITY
    else:
        return None
    return steps[0] if level.priority is None else steps[1]


def _rank(choice: Choice) -> tuple[int, int, UUID]:
    return choice.source, -choice.level.version, choice.level.id


def parse_duration(text: str, *, field: str = "duration") -> timedelta:
    """The working time that a pack writes as "90m", "4h" or "2h30m", in Latin or Arabic-Indic digits.

    Days are refused on purpose: a working day has no fixed length. Raises `BrokenServiceLevel`, naming
    `field`.
    """
    plain = text.strip().translate(_EASTERN_DIGITS)
    place = Text(ar=f"«{text.strip()[:40]}»", en=f"“{text.strip()[:40]}”")
    if _SPEAKS_OF_DAYS.search(plain):
        raise _broken(
            field,
            place,
            Text(
                ar="لا تُقبل المدد بالأيام، لأن يوم العمل ليس له طول ثابت؛ اكتبها بساعات العمل، مثل 16h.",
                en="days are not accepted, because a working day has no fixed length; "
                "write working hours, such as 16h.",
            ),
        )
    parts = _DURATION.fullmatch(plain)
    if parts is None or not plain:
        raise _broken(
            field,
            place,
            Text(
                ar="تُكتب المدة بالساعات والدقائق، مثل 90m أو 4h أو 2h30m.",
                en="a duration is written in hours and minutes, such as 90m, 4h or 2h30m.",
            ),
        )
    hours, minutes = int(parts["hours"] or 0), int(parts["minutes"] or 0)
    if parts["hours"] and minutes >= _MINUTES_IN_AN_HOUR:
        raise _broken(
            field,
            place,
            Text(
                ar="الدقائق بعد الساعات لا تتجاوز 59.",
                en="the minutes that follow hours go up to 59.",
            ),
        )
    duration = timedelta(hours=hours, minutes=minutes)
    _check_target(field, place, duration)
    return duration


def format_duration(duration: timedelta) -> str:
    """Working time as packs write it, the inverse of `parse_duration`; whole minutes only (ValueError)."""
    minutes, rest = divmod(duration, timedelta(minutes=1))
    if rest or minutes <= 0:
        raise ValueError(f"{duration} is not a whole, positive number of minutes")
    hours, minutes = divmod(minutes, _MINUTES_IN_AN_HOUR)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "")


def _check_targets(
    first_response: timedelta | None, resolution: timedelta | None, case: timedelta | None
) -> None:
    if first_response is None and resolution is None and case is None:
        raise _broken(
            "resolution",
            Text(ar="الأهداف", en="the targets"),
            Text(ar="لا بد من هدف واحد على الأقل.", en="there must be at least one."),
        )
    if first_response is not None:
        _check_target("first_response", Text(ar="هدف أول رد", en="the first-response target"), first_response)
    if resolution is not None:
        _check_target("resolution", Text(ar="هدف الحل", en="the resolution target"), resolution)
    if case is not None:
        _check_target("case", Text(ar="هدف الحالة كلها", en="the target of the whole case"), case)
    if first_response is not None and resolution is not None and first_response > resolution:
        raise _broken(
            "first_response",
            Text(ar="هدف أول رد", en="the first-response target"),
            Text(ar="يجب ألا يتجاوز هدف الحل.", en="it must not be longer than the resolution target."),
        )


def _check_target(field: str, place: Text, target: timedelta) -> None:
    if target <= timedelta(0):
        raise _broken(
            field, place, Text(ar="يجب أن تكون المدة أكبر من صفر.", en="the time must be more than zero.")
        )
    if target > LONGEST_TARGET:
        hours = LONGEST_TARGET // timedelta(hours=1)
        raise _broken(
            field,
            place,
            Text(
                ar=f"يجب ألا تتجاوز المدة {hours} ساعة عمل، أي سنتي عمل.",
                en=f"the time must be at most {hours} working hours, which is two working years.",
            ),
        )


def _broken(field: str, place: Text, reason: Text) -> BrokenServiceLevel:
    return BrokenServiceLevel(field=field, place=place, reason=reason)
