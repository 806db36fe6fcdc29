"""How an API key is written: recognisable to secret scanners, checked against slips without asking anybody."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

PREFIX: Final = "hub_live_"
_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_BITS: Final = 256
# The fewest characters of the alphabet that 256 and 32 bits go into.
_SECRET_LENGTH: Final = 43
_CHECK_LENGTH: Final = 6
_ID_LENGTH: Final = 32

# For secret scanners too: whatever matches and has the right check is a key of some hub.
KEY_PATTERN: Final = re.compile(
    rf"{PREFIX}(?P<id>[0-9a-f]{{{_ID_LENGTH}}})_(?P<secret>[0-9A-Za-z]{{{_SECRET_LENGTH}}})"
    rf"(?P<check>[0-9A-Za-z]{{{_CHECK_LENGTH}}})"
)


@dataclass(frozen=True, slots=True)
class KeyParts:
    """What a key consists of: the public id, and the secret that the hub itself does not keep."""

    id: UUID
    secret: str = field(repr=False)


def new_key() -> KeyParts:
    """A fresh key. Its id is random throughout, so that it tells nothing: not even when it was made."""
    return KeyParts(uuid4(), _in_alphabet(secrets.randbits(_SECRET_BITS), _SECRET_LENGTH))


def write_key(parts: KeyParts) -> str:
    """The key as its owner keeps it: `hub_live_<id>_<secret><check>`."""
    unchecked = f"{PREFIX}{parts.id.hex}_{parts.secret}"
    return unchecked + _check(unchecked)


def read_key(presented: str) -> KeyParts | None:
    """The parts of a presented key, or None for what is no key.

    Every wrong character and every swap of neighbours is found here: the check is the CRC-32 of all before it, and
    such slips change no more than 16 bits in a row.
    """
    found = KEY_PATTERN.fullmatch(presented)
    if found is None or found["check"] != _check(presented[:-_CHECK_LENGTH]):
        return None
    return KeyParts(UUID(found["id"]), found["secret"])


def read_key_id(given: str) -> UUID | None:
    """The id of a key from whatever of it is at hand: the id, the beginning of the key, or all of it."""
    named = given.strip().removeprefix(PREFIX).partition("_")[0]
    try:
        return UUID(named)
    except ValueError:
        return None


def digest_of(secret: str) -> bytes:
    """What is stored of a key; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _check(unchecked: str) -> str:
    return _in_alphabet(zlib.crc32(unchecked.encode()), _CHECK_LENGTH)


def _in_alphabet(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, place = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[place])
    return "".join(reversed(characters))
