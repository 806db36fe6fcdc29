"""Why this deadline: every step of a clock's reckoning, in order, as sentences and as figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hub.calendars.working_time import LocalDay, Span, WorkingTime
from hub.sla.deadlines import ClockState, Pause, due_at, is_late, remaining, running_spans, spent
from hub.sla.levels import Choice
from hub.sla.steps import Step, StepKind, summarised
from hub.sla.wording import day_in_words, duration_in_words, hours_in_words, moment_in_words, sentence
from tenants.languages import Text

_NOTHING = timedelta(0)
_RESTED: Mapping[str, Text] = {
    "citizen": Text(ar="في انتظار رد المواطن", en="waiting for the citizen"),
    "external": Text(ar="في انتظار جهة خارجية", en="waiting for an outside body"),
    "resolved": Text(ar="اعتبرتها الجهة محلولة", en="the body held it solved"),
    "halted": Text(ar="لم يكن العمل على الجهة", en="the work was not the body’s"),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A deadline with all that led to it, and how the clock stands at the instant it was asked."""

    steps: tuple[Step, ...]
    due_at: datetime | None
    spent: timedelta
    remaining: timedelta
    late: bool


def explain(
    calendar: WorkingTime,
    state: ClockState,
    at: datetime,
    *,
    choice: Choice | None = None,
    holiday_names: Mapping[date, Text] | None = None,
    versioned: bool = True,
) -> Explanation:
    """Every step from the target to the deadline, for whoever asks why it is when it is.

    First the target and, with `choice`, where it came from, `versioned` also from which version; then the start; then
    in order each local day with the working time counted on it, each closed day and holiday passed over, and each pause
    with what it took away; then the deadline, or why there is none; last how the clock stands at `at`. Days are told up
    to the deadline or, without one, up to the pause that holds the clock. More than 14 days in a row that follow the
    same week are told as one. The counted times add up to the target, or to what is spent where a pause holds the
    clock. Raises `NoWorkingTimeLeft`.
    """
    due = due_at(calendar, state)
    steps = [_target_step(state, choice, versioned=versioned), _start_step(calendar, state)]
    steps.extend(summarised(calendar, _day_steps(calendar, state, due, at, holiday_names or {})))
    steps.append(_deadline_step(calendar, due, steps[-1].total))
    steps.append(_standing_step(calendar, state, at))
    return Explanation(
        steps=tuple(steps),
        due_at=due,
        spent=spent(calendar, state, at),
        remaining=remaining(calendar, state, at),
        late=is_late(calendar, state, at),
    )


def _target_step(state: ClockState, choice: Choice | None, *, versioned: bool) -> Step:
    target = duration_in_words(state.target)
    if choice is None:
        text = sentence(
            ar="المدة المستهدفة من وقت العمل: {target}.",
            en="The target is {target} of working time.",
            target=target,
        )
    elif not versioned:
        text = sentence(
            ar="المدة المستهدفة من وقت العمل: {target}. {source}",
            en="The target is {target} of working time. {source}",
            target=target,
            source=choice.source.says,
        )
    else:
        text = sentence(
            ar="المدة المستهدفة من وقت العمل: {target}. {source} (النسخة {version} من مستوى الخدمة)",
            en="The target is {target} of working time. {source} (Version {version} of the service level.)",
            target=target,
            source=choice.source.says,
            version=choice.level.version,
        )
    return Step(StepKind.TARGET, text)


def _start_step(calendar: WorkingTime, state: ClockState) -> Step:
    opens = calendar.next_open(state.started_at)
    started = moment_in_words(state.started_at, calendar.zone)
    if opens == state.started_at:
        text = sentence(
            ar="بدأ الاحتساب يوم {started}، بتوقيت {zone}.",
            en="The clock started on {started}, in the time of {zone}.",
            started=started,
            zone=calendar.zone.key,
        )
    else:
        text = sentence(
            ar="بدأ الاحتساب يوم {started}، بتوقيت {zone}، خارج أوقات العمل؛ وأول وقت عمل بعده يوم {opens}.",
            en="The clock started on {started}, in the time of {zone}, outside working hours, "
            "which next begin on {opens}.",
            started=started,
            zone=calendar.zone.key,
            opens=moment_in_words(opens, calendar.zone),
        )
    return Step(StepKind.START, text, at=state.started_at)


def _day_steps(
    calendar: WorkingTime,
    state: ClockState,
    due: datetime | None,
    at: datetime,
    holiday_names: Mapping[date, Text],
) -> Iterator[Step]:
    history = _as_if_open(state)
    end = due if due is not None else history.pauses[-1].since
    at = at if state.ended_at is None else min(at, state.ended_at)
    stretches = running_spans(history, end)
    pauses = [each for each in history.pauses if each.since < end or due is None]
    total = _NOTHING
    # A pause may begin at the very end, on a day of which nothing is told.
    last_midnight = state.started_at
    for day in calendar.days(state.started_at, end):
        counted = _spans_counted(calendar, stretches, day)
        worked = sum((span.length for span in counted), start=_NOTHING)
        total += worked
        if counted:
            yield _working_day_step(calendar, day, counted, worked, total)
        elif not day.spans and _runs_within(stretches, day):
            yield _closed_day_step(day, total, holiday_names)
        for each in pauses:
            if day.begins <= each.since < day.ends:
                yield _pause_step(calendar, each, at, total)
        last_midnight = day.ends
    for each in pauses:
        if each.since >= last_midnight:
            yield _pause_step(calendar, each, at, total)


def _as_if_open(state: ClockState) -> ClockState:
    """The clock as it ran up to its end and would have run on, which is what its deadline was reckoned by."""
    end = state.ended_at
    if end is None:
        return state
    pauses = tuple(each for each in state.pauses if each.since < end)
    return ClockState(state.started_at, state.target, pauses)


def _spans_counted(calendar: WorkingTime, stretches: tuple[Span, ...], day: LocalDay) -> tuple[Span, ...]:
    return tuple(
        span
        for stretch in stretches
        for span in calendar.spans(max(stretch.opens, day.begins), min(stretch.closes, day.ends))
    )


def _runs_within(stretches: tuple[Span, ...], day: LocalDay) -> bool:
    return any(stretch.opens < day.ends and day.begins < stretch.closes for stretch in stretches)


def _working_day_step(
    calendar: WorkingTime, day: LocalDay, spans: tuple[Span, ...], counted: timedelta, total: timedelta
) -> Step:
    return Step(
        StepKind.WORKING_DAY,
        sentence(
            ar="{day}: وقت عمل {hours}؛ المدة المحتسبة: {counted}، والإجمالي: {total}.",
            en="{day}: working hours {hours}; {counted} counted, {total} in all.",
            day=day_in_words(day.date),
            hours=hours_in_words(spans, calendar.zone, day.date),
            counted=duration_in_words(counted),
            total=duration_in_words(total),
        ),
        first_day=day.date,
        last_day=day.date,
        spans=spans,
        counted=counted,
        total=total,
    )


def _closed_day_step(day: LocalDay, total: timedelta, holiday_names: Mapping[date, Text]) -> Step:
    name = holiday_names.get(day.date)
    if not day.holiday:
        text = sentence(
            ar="{day}: ليس يوم عمل في هذا التقويم، فلا يُحتسب منه شيء.",
            en="{day}: not a working day of this calendar; nothing is counted.",
            day=day_in_words(day.date),
        )
    elif name is None:
        text = sentence(
            ar="{day}: عطلة رسمية، فلا يُحتسب منه شيء.",
            en="{day}: a public holiday; nothing is counted.",
            day=day_in_words(day.date),
        )
    else:
        text = sentence(
            ar="{day}: عطلة رسمية ({name})، فلا يُحتسب منه شيء.",
            en="{day}: a public holiday ({name}); nothing is counted.",
            day=day_in_words(day.date),
            name=name,
        )
    kind = StepKind.HOLIDAY if day.holiday else StepKind.CLOSED_DAY
    return Step(kind, text, first_day=day.date, last_day=day.date, total=total)


def _pause_step(calendar: WorkingTime, held: Pause, at: datetime, total: timedelta) -> Step:
    until = held.until if held.until is not None else max(at, held.since)
    taken = calendar.elapsed(held.since, until)
    reason = _RESTED.get(held.reason, Text(ar=held.reason, en=held.reason))
    since, resumed = moment_in_words(held.since, calendar.zone), moment_in_words(until, calendar.zone)
    if held.until is None:
        text = sentence(
            ar="الاحتساب متوقف منذ يوم {since} ({reason})؛ وقت العمل الذي لم يُحتسب حتى الآن: {taken}.",
            en="Paused since {since} ({reason}); working time not counted so far: {taken}.",
            since=since,
            reason=reason,
            taken=duration_in_words(taken),
        )
    elif taken:
        text = sentence(
            ar="توقف الاحتساب من يوم {since} إلى يوم {resumed} ({reason})؛ وقت العمل الذي لم يُحتسب: {taken}.",
            en="Paused from {since} to {resumed} ({reason}); working time not counted: {taken}.",
            since=since,
            resumed=resumed,
            reason=reason,
            taken=duration_in_words(taken),
        )
    else:
        text = sentence(
            ar="توقف الاحتساب من يوم {since} إلى يوم {resumed} ({reason})، خارج أوقات العمل، "
            "فلا أثر له على الموعد.",
            en="Paused from {since} to {resumed} ({reason}), outside working hours, which changes nothing.",
            since=since,
            resumed=resumed,
            reason=reason,
        )
    return Step(StepKind.PAUSE, text, taken=taken, total=total, at=held.since)


def _deadline_step(calendar: WorkingTime, due: datetime | None, total: timedelta) -> Step:
    if due is None:
        text = Text(
            ar="لا موعد نهائي ما دام الاحتساب متوقفًا.", en="There is no deadline while the clock is paused."
        )
        return Step(StepKind.NO_DEADLINE, text, total=total)
    return Step(
        StepKind.DEADLINE,
        sentence(
            ar="الموعد النهائي: يوم {due}.",
            en="The deadline is {due}.",
            due=moment_in_words(due, calendar.zone),
        ),
        total=total,
        at=due,
    )


def _standing_step(calendar: WorkingTime, state: ClockState, at: datetime) -> Step:
    used, left, late = (
        spent(calendar, state, at),
        remaining(calendar, state, at),
        is_late(calendar, state, at),
    )
    end = state.ended_at if state.ended_at is not None and state.ended_at <= at else None
    if end is not None and state.met_at == end:
        ar, en = (
            ("تحقق الهدف متأخرًا يوم {when}، بعد {used} من وقت العمل.", "Met late, on {when}, after {used}.")
            if late
            else (
                "تحقق الهدف في موعده يوم {when}، بعد {used} من وقت العمل.",
                "Met in time, on {when}, after {used}.",
            )
        )
    elif end is not None:
        ar, en = (
            (
                "أُوقف الاحتساب نهائيًا بعد فوات الموعد، يوم {when}.",
                "Stopped past the deadline, on {when}, after {used}.",
            )
            if late
            else (
                "أُوقف الاحتساب نهائيًا يوم {when}، بعد {used} من وقت العمل.",
                "Stopped on {when}, after {used}.",
            )
        )
    elif late:
        ar, en = (
            "حتى يوم {when}: المدة المحتسبة {used}، وقد فات الموعد، والتأخير من وقت العمل: {over}.",
            "As of {when}: {used} counted; the deadline has passed, by {over} of working time.",
        )
    else:
        ar, en = (
            "حتى يوم {when}: المدة المحتسبة {used}، والمتبقي من وقت العمل: {left}.",
            "As of {when}: {used} counted, {left} of working time left.",
        )
    text = sentence(
        ar=ar,
        en=en,
        when=moment_in_words(end if end is not None else at, calendar.zone),
        used=duration_in_words(used),
        left=duration_in_words(left),
        over=duration_in_words(-left),
    )
    return Step(StepKind.STANDING, text, total=used, at=at)
