"""From the labels of imported files to codes of the hub, and to the language they are in."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container

from tenants.languages import Language

TENANT_CODE_LENGTH = 40
CODE_LENGTH = 60
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_DIGEST = 8
_SHORTEST = 2
_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")


def free_code(label: str, taken: Container[str], longest: int) -> str:
    """A code for a label: what is Latin in it, in small letters and hyphens, beginning with a letter.

    Where that is taken, was too long or says next to nothing, a digest of the label makes it another: the same for
    the same label every time.
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    slug = _SEPARATORS.sub("-", plain.lower()).strip("-")
    if slug[:1].isdigit():
        slug = f"n-{slug}"
    if _SHORTEST <= len(slug) <= longest and slug not in taken:
        return slug
    digest = hashlib.sha256(label.encode()).hexdigest()
    # A digest is lengthened until it is free, so that even a code made to collide cannot stop an import.
    for length in range(_DIGEST, longest - _SHORTEST):
        code = f"{slug[: longest - length - 1].strip('-') or 'x'}-{digest[:length]}"
        if code not in taken:
            return code
    raise AssertionError("a SHA-256 digest collided at every length")


def language_of(*texts: str | None) -> Language:
    """The language that somebody wrote in: Arabic as soon as there is an Arabic letter."""
    if any(text and not text.isascii() and _ARABIC.search(text) for text in texts):
        return Language.ARABIC
    return Language.ENGLISH
