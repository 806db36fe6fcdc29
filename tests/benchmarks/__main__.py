"""Run the benchmarks, all or those named: `python -m tests.benchmarks [opening] [finding] ... [--out FILE]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.benchmarks import finding, opening, reading, sweeping, weak_line

ALL = {
    "opening": opening.main,
    "finding": finding.main,
    "reading": reading.main,
    "sweeping": sweeping.main,
    "weak_line": weak_line.main,
}


def main() -> None:
    """Run what the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ALL, []], metavar="NAME", help=", ".join(ALL))
    parser.add_argument("--out", type=Path, help="file to add the figures to, as JSON")
    given = parser.parse_args()
    for name in given.names or ALL:
        ALL[name](given.out)


if __name__ == "__main__":
    main()
