from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from hub.promises.figures import BEYOND, FEWEST, STEPS, Counts, Record
from hub.promises.models import KeptPromises
from hub.promises.queries import record_of
from tests.world import SUNDAY_TEN, Agency, World

TODAY = SUNDAY_TEN.date()


def keep(world: World, agency: Agency, day: date, **counts: int) -> None:
    with world.as_system(agency) as context:
        context.session.add(row(agency.id, day, **counts))


def row(tenant_id: UUID, day: date, **counts: int) -> KeptPromises:
    names = ("answers_due", "answers_kept", "solutions_due", "solutions_kept")
    zeros = dict.fromkeys((*names, "solved", "reopened", "voices", "stars"), 0)
    within = {"0": counts.get("solutions_due", 0)}
    return KeptPromises(
        tenant_id=tenant_id,
        day=day,
        **{**zeros, **counts},
        within=within,
        next_due_at=None,
        reckoned_at=SUNDAY_TEN,
    )


def test_the_last_thirty_days_are_told_beside_those_of_everybody(world: World) -> None:
    keep(world, world.water, TODAY, solutions_due=20, solutions_kept=15)
    keep(world, world.water, TODAY - timedelta(days=29), answers_due=21, answers_kept=21)
    keep(world, world.water, TODAY - timedelta(days=30), answers_due=500)
    keep(world, world.tax, TODAY, solutions_due=60, solutions_kept=15)
    with world.as_system(world.water, world.tax) as context:
        record = record_of(context, world.water.id)
    assert record.days == 30
    assert (record.body.solved_in_time.value, record.everybody.solved_in_time.value) == (0.75, 0.375)
    assert (record.body.answered.value, record.body.answered.of) == (1.0, 21)


def test_where_little_came_due_ninety_days_are_told(world: World) -> None:
    keep(world, world.water, TODAY, solutions_due=19)
    keep(world, world.water, TODAY - timedelta(days=89), solutions_due=1, solutions_kept=1)
    keep(world, world.water, TODAY - timedelta(days=90), solutions_due=99)
    with world.as_system(world.water) as context:
        record = record_of(context, world.water.id)
    assert (record.days, record.body.solutions_due, record.body.solved_in_time.value) == (90, 20, 0.05)


def test_what_rests_on_fewer_than_twenty_is_not_told() -> None:
    few = Counts(answers_due=19, solutions_due=19, within={0: 19}, solved=19, reopened=1, voices=19, stars=95)
    assert (few.answered.value, few.solved_in_time.value, few.reopened_share.value) == (None, None, None)
    assert (few.half_within, few.rating, few.says_something) == (None, None, False)
    assert Counts.sum_of([few, few]).rating == 5.0


def test_nothing_is_told_of_everybody_that_tells_of_few_others() -> None:
    many = Counts(
        answers_due=40,
        answers_kept=30,
        solutions_due=50,
        solutions_kept=10,
        within={0: 25, 3: 25},
        solved=30,
        reopened=3,
        voices=24,
        stars=96,
    )
    enough = Counts(
        answers_due=20, solutions_due=20, within={3: 8, BEYOND: 12}, solved=20, voices=20, stars=20
    )
    everybody = Record.beside(30, many, enough).everybody
    assert everybody == Counts.sum_of([many, enough])
    few = Counts(
        answers_due=19, solutions_due=20, within={3: 19}, solved=19, reopened=19, voices=19, stars=19
    )
    everybody = Record.beside(30, many, few).everybody
    assert (everybody.answered.value, everybody.solved_in_time.value) == (None, 10 / 70)
    assert (everybody.half_within, everybody.is_measured) == (None, False)
    assert (everybody.reopened_share.value, everybody.rating) == (None, None)
    # Nor do the counts that it is made of lie about.
    assert everybody == Counts(solutions_due=70, solutions_kept=10, within={})


_COUNTS = st.builds(
    Counts,
    answers_due=st.integers(0, 40),
    solutions_due=st.integers(0, 40),
    solved=st.integers(0, 40),
    voices=st.integers(0, 40),
    within=st.dictionaries(st.integers(0, BEYOND), st.integers(0, 9)),
)


@given(_COUNTS, _COUNTS)
def test_whoever_takes_a_body_off_everybody_is_left_with_nothing_or_enough(
    body: Counts, others: Counts
) -> None:
    everybody = Record.beside(30, body, others).everybody
    for name in ("answers_due", "solutions_due", "measured", "solved", "voices"):
        left = getattr(everybody, name) - getattr(body, name)
        assert getattr(everybody, name) == 0 or left >= FEWEST


def test_the_others_are_told_as_of_the_last_minute_and_the_body_as_of_now(world: World) -> None:
    for agency in (world.water, world.tax):
        keep(world, agency, TODAY, answers_due=30, solutions_due=30)
    told = []
    for days in (1, 2):
        with world.as_system(world.water, world.tax) as context:
            record = record_of(context, world.water.id)
        told.append((record.body.answers_due, record.everybody.answers_due))
        keep(world, world.water, TODAY - timedelta(days=days), answers_due=5)
        keep(world, world.tax, TODAY - timedelta(days=days), answers_due=5)
    assert told == [(30, 60), (35, 65)]
    # Whoever does not see the other body is told nothing that was kept for somebody who does.
    with world.as_system(world.water) as context:
        assert record_of(context, world.water.id).everybody.answers_due == 0


def test_half_that_are_not_solved_make_no_time() -> None:
    assert Counts(within={0: 10, BEYOND: 10}).half_within == timedelta(hours=1)
    assert Counts(within={0: 10, BEYOND: 11}).half_within is None
    assert Counts(within={0: 10, BEYOND: 11}).is_measured


@given(st.lists(st.integers(min_value=0, max_value=200 * 24 * 60), min_size=20, max_size=80))
def test_half_were_solved_within_the_step_that_holds_the_median(minutes: list[int]) -> None:
    def step(took: timedelta) -> int:
        return next((place for place, length in enumerate(STEPS) if took <= length), BEYOND)

    within: dict[int, int] = {}
    for each in minutes:
        place = step(timedelta(minutes=each))
        within[place] = within.get(place, 0) + 1
    median = sorted(minutes)[(len(minutes) + 1) // 2 - 1]
    place = step(timedelta(minutes=median))
    assert Counts(within=within).half_within == (None if place == BEYOND else STEPS[place])


@given(
    st.lists(
        st.builds(
            Counts,
            answers_due=st.integers(0, 9),
            stars=st.integers(0, 9),
            within=st.dictionaries(st.integers(0, BEYOND), st.integers(0, 9)),
        ),
        max_size=9,
    )
)
def test_a_sum_is_the_sum_of_its_parts(parts: list[Counts]) -> None:
    whole = Counts.sum_of(parts)
    assert whole.answers_due == sum(each.answers_due for each in parts)
    assert whole.stars == sum(each.stars for each in parts)
    assert whole.measured == sum(each.measured for each in parts)
