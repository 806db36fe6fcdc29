"""The demonstration as people read it in a terminal, in Arabic or in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text as Plain

from hub.sla.wording import moment_in_words
from tenants.languages import Language, Text

Side = Literal["left", "right"]

# Wide enough for the explanations, narrow enough to be read.
_WIDEST = 110
_PIPED = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A heading of a table; `style` is how its cells look."""

    name: Text
    style: str = ""


class Telling:
    """Prints what happens; Arabic as it is, for terminals that join and turn it, with the first column on the right."""

    def __init__(self, language: Language, console: Console | None = None) -> None:
        self.language = language
        self.console = console or Console(highlight=False)
        width = min(self.console.width, _WIDEST) if self.console.is_terminal else _PIPED
        self.console.width = width

    @property
    def right_to_left(self) -> bool:
        """Whether it is read from the right."""
        return self.language is Language.ARABIC

    def words(self, text: Text | str) -> str:
        """A text in the language of the telling."""
        return text.in_language(self.language) if isinstance(text, Text) else text

    def title(self, text: Text) -> None:
        """The name of a part of the demonstration."""
        self.console.print()
        self.console.print(
            Panel(Plain(self.words(text), justify="center"), style="bold cyan", padding=(0, 2))
        )

    def scene(self, number: int, when: datetime, zone: ZoneInfo, who: Text) -> None:
        """The heading of one step: when it happens and who acts."""
        moment = self.words(moment_in_words(when, zone))
        digits = to_arabic_digits(str(number)) if self.right_to_left else str(number)
        self.console.print()
        self.console.print(
            Rule(
                Plain(f"{digits} · {moment} · {self.words(who)}", style="bold"),
                style="cyan",
                align="right" if self.right_to_left else "left",
            )
        )

    def say(self, text: Text | str, style: str = "") -> None:
        """A paragraph."""
        self._print(Plain(self.words(text), style=style, justify=self._side))

    def quote(self, text: Text) -> None:
        """What somebody said, in the Arabic they said it in; for readers of English with what it means."""
        self._print(Padding(Plain(f"«{text.ar}»", style="italic yellow", justify=self._side), (0, 4)))
        if not self.right_to_left:
            self._print(Padding(Plain(f"“{text.en}”", style="dim italic"), (0, 4)))

    def steps(self, heading: Text, steps: Sequence[tuple[Text, str]]) -> None:
        """Sentences that follow from one another, in a frame under a heading, each in its style."""
        told = Plain(justify=self._side)
        for number, (text, style) in enumerate(steps):
            told.append(("\n" if number else "") + self.words(text), style=style)
        self._print(
            Panel(
                told,
                title=Plain(self.words(heading), style="bold green"),
                title_align=self._side,
                border_style="green",
                padding=(0, 1),
            )
        )

    def commands(self, commands: Sequence[tuple[Text, str]]) -> None:
        """Commands to type, each after what it does; whole on a line of their own, to be copied."""
        for does, command in commands:
            self.say(does)
            # Commands are read from the left, and never broken.
            self.console.print(Plain(f"    {command}", style="bold green"), soft_wrap=True)

    def table(
        self, heading: Text, columns: Sequence[Column], rows: Sequence[Sequence[Text | str | Plain]]
    ) -> None:
        """A table under a heading; for right-to-left reading the first column stands on the right."""
        order = range(len(columns))[::-1] if self.right_to_left else range(len(columns))
        table = Table(
            title=self.words(heading),
            title_style="bold",
            title_justify=self._side,
            header_style="dim",
            border_style="bright_black",
            expand=False,
        )
        for index in order:
            table.add_column(
                self.words(columns[index].name),
                style=columns[index].style,
                justify=self._side,
                overflow="fold",
            )
        for row in rows:
            table.add_row(*(self._cell(row[index]) for index in order))
        self._print(table)

    def _cell(self, value: Text | str | Plain) -> Plain:
        # Plain: what citizens write is no markup.
        return value if isinstance(value, Plain) else Plain(self.words(value))

    def _print(self, what: RenderableType) -> None:
        # Justified to the left, every line would be filled up with blanks; only the right side needs that.
        self.console.print(what, justify="right" if self.right_to_left else None)

    @property
    def _side(self) -> Side:
        return "right" if self.right_to_left else "left"


def to_arabic_digits(text: str) -> str:
    """A text with Arabic-Indic digits in the place of Latin ones."""
    return text.translate(_ARABIC_DIGITS)


_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
