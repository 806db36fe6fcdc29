"""Quotas: how often something may be done within a span of time, and how callers are told where they stand.

Counted by a sliding window: what was taken in the current window of the clock, and of the window before it the share
that the last span still covers. So the turn of a window does not let through twice the quota at once: in any time `d`
at most `quota * (1 + d / span)` get through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `quota` within any `seconds`; `name` is what callers read in the headers."""

    name: str
    quota: int
    seconds: int

    @property
    def span(self) -> int:
        """The span in microseconds, in which all of this is counted exactly."""
        return self.seconds * MICROSECONDS


@dataclass(frozen=True, slots=True)
class Count:
    """What was taken in the window before, what in this one, and how many microseconds this one is old."""

    before: int
    taken: int
    elapsed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands with a limit; `reset_seconds` later more is to be had than now."""

    limit: Limit
    remaining: int
    reset_seconds: int
    refused: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one attempt: it counts for all of its limits, or for none of them if one refuses."""

    standings: tuple[Standing, ...]

    @property
    def refused(self) -> bool:
        """Whether one of the limits is used up."""
        return any(each.refused for each in self.standings)

    @property
    def retry_after_seconds(self) -> int | None:
        """When another attempt can succeed, if nobody else takes anything; None if this one did."""
        return max((each.reset_seconds for each in self.standings if each.refused), default=None)

    def headers(self) -> dict[str, str]:
        """The headers that tell a caller of all this.

        `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-10 (September 2025), where `t`
        is the time until more quota is made available; `Retry-After` as in RFC 9110, 10.2.3.
        """
        if not self.standings:
            return {}
        told = {
            "RateLimit-Policy": ", ".join(
                f'"{each.limit.name}";q={each.limit.quota};w={each.limit.seconds}' for each in self.standings
            ),
            "RateLimit": ", ".join(
                f'"{each.limit.name}";r={each.remaining};t={each.reset_seconds}' for each in self.standings
            ),
        }
        if self.retry_after_seconds is not None:
            told["Retry-After"] = str(self.retry_after_seconds)
        return told


def remaining(limit: Limit, count: Count) -> int:
    """How many more may be taken now."""
    used = count.before * (limit.span - count.elapsed) + count.taken * limit.span
    return max((limit.quota * limit.span - used) // limit.span, 0)


def until_more(limit: Limit, count: Count) -> int:
    """The microseconds until one more may be taken than now, if nobody takes anything meanwhile."""
    # So much of the quota may be used for that.
    wanted = limit.quota - remaining(limit, count) - 1
    if wanted < 0:
        return 0
    rest = limit.span - count.elapsed
    if count.taken <= wanted:
        # Enough of the window before will have slid out of the span while this one lasts.
        still = (wanted - count.taken) * limit.span
        return max(rest - still // count.before, 0) if count.before else 0
    return rest + limit.span - wanted * limit.span // count.taken


def standings(limits: Sequence[Limit], counts: Sequence[Count], refused: Sequence[bool]) -> Taken:
    """What came of an attempt, from the counts after it."""
    return Taken(
        tuple(
            Standing(limit, remaining(limit, count), -(-until_more(limit, count) // MICROSECONDS), spent)
            for limit, count, spent in zip(limits, counts, refused, strict=True)
        )
    )
