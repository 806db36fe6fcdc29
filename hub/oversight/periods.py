"""Periods as people write them: dates and date-times, in a zone or with an offset of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from hub.digits import latin_digits
from hub.oversight.errors import EmptyPeriod, ImpossibleMoment, UnknownZone

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment on, up to but without another; both in UTC."""

    since: datetime
    until: datetime


def read_zone(name: str) -> ZoneInfo:
    """The time zone of a name such as `Africa/Cairo`. Raises `UnknownZone`."""
    if name not in available_timezones():
        raise UnknownZone(field="zone", zone=name[:80])
    return ZoneInfo(name)


def read_moment(name: str, given: str, zone: ZoneInfo) -> datetime:
    """The moment that a date (its midnight) or date-time names, in UTC.

    It is local to the zone unless it has an offset. Arabic digits count. Raises `ImpossibleMoment`, naming the
    option that it was given for.
    """
    moment = _moment(latin_digits(given.strip()), zone)
    if moment is None:
        raise ImpossibleMoment(field=name, name=name, value=given[:40])
    return moment


def _moment(given: str, zone: ZoneInfo) -> datetime | None:
    if not _MOMENT.fullmatch(given):
        return None
    try:
        moment = datetime.fromisoformat(given)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_period(since: str, until: str, zone: ZoneInfo) -> Period:
    """The period between two moments. Raises `ImpossibleMoment` and `EmptyPeriod`."""
    period = Period(read_moment("from", since, zone), read_moment("to", until, zone))
    if period.until <= period.since:
        raise EmptyPeriod(field="to", since=since[:40], until=until[:40])
    return period
