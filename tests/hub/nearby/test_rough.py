from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.nearby.rough import (
    CELL,
    FEWEST,
    MOST_DISTRICTS,
    STEP,
    Numbers,
    Told,
    cell_of,
    metres_between,
    rough_metres,
    told,
)

CAIRO = (30.0444, 31.2357)
degrees = st.floats(-0.02, 0.02)
numbers = st.builds(Numbers, *(st.integers(0, 4) for _ in range(3)))


def test_a_thousandth_of_a_degree_is_what_the_earth_makes_of_it() -> None:
    assert round(metres_between(CAIRO, (30.0454, 31.2357))) == 111
    assert round(metres_between(CAIRO, (30.0444, 31.2367))) == 96


@given(degrees, degrees, st.floats(0, 0.999), st.floats(0, 0.999))
def test_nobody_learns_where_in_its_cell_a_case_lies(
    north: float, east: float, one: float, other: float
) -> None:
    """However many places somebody asks from, every point of a cell answers alike."""
    here = (CAIRO[0] + north, CAIRO[1] + east)
    south, west = (each - CELL / 2 for each in cell_of(*CAIRO))
    middle = rough_metres(here, *cell_of(*CAIRO))
    assert rough_metres(here, south + one * CELL * 0.99 + 1e-9, west + other * CELL * 0.99 + 1e-9) == middle


@given(degrees, degrees)
def test_distances_are_told_in_steps_and_never_as_none_at_all(north: float, east: float) -> None:
    metres = rough_metres(CAIRO, CAIRO[0] + north, CAIRO[1] + east)
    assert metres % STEP == 0
    assert metres >= STEP
    assert abs(metres - metres_between(CAIRO, (CAIRO[0] + north, CAIRO[1] + east))) < 2 * STEP


districts = st.sampled_from([None, *"abcdefghijkl"])


@given(st.dictionaries(districts, numbers))
def test_no_number_below_three_is_told_nor_left_over_by_subtracting(
    by_district: dict[str | None, Numbers],
) -> None:
    shown = told(by_district)
    sum_of_all = sum(each.all for each in by_district.values())
    numbers_told = [each for each in shown.values() if each is not None]
    assert all(each.all >= FEWEST for each in numbers_told)
    # What is missing to the sum of all, where somebody knows that from elsewhere, is nothing; or nothing was told.
    assert sum_of_all - sum(each.all for each in numbers_told) == 0 or shown == {None: None}
    for each in numbers_told:
        if each.stages is not None:
            steps = (each.stages.reported, each.stages.worked_on, each.stages.solved)
            assert min(steps) >= FEWEST
            assert sum(steps) == each.all
    # All that is not told by itself is known together only, and is not few then.
    by_themselves = [each.all for district, each in by_district.items() if district and district in shown]
    assert sum_of_all - sum(by_themselves) not in {1, 2} or shown == {None: None}


@given(st.dictionaries(districts, numbers))
def test_a_district_that_is_told_is_told_as_it_is(by_district: dict[str | None, Numbers]) -> None:
    shown = told(by_district)
    assert len(shown) <= MOST_DISTRICTS + 1
    for district, each in shown.items():
        if district is not None:
            assert each == Told.of(by_district[district])


def test_few_here_and_few_there_are_told_together() -> None:
    one, two = Numbers(1, 0, 0), Numbers(0, 1, 1)
    assert told({"dokki": one, "imbaba": two}) == {None: Told(3, None)}
    assert told({"dokki": two}) == {None: None}
    assert told({}) == {}


def test_a_few_alone_take_the_smallest_district_to_them() -> None:
    one, four, five = Numbers(1, 0, 0), Numbers(4, 0, 0), Numbers(5, 0, 0)
    assert told({"dokki": five, "imbaba": four, "haram": one}) == {
        "dokki": Told(5, None),
        None: Told(5, None),
    }
    assert told({"dokki": five, "imbaba": one}) == {None: Told(6, None)}
    assert told({"dokki": five, "imbaba": four}) == {"dokki": Told(5, None), "imbaba": Told(4, None)}


def test_how_far_reports_have_come_is_told_where_no_step_has_few() -> None:
    assert told({"dokki": Numbers(3, 4, 5)}) == {"dokki": Told(12, Numbers(3, 4, 5))}
    assert told({"dokki": Numbers(9, 2, 9)}) == {"dokki": Told(20, None)}
    assert told({"dokki": Numbers(9, 0, 0)}) == {"dokki": Told(9, None)}
