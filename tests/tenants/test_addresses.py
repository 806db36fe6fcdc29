"""Network addresses and the ranges they lie in."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.addresses import (
    BadAddressRange,
    RangeBeginsElsewhere,
    is_within,
    neighbourhood,
    read_address,
    read_range,
)
from tests.hub.tickets.refusals import refused


@pytest.mark.parametrize(
    ("given_as", "meant"),
    [
        ("192.0.2.7", IPv4Address("192.0.2.7")),
        ("::ffff:192.0.2.7", IPv4Address("192.0.2.7")),
        ("::FFFF:c000:207", IPv4Address("192.0.2.7")),
        ("2001:db8::1", IPv6Address("2001:db8::1")),
        ("2001:0DB8:0:0::1", IPv6Address("2001:db8::1")),
        ("fe80::1%eth0", IPv6Address("fe80::1")),
    ],
)
def test_an_address_is_one_address_however_it_is_written(given_as: str, meant: object) -> None:
    assert read_address(given_as) == meant


@pytest.mark.parametrize(
    "given_as",
    [None, "", "testclient", "192.0.2", "192.0.2.07", "١٩٢.٠.٢.٧", "[::1]", "::1/64", "1" * 10_000],
)
def test_what_is_no_address_is_none(given_as: str | None) -> None:
    assert read_address(given_as) is None


@pytest.mark.parametrize(
    ("given_as", "kept"),
    [
        ("192.0.2.0/24", "192.0.2.0/24"),
        (" 192.0.2.7 ", "192.0.2.7/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::/0", "::/0"),
    ],
)
def test_a_range_has_one_spelling(given_as: str, kept: str) -> None:
    assert read_range(given_as) == kept


@pytest.mark.parametrize(
    "given_as",
    ["", "/", "everywhere", "192.0.2.0/33", "192.0.2.0/-1", "fe80::%eth0/64", "\x00", "\ud800", "1" * 999],
)
def test_what_is_no_range_is_refused(given_as: str) -> None:
    with refused(BadAddressRange, "addresses") as caught:
        read_range(given_as)
    str(caught.value).encode()


def test_a_range_that_begins_elsewhere_is_refused_and_the_right_one_named() -> None:
    with refused(RangeBeginsElsewhere, "addresses") as caught:
        read_range("192.0.2.7/24")
    assert "192.0.2.0/24" in str(caught.value)
    with refused(RangeBeginsElsewhere, "addresses") as caught:
        read_range("::ffff:192.0.2.7/120")
    assert "192.0.2.0/24" in str(caught.value)


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_an_address_is_within_a_range_in_both_its_forms(
    base: IPv4Address, bits: int, other: IPv4Address
) -> None:
    kept = read_range(str(ip_network((int(base), bits), strict=False)))
    expected = int(base) >> (32 - bits) == int(other) >> (32 - bits)
    assert is_within(other, [kept]) == expected
    assert is_within(read_address(f"::ffff:{other}"), [kept]) == expected
    assert is_within(base, [kept])


def test_an_unknown_address_is_within_no_range() -> None:
    assert not is_within(None, ["0.0.0.0/0", "::/0"])
    assert not is_within(ip_address("2001:db8::1"), ["0.0.0.0/0"])


def test_neighbours_share_the_64_bits_of_their_house() -> None:
    assert neighbourhood(ip_address("192.0.2.7")) == "192.0.2.7"
    assert neighbourhood(ip_address("2001:db8:1:2:3::4")) == "2001:db8:1:2::/64"
    assert neighbourhood(ip_address("2001:db8:1:2:ffff::1")) == "2001:db8:1:2::/64"
    assert neighbourhood(ip_address("2001:db8:1:3::1")) != "2001:db8:1:2::/64"
