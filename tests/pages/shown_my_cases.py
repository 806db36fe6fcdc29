"""All cases of the citizen of `shown_cases`, by a code to their e-mail, as pictures show them."""

from __future__ import annotations

import re
from typing import Any, Final

from playwright.sync_api import Page

from infra.mail_catcher import MailCatcher
from tenants.database import Database
from tenants.languages import Language
from tests.hub.messages.writing import send_all
from tests.pages.shown_cases import EMAIL, Shown

MY_CASES: Final = ("my-cases-code", "my-cases-list", "my-cases-case")
_CODE: Final = re.compile(r"\u2066(\d{6})\u2069")


class Mailbox:
    """The citizen's mail; only so many codes are sent to one address, so one code serves all browsers."""

    def __init__(self, database: Database, mail: MailCatcher, shown: Shown) -> None:
        self._database = database
        self._mail = mail
        self._shown = shown
        self._asked: list[Any] = []
        self._proved: list[Any] = []

    def go_to(self, page: Page, language: Language, name: str) -> None:
        """Open the page that a picture's name stands for, as a browser that has come so far."""
        if not self._proved:
            self._prove(page, language)
        page.context.add_cookies(self._asked if name == "my-cases-code" else self._proved)
        below = {"my-cases-code": "code", "my-cases-list": "list"}.get(
            name, f"list/{self._shown.asked.number}"
        )
        page.goto(f"/{language.value}/my-cases/{below}")

    def _prove(self, page: Page, language: Language) -> None:
        page.goto(f"/{language.value}/my-cases")
        page.locator("input[name=email]").fill(EMAIL)
        page.locator("form[action$='/my-cases'] button").click()
        page.wait_for_url("**/my-cases/code")
        self._asked = page.context.cookies()
        send_all(self._database)
        found = _CODE.search(self._mail.caught()[0].text)
        assert found is not None
        page.locator("input[name=code]").fill(found.group(1))
        page.locator("form[action$='/my-cases/code'] button").click()
        page.wait_for_url("**/my-cases/list")
        self._proved = page.context.cookies()
