"""Pages for a phone on a weak line: 400 kbit/s and 400 ms in both directions, by real Chromium, also on a slow phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Browser, CDPSession, Page

from hub import reactions
from infra.demo.stage import load_bodies, read_packs
from tenants.languages import Language
from tests.benchmarks.report import Line, tell
from tests.benchmarks.stage import Stage, stage
from tests.pages.browsers import NARROW, Looking, looking, running_chromium
from tests.pages.shown_cases import Shown, show_cases, supply_answers
from tests.pages.shown_reports import go_to_report

BITS_PER_SECOND: Final = 400_000
LATENCY_MS: Final = 400
SLOWER: Final = 4
"""How many times slower a phone's processor is taken to be than this machine's."""
_ROUNDS: Final = 3
_FIRST_AIM: Final = 3.0
_NEXT_AIM: Final = 1.5
_REPORT: Final = "/agencies/electricity/services/dangerous_wire"
# When something is shown, and when all of the page is there to be used: its fields and buttons are forms that need no
# script. Both since the citizen asked for it, redirections included.
_USABLE: Final = """() => new Promise((resolve) => {
  const look = () => {
    const [shown] = performance.getEntriesByName("first-contentful-paint");
    const [visit] = performance.getEntriesByType("navigation");
    if (shown && visit.domInteractive && visit.loadEventEnd) resolve([shown.startTime, visit.domInteractive]);
    else setTimeout(look, 25);
  };
  look();
})"""


@dataclass(frozen=True)
class _Place:
    """One page that is measured: how one gets to it, after what has been done without being measured."""

    name: str
    open: Callable[[Page], object]
    before: Callable[[Page], object]
    aim: float = _NEXT_AIM


def main(out: Path | None = None) -> None:
    """Serve the example bodies, open each page on a weak line, print, and add the figures to a file."""
    reactions.install()
    now = datetime.now(UTC)
    lines = []
    with (
        stage("bench_weak_line") as here,
        _serving(here, now) as (address, shown),
        running_chromium() as browser,
    ):
        for language in Language:
            for place in _places(language, shown):
                quick, slow = (_measured(browser, address, language, place, each) for each in (1, SLOWER))
                lines.append(
                    Line(
                        f"{language.value}: {place.name}",
                        quick,
                        "s",
                        aim=place.aim,
                        more={f"s, processor {SLOWER} times slower": slow},
                    )
                )
    tell("Weak line", lines, out, bits_per_second=BITS_PER_SECOND, latency_ms=LATENCY_MS, rounds=_ROUNDS)


@contextmanager
def _serving(here: Stage, now: datetime) -> Iterator[tuple[str, Shown]]:
    water = load_bodies(here.database, read_packs(), now - timedelta(days=2))["water"]
    lead = max(water.staff, key=lambda each: len(each.actor.grants[water.id]))
    answers = supply_answers((now - timedelta(days=1)).date())
    shown = show_cases(here.database, water.id, lead.actor, "no_water", answers, now)
    with here.serving("infra.asgi:house", 1) as address:
        yield address, shown


def _places(language: Language, shown: Shown) -> list[_Place]:
    def to(path: str) -> Callable[[Page], object]:
        return lambda page: page.goto(f"/{language.value}{path}")

    def send(page: Page) -> None:
        with page.expect_navigation():
            page.locator("form button[type=submit]").last.click()

    def up_to_review(page: Page) -> None:
        go_to_report(page, language, "report-review")

    case = f"/cases/{shown.asked.number}"
    return [
        _Place("home, first visit", to(""), lambda page: None, _FIRST_AIM),
        _Place("service", to(_REPORT), to("")),
        _Place("first step of a report", to(f"{_REPORT}/report"), to(_REPORT)),
        _Place("receipt, with the sending", send, up_to_review),
        _Place("follow", to("/follow"), to("")),
        _Place("case by its link", to(f"{case}/{shown.asked.secret}"), to("")),
        _Place("case again", to(case), to(f"{case}/{shown.asked.secret}")),
    ]


def _measured(browser: Browser, address: str, language: Language, place: _Place, times_slower: int) -> float:
    """The median of the seconds until a page can be used, each time in a fresh browser."""
    return median(_once(browser, address, language, place, times_slower) for _ in range(_ROUNDS))


def _once(browser: Browser, address: str, language: Language, place: _Place, times_slower: int) -> float:
    with looking(browser, address, Looking(language, NARROW)) as page:
        place.before(page)
        if page.url != "about:blank":
            page.wait_for_load_state("networkidle")
        session = page.context.new_cdp_session(page)
        _slow_down(session, times_slower)
        place.open(page)
        shown, there = page.evaluate(_USABLE)
        session.detach()
        return float(max(shown, there)) / 1000


def _slow_down(session: CDPSession, times: int) -> None:
    session.send("Network.enable")
    # What a worker fetches would come over a line that is not slowed down.
    session.send("Network.setBypassServiceWorker", {"bypass": True})
    bytes_per_second = BITS_PER_SECOND / 8
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": bytes_per_second,
            "uploadThroughput": bytes_per_second,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})
