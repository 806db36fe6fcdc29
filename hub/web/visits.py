"""One visit to a page: its language, what its form sent, and how it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from hub.web import calls
from hub.web.callers import Shared
from hub.web.languages import in_other_language, language_of_visit
from hub.web.rendering import Pages
from hub.web.sent import Sent, clean
from tenants.database import Database
from tenants.languages import Language
from tenants.settings import RateLimitSettings

LANGUAGE_COOKIE: Final = "hub_language"
_A_YEAR: Final = 365 * 24 * 3600


class PageState(Shared):
    """What the visits of one process share; `home` is where the logo leads, without the language."""

    def __init__(self, database: Database, rates: RateLimitSettings, pages: Pages) -> None:
        super().__init__(database, rates)
        self.pages = pages


class Visit(calls.Call):
    """One visit, let in by its page's guard."""

    state: PageState

    @cached_property
    def language(self) -> Language:
        """The language of the page, by its address."""
        return language_of_visit(
            self.request.url.path,
            self.request.cookies.get(LANGUAGE_COOKIE),
            self.request.headers.get("accept-language"),
        )

    @property
    def sent(self) -> Sent:
        """What the page's form sent; nothing where the page was only asked for."""
        sent: Sent = getattr(self.request.state, "sent", Sent())
        return sent

    def asked(self, name: str) -> str:
        """A word of the address's question, such as `q` of `?q=water`; empty without one."""
        return clean(self.request.query_params.get(name, "")).strip()

    def address(self, path: str, **question: str) -> str:
        """The address of one of our own pages in this language: `visit.address("/find", q="water")`."""
        return f"/{self.language.value}{path}{f'?{urlencode(question)}' if question else ''}"

    def page(
        self,
        template: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        personal: bool = False,
        headers: Mapping[str, str] | None = None,
        **view: Any,
    ) -> Response:
        """A page; `personal` for what only this visitor may ever see, which nothing keeps."""
        self.admitted()
        body = self.state.pages.render(template, self.language, here=self._here(), view=view)
        response = Response(body, status_code=status, media_type="text/html")
        response.headers["Cache-Control"] = "no-store" if personal else "private, no-cache"
        response.headers["Content-Language"] = self.language.value
        response.headers["Vary"] = "Cookie, Accept-Language"
        response.headers.update(self.headers | dict(headers or {}))
        if self.request.cookies.get(LANGUAGE_COOKIE) != self.language.value:
            self.keep(response, LANGUAGE_COOKIE, self.language.value, _A_YEAR)
        return response

    def go_to(self, path: str, **question: str) -> Response:
        """Send the visitor on to one of our own pages in this language, after something was done."""
        self.admitted()
        response = RedirectResponse(self.address(path, **question), status_code=HTTPStatus.SEE_OTHER)
        response.headers["Cache-Control"] = "no-store"
        response.headers.update(self.headers)
        return response

    def keep(self, response: Response, name: str, value: str, seconds: int | None, path: str = "/") -> None:
        """Have the visitor's browser keep something for so long, out of reach of scripts and of other sites."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=path,
            httponly=True,
            samesite="lax",
            secure=self.request.url.scheme == "https",
        )

    def forget(self, response: Response, name: str, path: str = "/") -> None:
        """Have the visitor's browser forget what it kept."""
        self.keep(response, name, "", 0, path)

    def _here(self) -> dict[str, str]:
        url = self.request.url
        return {
            "path": url.path,
            "switched": in_other_language(url.path, url.query, self.language),
        }
