"""Cases opened a second over HTTP, against one bare INSERT behind the same stack, in turns within one run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psycopg

from tenants.permissions import Permission
from tests.benchmarks.bare import TABLE
from tests.benchmarks.load import NUMBER, Found, Plan, put_under_load, request
from tests.benchmarks.report import Line, tell
from tests.benchmarks.stage import Stage, stage
from tests.world import build_world, load_world

AIM = 600
CONNECTIONS = 8
# Other settings make for a quicker look: HUB_BENCH_SECONDS=2 HUB_BENCH_TURNS=1.
SECONDS = float(os.environ.get("HUB_BENCH_SECONDS", "8"))
TURNS = int(os.environ.get("HUB_BENCH_TURNS", "3"))
_API = "infra.asgi:api"
_BARE = "tests.benchmarks.bare:application"
CASE = {
    "service": "leak",
    "description": "ماسورة مكسورة أمام المدرسة والمياه تصل إلى مداخل العمارات منذ الفجر",
    "answers": {"hazard": True, "hazard_kind": "سلك كهرباء في المياه"},
    "reporter": {"name": "منى عبد الرحمن", "phone": "01001234567"},
    "place": {"governorate": "cairo", "district": "cairo-maadi", "address": "12 شارع المدارس"},
}


def main(out: Path | None = None) -> None:
    """Measure, print, and add the figures to a file."""
    with stage("bench_opening") as here:
        build_world(here.database)
        _make_table(here)
        water = load_world(here.database).water.id
        key = {"Authorization": f"Bearer {here.key(water, Permission.TICKETS_OPEN)}"}
        path = "/api/v1/tenants/water/cases"
        once = {**key, "Idempotency-Key": f"benchmark-{NUMBER}"}
        lines: list[Line] = []
        for workers in (1, 2):
            measured: dict[str, list[Found]] = {}
            for _ in range(TURNS):
                for name, application, sent in (
                    ("one bare INSERT", _BARE, request("POST", "/bare", {}, CASE)),
                    ("cases", _API, request("POST", path, key, CASE)),
                    ("cases, each under an Idempotency-Key", _API, request("POST", path, once, CASE)),
                ):
                    measured.setdefault(name, []).append(_measure(here, application, workers, sent))
            lines += _lines(measured, workers)
    tell("Opening cases over HTTP", lines, out, connections=CONNECTIONS, seconds=SECONDS, turns=TURNS)


def _measure(here: Stage, application: str, workers: int, sent: str) -> Found:
    with here.serving(application, workers) as address:
        return put_under_load(
            Plan(address, [sent], connections=CONNECTIONS, seconds=SECONDS, warmup_seconds=2)
        )


def _make_table(here: Stage) -> None:
    with psycopg.connect(here.urls.owner.get_secret_value(), autocommit=True) as owner:
        owner.execute(TABLE)
        owner.execute("GRANT INSERT ON bare_cases TO hub_app")


def _lines(measured: dict[str, list[Found]], workers: int) -> list[Line]:
    def of(name: str, figure: Callable[[Found], float]) -> float:
        return median(figure(found) for found in measured[name])

    bare = of("one bare INSERT", lambda found: found.per_second)
    return [
        Line(
            f"{name} ({workers} {'process' if workers == 1 else 'processes'})",
            of(name, lambda found: found.per_second),
            "/s",
            aim=AIM if name != "one bare INSERT" else None,
            least=True,
            more={
                "of bare": of(name, lambda found: found.per_second) / bare,
                "p50 ms": of(name, lambda found: found.percentile(0.5)),
                "p95 ms": of(name, lambda found: found.percentile(0.95)),
                "p99 ms": of(name, lambda found: found.percentile(0.99)),
                "generator's CPU": of(name, lambda found: found.cpu_seconds / (found.seconds + 2)),
            },
        )
        for name in measured
    ]
