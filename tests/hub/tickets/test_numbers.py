from __future__ import annotations

import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.tickets.errors import WrongNumber
from hub.tickets.numbers import (
    PIN_DIGITS,
    grouped,
    is_number,
    new_number,
    new_pin,
    new_secret,
    pin_digest,
    read_number,
    secret_digest,
)
from tests.hub.tickets.refusals import refused

numbers = st.builds(lambda _: new_number(), st.integers())
ARABIC = str.maketrans(string.digits, "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans(string.digits, "۰۱۲۳۴۵۶۷۸۹")


@given(numbers)
def test_a_number_has_ten_digits_and_never_starts_with_zero(number: str) -> None:
    assert len(number) == 10
    assert number.isascii()
    assert number.isdigit()
    assert number[0] != "0"
    assert is_number(number)


@given(numbers)
def test_every_single_wrong_digit_is_found(number: str) -> None:
    for place in range(10):
        for digit in set(string.digits) - {number[place]}:
            assert not is_number(number[:place] + digit + number[place + 1 :])


@given(numbers)
def test_every_swap_of_neighbours_is_found(number: str) -> None:
    for place in range(9):
        left, right = number[place], number[place + 1]
        if left != right:
            assert not is_number(number[:place] + right + left + number[place + 2 :])


@given(numbers, st.sampled_from(string.digits))
def test_a_digit_lost_or_added_at_the_end_is_found(number: str, digit: str) -> None:
    assert not is_number(number[:-1])
    assert not is_number(number + digit)


@given(numbers)
def test_a_number_is_read_out_in_groups(number: str) -> None:
    first, second, third = grouped(number).split("-")
    assert (len(first), len(second), len(third)) == (3, 3, 4)
    assert first + second + third == number


MARKS = "\u200b\u200e\u200f\u061c\u2066\u2069\u202a\u202c\ufeff"
AROUND = st.text(alphabet=" -\u2013\u2011\u00a0\t\n" + MARKS, max_size=3)


@given(numbers, st.sampled_from([{}, ARABIC, PERSIAN]), st.lists(AROUND, min_size=11, max_size=11))
def test_a_number_is_read_however_it_is_typed(number: str, script: dict[int, str], around: list[str]) -> None:
    typed = around[0] + "".join(
        digit + between for digit, between in zip(number.translate(script), around[1:], strict=True)
    )
    assert read_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "١",
        "0123456789",
        "12345678901",
        "abc",
        "٣٫١٤",
        "１２３４５６７８９０",
        "\0",
        "\ud800",
        "9" * 100_000,
    ],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with refused(WrongNumber, "number"):
        read_number(typed)


@given(numbers, st.sampled_from(["\u202d", "\u202e", ".", "x", "٫", "+", "\0"]), st.integers(0, 10))
def test_what_could_show_another_number_is_refused(number: str, stranger: str, place: int) -> None:
    with pytest.raises(WrongNumber):
        read_number(number[:place] + stranger + number[place:])


@given(st.text(max_size=30))
def test_anything_typed_is_a_number_or_refused(typed: str) -> None:
    try:
        number = read_number(typed)
    except WrongNumber:
        return
    assert is_number(number)


def test_numbers_are_spread_over_the_whole_range() -> None:
    drawn = {new_number() for _ in range(5_000)}
    assert len(drawn) > 4_990
    assert {number[0] for number in drawn} == set("123456789")
    assert {number[-1] for number in drawn} == set(string.digits)


def test_pins_may_start_with_zeros_and_have_six_digits() -> None:
    pins = [new_pin() for _ in range(2_000)]
    assert {len(pin) for pin in pins} == {PIN_DIGITS}
    assert {pin[0] for pin in pins} == set(string.digits)


def test_secrets_hold_256_bits() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {43}


def test_digests_tell_cases_and_hubs_apart() -> None:
    one, other = UUID(int=1), UUID(int=2)
    digests = {
        pin_digest(pepper, case, pin)
        for pepper in (b"a" * 32, b"b" * 32)
        for case in (one, other)
        for pin in ("000000", "000001")
    }
    assert len(digests) == 8
    assert all(len(digest) == 32 for digest in digests | {secret_digest("x")})
