"""Network addresses: who calls, and the ranges that calls may come from."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from tenants.errors import Refusal
from tenants.languages import Text

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# RFC 4291, 2.5.5.2: the last 32 bits of ::ffff:0:0/96 are an IPv4 address.
_MAPPED_BITS: Final = 96
# A household or an office has a whole /64 and may take a new address of it for every call.
_SHARED_BITS: Final = 64
_LONGEST: Final = 64


class BadAddressRange(Refusal):
    """The text is no range of addresses."""

    says = Text(
        ar="نطاق العناوين «{given}» غير صحيح. اكتب عنوانًا أو نطاقًا مثل 192.0.2.0/24 أو ‎2001:db8::/32.",
        en="“{given}” is not a range of addresses. Write an address or a range such as 192.0.2.0/24 or 2001:db8::/32.",
    )


class RangeBeginsElsewhere(Refusal):
    """The address lies inside the range it names, not at its beginning: one of the two is a slip."""

    says = Text(
        ar="العنوان «{given}» ليس أول نطاقه؛ النطاق هو {meant}.",
        en="“{given}” does not begin its range; the range is {meant}.",
    )


def read_address(given: str | None) -> Address | None:
    """The address of a caller, or None for what is none; an IPv4 address within IPv6 is that IPv4 address."""
    if given is None or len(given) > _LONGEST:
        return None
    try:
        address = ip_address(given)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # Without the zone of a link-local address, which means something on this machine only.
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


def read_range(given: str) -> str:
    """A range of addresses in its one spelling, `192.0.2.0/24`; a single address is a range of one.

    Raises `BadAddressRange` and `RangeBeginsElsewhere`.
    """
    typed = given.strip()
    if len(typed) > _LONGEST or "%" in typed:
        raise BadAddressRange(field="addresses", given=_echoed(given))
    try:
        network = _unmapped(ip_network(typed, strict=False))
    except ValueError:
        raise BadAddressRange(field="addresses", given=_echoed(given)) from None
    if read_address(typed.partition("/")[0]) != network.network_address:
        raise RangeBeginsElsewhere(field="addresses", given=typed, meant=network)
    return str(network)


def is_within(address: Address | None, ranges: Iterable[str]) -> bool:
    """Whether an address lies in one of the ranges, as `read_range` wrote them; an unknown one lies in none."""
    return address is not None and any(address in ip_network(each) for each in ranges)


def neighbourhood(address: Address) -> str:
    """The address as calls are counted by it: an IPv4 address itself, the /64 of an IPv6 address."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), _SHARED_BITS), strict=False))


def _unmapped(network: Network) -> Network:
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_BITS:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((int(mapped), network.prefixlen - _MAPPED_BITS))
    return network


def _echoed(given: str) -> str:
    """The beginning of what was given, fit to be sent and printed."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in given[:_LONGEST])
