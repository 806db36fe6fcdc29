"""Refusals of onboarding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenants.errors import Refusal
from tenants.languages import Text


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend in a pack: the file, the line (from 1), the place in the data and what is wrong."""

    file: str
    line: int
    place: str
    reason: Text


class BrokenPack(Refusal):
    """A pack cannot be taken as it is written. Speaks of the first problem; `problems` has all found."""

    says = Text(
        ar="الملف «{file}»، السطر {line}: {reason}",
        en="File “{file}”, line {line}: {reason}",
    )

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
        first = self.problems[0]
        self.file, self.line, self.reason = first.file, first.line, first.reason
        super().__init__(
            field=f"{first.file}:{first.place}" if first.place else first.file,
            file=first.file,
            line=first.line,
            reason=first.reason,
        )
