"""The steps that explain a deadline, and the telling of many like days in a row as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from hub.calendars.working_time import Span, WorkingTime
from hub.sla.wording import day_in_words, duration_in_words, hours_in_words, sentence
from tenants.languages import Text

# More like days than this in a row are told as one.
LONGEST_RUN = 14

_NOTHING = timedelta(0)


class StepKind(StrEnum):
    """What a step of an explanation tells."""

    TARGET = "target"
    START = "start"
    WORKING_DAY = "working_day"
    CLOSED_DAY = "closed_day"
    HOLIDAY = "holiday"
    LIKE_DAYS = "like_days"
    PAUSE = "pause"
    DEADLINE = "deadline"
    NO_DEADLINE = "no_deadline"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a sentence for people, the same in figures for programs.

    `first_day` and `last_day` are local dates, `spans` the stretches counted on them, `counted` their working
    time, `total` the working time counted up to the end of this step, `taken` the working time that a pause
    kept from counting, `at` the instant the step is about.
    """

    kind: StepKind
    text: Text
    first_day: date | None = None
    last_day: date | None = None
    spans: tuple[Span, ...] = ()
    counted: timedelta = _NOTHING
    total: timedelta = _NOTHING
    taken: timedelta = _NOTHING
    at: datetime | None = None


@dataclass(slots=True)
class _Run:
    """Days in a row that follow one weekly pattern, not yet told."""

    steps: list[Step] = field(default_factory=list)
    pattern: dict[int, tuple[Text, timedelta]] = field(default_factory=dict)


def summarised(calendar: WorkingTime, steps: Iterator[Step]) -> Iterator[Step]:
    """The steps, with each long run of days that follow one weekly pattern told as one."""
    run = _Run()
    for step in steps:
        day = step.first_day
        if day is None or step.kind is StepKind.HOLIDAY:
            yield from _told(run)
            run = _Run()
            yield step
            continue
        shape = (hours_in_words(step.spans, calendar.zone, day), step.counted)
        previous = run.steps[-1].first_day if run.steps else None
        follows = previous is None or previous + timedelta(days=1) == day
        if not follows or run.pattern.setdefault(day.weekday(), shape) != shape:
            yield from _told(run)
            run = _Run(pattern={day.weekday(): shape})
        run.steps.append(step)
    yield from _told(run)


def _told(run: _Run) -> list[Step]:
    if len(run.steps) <= LONGEST_RUN:
        return run.steps
    first, last = run.steps[0], run.steps[-1]
    working = [step for step in run.steps if step.kind is StepKind.WORKING_DAY]
    counted = sum((step.counted for step in working), start=_NOTHING)
    if first.first_day is None or last.last_day is None:
        raise ValueError("a run is made of days")
    text = sentence(
        ar="من {first} إلى {last}، على النمط الأسبوعي نفسه: أيام العمل {working}، وأيام غير العمل {closed}؛ "
        "المدة المحتسبة: {counted}، والإجمالي: {total}.",
        en="From {first} to {last}, the same every week: working days {working}, other days {closed}; "
        "{counted} counted, {total} in all.",
        first=day_in_words(first.first_day),
        last=day_in_words(last.last_day),
        working=len(working),
        closed=len(run.steps) - len(working),
        counted=duration_in_words(counted),
        total=duration_in_words(last.total),
    )
    return [
        Step(
            StepKind.LIKE_DAYS,
            text,
            first_day=first.first_day,
            last_day=last.last_day,
            counted=counted,
            total=last.total,
        )
    ]
