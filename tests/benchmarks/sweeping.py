"""The sweep over a million open clocks: what it costs when none is due, and how long ten thousand take at once."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, union_all

from hub.sla.actions import sweep_clocks
from hub.sla.models import CaseClock, TicketClock
from infra.generate.run import Wishes, generate
from tenants.across import Across, Purpose
from tenants.clock import VirtualClock
from tenants.context import SYSTEM, Context
from tests.benchmarks.reading import vacuum
from tests.benchmarks.report import Line, tell
from tests.benchmarks.stage import stage

CLOCKS = int(os.environ.get("HUB_BENCH_CLOCKS", "1000000"))
AT_ONCE = int(os.environ.get("HUB_BENCH_CLOCKS_AT_ONCE", "10000"))
TENANTS = 40
_IDLE_MS, _FIRED_SECONDS = 5, 5
_IDLE_SWEEPS = 300
# As the beat sweeps.
_BATCH = 500
# An open ticket has its resolution clock and its case's, and often its first response is open too.
_CLOCKS_PER_TICKET = 2.1


def main(out: Path | None = None) -> None:
    """Make the clocks unless they are kept from last time, measure, print, and add the figures to a file."""
    tickets = int(CLOCKS / _CLOCKS_PER_TICKET)
    # Young tickets: their clocks still have rungs to come.
    wishes = Wishes(tickets, TENANTS, open_share=1.0, days=3)
    with stage("bench_sweeping", kept="HUB_BENCH_DATA" in os.environ) as here:
        url = here.urls.app.get_secret_value()
        generate(here.database, wishes, url=url, processes=(os.cpu_count() or 1) + 1)
        vacuum(here)
        across = Across(here.database)
        with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM) as context:
            running, first, last = _clocks(context, AT_ONCE)
        idle = sorted(_idle(across, VirtualClock(first - timedelta(seconds=1))) for _ in range(_IDLE_SWEEPS))
        fired, seconds, longest = _fire(across, VirtualClock(last))
    lines = [
        Line(
            f"idle sweep, {running} open clocks",
            1000 * idle[len(idle) * 95 // 100],
            "ms (p95)",
            aim=_IDLE_MS,
            more={"p50": 1000 * idle[len(idle) // 2], "most": 1000 * idle[-1]},
        ),
        Line(
            f"{fired} clocks due at once, until all are fired",
            seconds,
            "s",
            aim=_FIRED_SECONDS,
            more={"clocks a second": fired / seconds, "longest batch ms": 1000 * longest},
        ),
    ]
    tell("Sweeping", lines, out, open_clocks=running, tickets=tickets, tenants=TENANTS)


def _clocks(context: Context, at_once: int) -> tuple[int, datetime, datetime]:
    """How many clocks run, when the first of them is to act next, and when so many of them are."""
    mine = TicketClock.tenant_id.in_(context.tenants)
    running = [
        context.session.scalar(
            select(func.count()).where(table.met_at.is_(None), table.stopped_at.is_(None), condition)
        )
        or 0
        for table, condition in ((TicketClock, mine), (CaseClock, CaseClock.kind == "case"))
    ]
    coming = union_all(
        select(TicketClock.next_action_at).where(mine, TicketClock.next_action_at.is_not(None)),
        select(CaseClock.next_action_at).where(CaseClock.next_action_at.is_not(None)),
    ).subquery()
    moments = context.session.scalars(
        select(coming.c.next_action_at).order_by(coming.c.next_action_at).limit(at_once)
    ).all()
    return sum(running), moments[0], moments[-1]


def _idle(across: Across, clock: VirtualClock) -> float:
    begun = time.perf_counter()
    with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=clock) as context:
        looked_at = sweep_clocks(context, limit=_BATCH)
    if looked_at:
        raise RuntimeError("an idle sweep found something to do")
    return time.perf_counter() - begun


def _fire(across: Across, clock: VirtualClock) -> tuple[int, float, float]:
    """Sweep until nothing is due: how many clocks were looked at, in how many seconds, and the longest batch's."""
    fired, longest, begun = 0, 0.0, time.perf_counter()
    looked_at = _BATCH
    while looked_at:
        batch = time.perf_counter()
        with across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM, clock=clock) as context:
            looked_at = sweep_clocks(context, limit=_BATCH)
        fired += looked_at
        longest = max(longest, time.perf_counter() - batch)
    return fired, time.perf_counter() - begun, longest
