"""The mailbox of a demonstration: what the hub has written to citizens, to be read in a browser."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from hub.sla.wording import moment_in_words
from infra.mail_catcher import CaughtMail, MailCatcher
from infra.serving.beside import Application, serving_beside
from tenants.languages import Language, Text

_TITLE: Final = Text(ar="بريد العرض", en="Mail of the demonstration")
_EMPTY: Final = Text(
    ar="لم تُرسل أي رسالة بعد. أبلغ عن مشكلة واكتب أي عنوان بريد، ثم أعد تحميل هذه الصفحة.",
    en="Nothing has been sent yet. Report something with any e-mail address, then load this page again.",
)
_ABOUT: Final = Text(
    ar="لا تصل هذه الرسائل إلى أحد: يلتقطها العرض ويعرضها هنا.",
    en="None of these reaches anybody: the demonstration catches them and shows them here.",
)
_TO: Final = Text(ar="إلى", en="To")
_BACK: Final = Text(ar="كل الرسائل", en="All mail")
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")
_ZONE: Final = ZoneInfo("Africa/Cairo")
_STYLE: Final = (
    ":root{color-scheme:light dark;font:1.1rem/1.6 system-ui,sans-serif}body{margin:0 auto;max-width:46rem;padding:1rem}"
    "li{margin-block:1rem}a{overflow-wrap:anywhere}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_MOST_DIGITS: Final = 9
_SAFE: Final = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
]


@contextmanager
def mailbox(language: Language) -> Iterator[tuple[MailCatcher, str]]:
    """A mail server that delivers to nobody, and the address of the page that shows what it caught."""
    with MailCatcher() as catcher:
        listener = socket.create_server(("127.0.0.1", 0))
        with serving_beside(listener, _pages(catcher, language), "mailbox") as address:
            yield catcher, address


def _pages(catcher: MailCatcher, language: Language) -> Application:
    def answer(environment: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environment.get("PATH_INFO", "/")).strip("/")
        if not path:
            body = _list(catcher.caught(), language)
        else:
            is_number = path.isascii() and path.isdigit() and len(path) <= _MOST_DIGITS
            mail = catcher.mail(int(path)) if is_number else None
            if mail is None:
                begin("404 Not Found", [("Content-Type", "text/plain")])
                return [b"There is no such mail.\n"]
            body = _one(mail, language)
        begin("200 OK", list(_SAFE))
        return [_page(body, language).encode()]

    return answer


def _list(mails: list[CaughtMail], language: Language) -> str:
    if not mails:
        return f"<p>{escape(_EMPTY.in_language(language))}</p>"
    lines = "".join(
        f'<li><a href="/{mail.number}"><bdi>{escape(mail.subject)}</bdi></a><br>'
        f"{_moment(mail, language)} · <bdi>{escape(', '.join(mail.recipients))}</bdi></li>"
        for mail in mails
    )
    return f"<ol reversed>{lines}</ol>"


def _one(mail: CaughtMail, language: Language) -> str:
    return (
        f'<p><a href="/">{escape(_BACK.in_language(language))}</a></p>'
        f"<h2><bdi>{escape(mail.subject)}</bdi></h2>"
        f"<p>{escape(_TO.in_language(language))}: <bdi>{escape(', '.join(mail.recipients))}</bdi>"
        f" · {_moment(mail, language)}</p>"
        f'<hr><div dir="auto">{_with_links(mail.text)}</div>'
    )


def _with_links(text: str) -> str:
    """A letter's text with its addresses to be followed; everything else in it is only text."""
    made, at = [], 0
    for found in _LINK.finditer(text):
        address = escape(found.group())
        made += [escape(text[at : found.start()]), f'<a href="{address}"><bdi>{address}</bdi></a>']
        at = found.end()
    return "<br>".join("".join([*made, escape(text[at:])]).splitlines())


def _moment(mail: CaughtMail, language: Language) -> str:
    return escape(moment_in_words(mail.at, _ZONE).in_language(language))


def _page(body: str, language: Language) -> str:
    direction = "rtl" if language is Language.ARABIC else "ltr"
    title = escape(_TITLE.in_language(language))
    return (
        f'<!doctype html><html lang="{language.value}" dir="{direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1><p>{escape(_ABOUT.in_language(language))}</p>{body}</main></body></html>"
    )
