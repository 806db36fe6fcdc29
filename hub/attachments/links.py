"""Signed links: whoever holds one may fetch one file for a short while, and can make no other from it."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

# The pepper signs nothing else by this word, so that no other digest of it is a link.
_PURPOSE: Final = b"hub19 attachment link 1\0"
_ID: Final = 16
_SECONDS: Final = 6
_SIGNATURE: Final = 32
# Whole groups of three bytes: each token is written in one way only.
_TOKEN: Final = re.compile(rf"[A-Za-z0-9_-]{{{(2 * _ID + _SECONDS + _SIGNATURE + 2) // 3 * 4}}}")
_PADDING: Final = bytes(2)


@dataclass(frozen=True, slots=True)
class FileLink:
    """Which file of which tenant a link opens, and until when, in whole seconds."""

    tenant_id: UUID
    attachment_id: UUID
    expires_at: datetime


def write_link(pepper: bytes, link: FileLink) -> str:
    """The token of a link."""
    body = (
        link.tenant_id.bytes
        + link.attachment_id.bytes
        + int(link.expires_at.timestamp()).to_bytes(_SECONDS, "big")
        + _PADDING
    )
    return urlsafe_b64encode(body + _signature(pepper, body)).decode("ascii")


def read_link(pepper: bytes, token: str) -> FileLink | None:
    """The link of a token; None if nobody with the pepper wrote it. Whether it is over is the reader's to see."""
    if _TOKEN.fullmatch(token) is None:
        return None
    written = urlsafe_b64decode(token)
    body, signature = written[:-_SIGNATURE], written[-_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(pepper, body)):
        return None
    seconds = int.from_bytes(body[2 * _ID : 2 * _ID + _SECONDS], "big")
    return FileLink(
        UUID(bytes=body[:_ID]), UUID(bytes=body[_ID : 2 * _ID]), datetime.fromtimestamp(seconds, UTC)
    )


def _signature(pepper: bytes, body: bytes) -> bytes:
    return hmac.new(pepper, _PURPOSE + body, hashlib.sha256).digest()
