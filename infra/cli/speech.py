"""How the command line speaks to people: in their language, as text or as a table."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from tenants.languages import Language, Text

_WIDEST = 400


class Format(StrEnum):
    """How a command gives what it found."""

    TABLE = "table"
    JSON = "json"


def language_of_terminal() -> Language:
    """The language that the command line speaks: HUB_LANGUAGE (ar or en), else that of LANG, else English."""
    from infra.settings import TerminalSettings  # noqa: PLC0415 - a help text needs no settings

    asked = TerminalSettings().language
    if asked is not None:
        return asked
    return Language.ARABIC if os.environ.get("LANG", "").lower().startswith("ar") else Language.ENGLISH


def say(text: Text, **facts: object) -> None:
    """Print a sentence in the terminal's language; facts that are texts themselves appear in it too."""
    print(sentence(text, **facts))


def warn(text: Text, **facts: object) -> None:
    """Print a sentence to standard error."""
    print(sentence(text, **facts), file=sys.stderr)


def sentence(text: Text, **facts: object) -> str:
    """A sentence in the terminal's language."""
    language = language_of_terminal()
    said = {
        name: fact.in_language(language) if isinstance(fact, Text) else fact for name, fact in facts.items()
    }
    return text.in_language(language).format(**said)


def print_table(columns: Sequence[Text], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings in the terminal's language."""
    from rich.console import Console  # noqa: PLC0415 - a help text needs no tables
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text as Plain  # noqa: PLC0415

    console = Console()
    if not console.is_terminal:
        # A file or a pipe has no margin; the table takes no more room than it needs.
        console = Console(width=_WIDEST)
    table = Table(*(sentence(column) for column in columns))
    # The first column names the row: it is there to be copied.
    table.columns[0].no_wrap = True
    for row in rows:
        # Plain: what comes from outside is no markup.
        table.add_row(*(Plain(str(cell)) for cell in row))
    console.print(table)


def print_json(value: Any) -> None:
    """Print a value for programs."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
