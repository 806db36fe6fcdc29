"""What a benchmark found: a small table for people, and the same as JSON in a file."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Line:
    """One thing measured, in its unit; `aim` is what it is held against, `least` where more is better."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    least: bool = False
    more: dict[str, float] = field(default_factory=dict)

    @property
    def reached(self) -> str:
        """Whether the aim was reached, and how far away it is if not."""
        if self.aim is None:
            return ""
        if (self.value >= self.aim) if self.least else (self.value <= self.aim):
            return "reached"
        times = self.aim / self.value if self.least else self.value / self.aim
        return f"{times:.1f} times off"


def tell(title: str, lines: list[Line], out: Path | None, **circumstances: Any) -> None:
    """Print the lines and, with `out`, add them to that file under the title."""
    table = Table("", "", "aim", "", *_columns(lines), title=title, title_justify="left")
    for line in lines:
        sign = "≥" if line.least else "≤"
        aim = "" if line.aim is None else f"{sign} {line.aim:g}"
        more = (f"{line.more[name]:.2f}" if name in line.more else "" for name in _columns(lines))
        table.add_row(line.name, f"{line.value:.2f} {line.unit}", aim, line.reached, *more)
    Console(width=140).print(table)
    if out is not None:
        known = json.loads(out.read_text("utf-8")) if out.exists() else {}
        machine = {"processors": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()}
        known[title] = {
            "machine": machine,
            **circumstances,
            "lines": [{**asdict(line), "reached": line.reached} for line in lines],
        }
        out.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _columns(lines: list[Line]) -> list[str]:
    return list(dict.fromkeys(name for line in lines for name in line.more))
