"""The written form of API keys."""

from __future__ import annotations

import string
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenants.key_format import KEY_PATTERN, KeyParts, digest_of, new_key, read_key, read_key_id, write_key

EXAMPLE = KeyParts(UUID("0f6b1b5e-54f5-4d0b-9a35-6e1d3c2b4a59"), "0" * 42 + "z")
WRITTEN = "hub_live_0f6b1b5e54f54d0b9a356e1d3c2b4a59_" + "0" * 42 + "z" + "{check}"

parts = st.builds(
    KeyParts,
    st.uuids(version=4),
    st.text(string.ascii_letters + string.digits, min_size=43, max_size=43),
)


def test_the_form_stays_what_scanners_and_holders_know() -> None:
    written = write_key(EXAMPLE)
    assert written == WRITTEN.format(check="2eU3xH")
    assert digest_of(EXAMPLE.secret).hex() == (
        "d24185d56d62829d70a4a4986b78aed332f0e87258f0d354244d748d5d6ae916"
    )


@given(parts)
def test_a_written_key_is_read_back(key: KeyParts) -> None:
    written = write_key(key)
    assert read_key(written) == key
    assert len(written) == 91
    assert written.isascii()


@given(parts, st.integers(0, 90), st.characters())
def test_any_single_character_changed_is_found_offline(key: KeyParts, place: int, other: str) -> None:
    written = write_key(key)
    assume(written[place] != other)
    assert read_key(written[:place] + other + written[place + 1 :]) is None


@given(parts, st.integers(0, 89))
def test_any_two_neighbours_swapped_are_found_offline(key: KeyParts, place: int) -> None:
    written = write_key(key)
    assume(written[place] != written[place + 1])
    swapped = written[:place] + written[place + 1] + written[place] + written[place + 2 :]
    assert read_key(swapped) is None


@given(parts, st.integers(0, 90))
def test_a_character_lost_or_doubled_is_found_offline(key: KeyParts, place: int) -> None:
    written = write_key(key)
    assert read_key(written[:place] + written[place + 1 :]) is None
    assert read_key(written[:place] + written[place] + written[place:]) is None


@given(st.text(max_size=200))
def test_anything_at_all_can_be_presented(presented: str) -> None:
    assert read_key(presented) is None


@pytest.mark.parametrize("around", [" {}", "{}\n", "Bearer {}", "{}\x00", "\u202e{}", "{}\ud800", "{}{}"])
def test_nothing_may_stand_around_a_key(around: str) -> None:
    assert read_key(around.format(*[write_key(EXAMPLE)] * 2)) is None


def test_fresh_keys_are_all_different_and_found_by_scanners() -> None:
    keys = [new_key() for _ in range(1000)]
    assert len({key.id for key in keys}) == len({key.secret for key in keys}) == 1000
    log = f"url=/api?key={write_key(keys[0])}&x=1"
    found = KEY_PATTERN.search(log)
    assert found is not None
    assert read_key(found.group()) == keys[0]


def test_every_bit_of_a_secret_varies() -> None:
    secrets = [new_key().secret for _ in range(400)]
    # The first character holds what is left of 256 bits, all others any of 62.
    assert all(len({secret[place] for secret in secrets}) > 40 for place in range(1, 43))


def test_a_printed_key_does_not_show_its_secret() -> None:
    assert EXAMPLE.secret not in repr(EXAMPLE)


@pytest.mark.parametrize(
    "given_as", [str(EXAMPLE.id), EXAMPLE.id.hex, f" hub_live_{EXAMPLE.id.hex} ", write_key(EXAMPLE)]
)
def test_an_id_is_read_from_whatever_of_the_key_is_at_hand(given_as: str) -> None:
    assert read_key_id(given_as) == EXAMPLE.id


@pytest.mark.parametrize("given_as", ["", "hub_live_", "hub_live_12_ab", "water", "\x00", "١٢٣"])
def test_what_names_no_key_has_no_id(given_as: str) -> None:
    assert read_key_id(given_as) is None
