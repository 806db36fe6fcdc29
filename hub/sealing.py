"""Sealing what is kept for somebody, so that the database alone can neither find it by its owner nor read it."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

_NONCE_BYTES: Final = 12


class NotSealedHere(ValueError):  # noqa: N818 - says what is wrong with the bytes
    """The bytes were not sealed with this key for this purpose, or somebody changed them."""


@dataclass(frozen=True, slots=True)
class Drawer:
    """Where something is kept: `name` finds it, `key` opens it; neither tells the other or what they came from."""

    name: bytes
    key: bytes = field(repr=False)


def drawer_of(pepper: bytes, secret: str) -> Drawer:
    """The drawer of whoever holds a secret; `secret` begins with what the drawer is for, so that no two features meet."""
    root = hmac.digest(pepper, secret.encode(), "sha256")
    return Drawer(
        name=hmac.digest(root, b"name", "sha256"),
        key=hmac.digest(root, b"sealing", "sha256"),
    )


def seal(key: bytes, content: bytes, about: bytes) -> bytes:
    """The content sealed; `about` has to be said again to open it, so that no seal can be put in another's place."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, content, about)


def unseal(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """What was sealed.

    Raises `NotSealedHere`.
    """
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
    except (InvalidTag, ValueError):
        raise NotSealedHere("sealed with another key, about something else, or changed since") from None
