"""A report on its way through its pages, as pictures show it, and what others have reported nearby."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from playwright.sync_api import Page

from hub.tickets.actions import Place, open_case
from hub.vocabulary import Channel
from tenants.clock import VirtualClock
from tenants.context import CITIZEN
from tenants.database import Database
from tenants.languages import Language, Text

# By the name of the picture: the step.
REPORTS: Final = {
    "report-what": "what",
    "report-questions": "questions-1",
    "report-map": "questions-1",
    "report-you": "you",
    "report-nearby": "nearby",
    "report-review": "review",
    "report-receipt": "receipt",
}
_PATH: Final = "/agencies/electricity/services/dangerous_wire/report"
_WORDS: Final = Text(
    ar="سلك كهرباء ساقط على الرصيف أمام المدرسة منذ صباح اليوم.",
    en="A live wire has been lying on the pavement in front of the school since this morning.",
)
_ADDRESS: Final = Text(ar="شارع النيل أمام المدرسة", en="Nile Street, in front of the school")
# In the middle of Cairo, where six have reported the same before.
_PLACE: Final = Place(30.0444, 31.2357, "cairo", "cairo-al-azbakeyah")
_EARLIER: Final = 6
_NAME: Final = Text(ar="منى حسن", en="Mona Hassan")


def report_nearby(database: Database, tenant: Any, now: datetime) -> None:
    """Let people report the same near the place of the report that pictures show."""
    for at in range(_EARLIER):
        played = Database(database.bind, clock=VirtualClock(now - timedelta(hours=3 * at + 1)))
        with played.unit_of_work(actor=CITIZEN, tenants=(tenant,), language=Language.ARABIC) as context:
            open_case(
                context,
                service="dangerous_wire",
                description=_WORDS.ar,
                channel=Channel.WEB,
                answers={
                    "place": {"governorate": "cairo", "district": "", "address": _ADDRESS.ar},
                    "what": "bare_wire",
                    "people_near": True,
                    "fire": False,
                },
                place=replace(_PLACE, latitude=30.0444 + 0.0015 * at),
            )


def go_to_report(page: Page, language: Language, name: str) -> None:
    """Open a step of a report that is filled in, which is begun if this browser has none yet."""
    path = f"/{language.value}{_PATH}"
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 30.0444, "longitude": 31.2357})
    page.goto(path)
    if page.locator("form[data-report]").count():
        _fill_in(page, language)
    if name in ("report-review", "report-receipt"):
        # The report is another one than those nearby.
        page.goto(f"{path}/nearby")
        _send(page)
        if name == "report-receipt":
            _send(page)
    else:
        page.goto(f"{path}/{REPORTS[name]}")
    if name == "report-map":
        page.locator("[data-map]").first.click()
        page.locator(".hub-map-point").wait_for()


def _fill_in(page: Page, language: Language) -> None:
    page.locator("textarea").fill(_WORDS.in_language(language))
    _send(page)
    page.locator("[name='answers.place.address']").fill(_ADDRESS.in_language(language))
    page.locator("[data-locate]").click()
    page.locator("[data-unlocate]").wait_for()
    for name in ("what", "people_near", "fire"):
        page.locator(f"[name='answers.{name}']").first.check()
    page.locator("[name='answers.fire']").last.check()
    _send(page)
    page.locator("[name='answers.name']").fill(_NAME.in_language(language))
    page.locator("[name='answers.phone']").fill("01001234567")
    _send(page)


def _send(page: Page) -> None:
    before = page.url
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url(lambda url: url != before)
