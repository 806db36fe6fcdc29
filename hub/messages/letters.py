"""Letters: what an e-mail says, as plain text and as simple HTML of the same words, in the reader's direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final
from urllib.parse import urlsplit

from hub.messages.errors import LetterRefused
from hub.messages.settings import has_controls
from hub.people.contacts import read_email
from tenants.languages import Language

# Isolates (UAX 9) keep what is read from left to right in order within an Arabic line.
_LEFT_TO_RIGHT: Final = "\N{LEFT-TO-RIGHT ISOLATE}"
_END: Final = "\N{POP DIRECTIONAL ISOLATE}"
_BODY: Final = "font-family: Tahoma, Arial, sans-serif; font-size: 16px; line-height: 1.7; color: #1a1a1a"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or several."""

    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """Something to be noted down, under its name; digits in groups are read from left to right in any language."""

    name: str
    value: str
    digits: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An address on a line of its own, so that it can be copied whole where it cannot be clicked."""

    name: str
    address: str


Block = Paragraph | Value | Link


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address."""

    to: str = field(repr=False)
    language: Language
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


def isolated(digits: str) -> str:
    """Digits in groups as they stand in a line of either language."""
    return f"{_LEFT_TO_RIGHT}{digits}{_END}"


def compose(to: str, language: Language, subject: str, blocks: Sequence[Block]) -> Letter:
    """A letter to an address.

    Raises `EmailRefused` for what is no address, and `LetterRefused` for a subject, value or link with line breaks or
    control characters, and for a link that is no web address.
    """
    address = read_email(to)
    _demand_plain("subject", subject)
    for block in blocks:
        if isinstance(block, Value):
            _demand_plain("value", block.value)
        elif isinstance(block, Link):
            _demand_web_address(block.address)
    return Letter(
        to=address,
        language=language,
        subject=subject,
        text="\n\n".join(_as_text(block) for block in blocks) + "\n",
        html=_page(language, subject, blocks),
    )


def _demand_plain(field: str, text: str) -> None:
    if not text.strip() or has_controls(text):
        raise LetterRefused(field=field)


def _demand_web_address(address: str) -> None:
    parts = urlsplit(address)
    if has_controls(address) or " " in address or parts.scheme not in ("https", "http") or not parts.netloc:
        raise LetterRefused(field="link")


def _as_text(block: Block) -> str:
    match block:
        case Paragraph(text):
            return text
        case Value(name, value, digits):
            return f"{name}: {isolated(value) if digits else value}"
        case Link(name, address):
            return f"{name}:\n{address}"


def _as_html(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Value(name, value, digits):
            direction = ' dir="ltr"' if digits else ""
            return f"<p>{escape(name)}: <bdi{direction}><strong>{escape(value)}</strong></bdi></p>"
        case Link(name, address):
            shown = escape(address)
            return f'<p><a href="{shown}">{escape(name)}</a><br><bdi dir="ltr">{shown}</bdi></p>'


def _page(language: Language, subject: str, blocks: Sequence[Block]) -> str:
    direction = "rtl" if language is Language.ARABIC else "ltr"
    words = "\n".join(_as_html(block) for block in blocks)
    # Many readers of mail throw html and body away: language and direction are said once more inside.
    return (
        f'<!doctype html>\n<html lang="{language.value}" dir="{direction}">\n<head><meta charset="utf-8">'
        f"<title>{escape(subject)}</title></head>\n<body>\n"
        f'<div lang="{language.value}" dir="{direction}" style="{_BODY}">\n{words}\n</div>\n</body>\n</html>\n'
    )
