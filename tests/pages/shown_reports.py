"""A report on its way through its pages, as pictures show it."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tenants.languages import Language, Text

# By the name of the picture: the step.
REPORTS: Final = {
    "report-what": "what",
    "report-questions": "questions-1",
    "report-you": "you",
    "report-review": "review",
    "report-receipt": "receipt",
}
_PATH: Final = "/agencies/electricity/services/dangerous_wire/report"
_WORDS: Final = Text(
    ar="سلك كهرباء ساقط على الرصيف أمام المدرسة منذ صباح اليوم.",
    en="A live wire has been lying on the pavement in front of the school since this morning.",
)
_ADDRESS: Final = Text(ar="شارع النيل أمام المدرسة", en="Nile Street, in front of the school")
_NAME: Final = Text(ar="منى حسن", en="Mona Hassan")


def go_to_report(page: Page, language: Language, name: str) -> None:
    """Open a step of a report that is filled in, which is begun if this browser has none yet."""
    path = f"/{language.value}{_PATH}"
    page.goto(path)
    if page.locator("form[data-report]").count():
        _fill_in(page, language)
    if name == "report-receipt":
        page.goto(f"{path}/review")
        _send(page)
    else:
        page.goto(f"{path}/{REPORTS[name]}")


def _fill_in(page: Page, language: Language) -> None:
    page.locator("textarea").fill(_WORDS.in_language(language))
    _send(page)
    page.locator("[name='answers.place.address']").fill(_ADDRESS.in_language(language))
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
