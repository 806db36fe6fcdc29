"""CSV for spreadsheets: what comes from outside stays text there and never becomes a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

# OWASP, "CSV Injection": a cell that begins with one of these is executed by spreadsheets.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> object:
    """A cell as it may be opened: a text that could be a formula gets an apostrophe before it, numbers stay."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


class CsvWriter:
    """Writes safe rows of RFC 4180 to an open text file (opened with `newline=""`)."""

    def __init__(self, file: TextIO, heading: Iterable[str]) -> None:
        self._write = csv.writer(file).writerow
        self.row(heading)

    def row(self, cells: Iterable[object]) -> None:
        """Write one row; None is an empty cell."""
        self._write([safe_cell(cell) for cell in cells])
