"""What an import did: rows taken over, known already and refused, for whoever started it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hub.importing.errors import CutOff
from hub.importing.rows import RefusedRow

EXAMPLES = 5


@dataclass(slots=True)
class ImportReport:
    """The counts of one import; `read` is the sum of the three below it.

    `known` rows were on the hub already, from an earlier import or from earlier in the same file. `by_reason` counts
    refused rows by the code of their reason, `examples` has the first few of each. `unknown_tenants` counts the rows
    of bodies that the hub does not know, by the file's name for them. `cut_off` says where the file ended too soon.
    """

    taken_over: int = 0
    known: int = 0
    refused: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[RefusedRow]] = field(default_factory=dict)
    unknown_tenants: Counter[str] = field(default_factory=Counter)
    created_tenants: list[str] = field(default_factory=list)
    cut_off: CutOff | None = None

    @property
    def read(self) -> int:
        """All rows read from the file."""
        return self.taken_over + self.known + self.refused

    def refuse(self, row: RefusedRow) -> None:
        """Count a row that was left out, and keep the first few of each reason as examples."""
        self.refused += 1
        self.by_reason[row.code] += 1
        examples = self.examples.setdefault(row.code, [])
        if len(examples) < EXAMPLES:
            examples.append(row)
