"""What holds for every page: valid HTML, one language, headings in order, names for all inputs, nothing inline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from http.cookies import SimpleCookie
from xml.etree.ElementTree import Element

import html5lib
from html5lib.html5parser import ParseError
from httpx2 import Response

from hub.web.pages import SAFETY, SANDBOXED
from tenants.languages import Language

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LATIN = re.compile("[A-Za-z]")
_ARABIC = re.compile("[\u0621-\u064a]")
_QUOTED = re.compile("«.*?»|“.*?”", re.DOTALL)
# Kinds of files have the same names in every language.
_NAMES_OF_KINDS = re.compile("JPEG|PNG|WebP|HEIC|PDF|UTF-8|Word|Excel|docx|xlsx")
_SPOKEN = ("title", "aria-label", "alt", "placeholder", "content", "label")
_NEEDS_NAME = {"input", "select", "textarea"}
_REFERS = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-details", "for", "list", "headers")
# Machines read these, and no person.
_UNREAD_META = {"viewport", "color-scheme", "format-detection", "theme-color", None}
SAFER = {"Content-Security-Policy": SANDBOXED}


class WrongPage(AssertionError):  # noqa: N818 - says what is wrong
    """A page that breaks what holds for all of them; every reason in a line."""


def check_response(answer: Response) -> None:
    """Hold an answer against what holds for all of them, and, if it is a page, the page too."""
    problems = []
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    for name, value in SAFETY.items():
        # Files of agencies are held even shorter.
        if answer.headers.get(name) not in ({value} if is_page else {value, SAFER.get(name, value)}):
            problems.append(f"the header {name} is {answer.headers.get(name)!r}")
    if not answer.headers.get("X-Request-Id"):
        problems.append("there is no request id")
    for header in answer.headers.get_list("set-cookie"):
        for cookie in SimpleCookie(header).values():
            if not cookie["httponly"] or cookie["samesite"].lower() != "lax":
                problems.append(f"the cookie {cookie.key} can be read or borrowed")
            if answer.request.url.scheme == "https" and not cookie["secure"]:
                problems.append(f"the cookie {cookie.key} goes over plain lines")
    if answer.headers.get("Content-Type", "").startswith("text/html") and answer.content:
        if answer.headers.get("Cache-Control") not in ("no-store", "private, no-cache"):
            problems.append(f"the page may be kept: {answer.headers.get('Cache-Control')}")
        language = Language(answer.headers["Content-Language"])
        problems += problems_of(answer.text, language)
    if problems:
        where = f"{answer.request.method} {answer.request.url} ({answer.status_code})"
        raise WrongPage("\n  ".join([where, *problems]))


def parse(text: str) -> Element:
    """A page's tree; raises `ParseError` for HTML that browsers have to guess at."""
    root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    return root


def problems_of(text: str, language: Language) -> list[str]:
    """What is wrong with a page in a language, in words."""
    try:
        root = parse(text)
    except ParseError as problem:
        return [f"not valid HTML: {problem}"]
    return [
        *_about_head(root, language),
        *_about_headings(root),
        *_about_ids(root),
        *_about_names(root),
        *_about_inline(root),
        *_about_language(root, language),
    ]


def _about_head(root: Element, language: Language) -> Iterator[str]:
    direction = "rtl" if language is Language.ARABIC else "ltr"
    if root.get("lang") != language.value or root.get("dir") != direction:
        yield f"the page says lang={root.get('lang')} dir={root.get('dir')}"
    title = root.findtext(".//title", "").strip()
    parts = [part.strip() for part in title.split("–")]
    if len(parts) < 2 or not all(parts):
        yield f"the title does not say what page it is: {title!r}"
    if len(root.findall(".//main")) != 1:
        yield "there is not one <main>"
    first = root.find(".//body//a")
    if first is None or first.get("href") != "#main":
        yield "nothing skips to the content"


def _about_headings(root: Element) -> Iterator[str]:
    levels = [(_HEADINGS[each.tag], _words(each)) for each in root.iter() if each.tag in _HEADINGS]
    if [level for level, _ in levels].count(1) != 1:
        yield f"there is not one <h1>: {levels}"
    before = 0
    for level, words in levels:
        if level > before + 1:
            yield f"heading {words!r} jumps from h{before} to h{level}"
        if not words:
            yield "a heading is empty"
        before = level


def _about_ids(root: Element) -> Iterator[str]:
    ids = Counter(each.get("id") for each in root.iter() if each.get("id") is not None)
    yield from (f"the id {name!r} appears {times} times" for name, times in ids.items() if times > 1)
    for each in root.iter():
        for attribute in _REFERS:
            for name in (each.get(attribute) or "").split():
                if name not in ids:
                    yield f"<{each.tag}> refers by {attribute} to {name!r}, which is not there"
        href = each.get("href") or ""
        if href.startswith("#") and href[1:] not in ids:
            yield f"a link leads to {href!r}, which is not there"


def _about_names(root: Element) -> Iterator[str]:
    labelled = {each.get("for") for each in root.iter("label") if _words(each)}
    for each in root.iter():
        named = each.get("id") in labelled or each.get("aria-label") or each.get("aria-labelledby")
        if each.tag in _NEEDS_NAME and each.get("type") != "hidden" and not named:
            yield f"<{each.tag} name={each.get('name')}> has no label"
        if each.tag in ("a", "button") and not (_words(each) or each.get("aria-label")):
            yield f"a <{each.tag}> says nothing"
        if each.tag == "a" and not each.get("href"):
            yield "a link leads nowhere"
        if each.tag == "button" and each.get("type") not in ("submit", "button"):
            yield f"the button {_words(each)!r} does not say what it does"
        if each.tag == "img" and each.get("alt") is None:
            yield f"the picture {each.get('src')!r} has no words"
        if each.tag == "fieldset" and not _words(each.find("legend")):
            yield "a group of fields has no legend"
        if each.tag == "table" and not (each.find("caption") is not None or each.get("aria-labelledby")):
            yield "a table has no caption"
        if each.tag == "nav" and not (each.get("aria-label") or each.get("aria-labelledby")):
            yield "a navigation has no name"


def _about_inline(root: Element) -> Iterator[str]:
    for each in root.iter():
        tag = str(each.tag).rpartition("}")[2]
        if tag == "style" or (tag == "script" and (not each.get("src") or (each.text or "").strip())):
            yield f"an inline <{tag}>"
        for name, value in each.attrib.items():
            if name == "style" or name.startswith("on"):
                yield f"<{tag}> carries {name}"
            if name in ("src", "href", "action") and re.match(r"\s*(javascript|data):", value, re.IGNORECASE):
                yield f"<{tag}> has {name}={value[:30]!r}"
        source = (
            each.get("src")
            if tag in ("script", "img", "iframe")
            else each.get("href")
            if tag == "link"
            else None
        )
        if source is not None and not (source.startswith("/") and not source.startswith("//")):
            yield f"<{tag}> fetches {source!r} from elsewhere"


def _about_language(root: Element, language: Language) -> Iterator[str]:
    foreign, name = (_LATIN, "Latin letters") if language is Language.ARABIC else (_ARABIC, "Arabic letters")
    for words in _spoken(root, language.value):
        # A sentence may quote what somebody typed.
        if foreign.search(_NAMES_OF_KINDS.sub("", _QUOTED.sub("", words))):
            yield f"{name} on this page: {words.strip()[:80]!r}"


def _spoken(element: Element, language: str) -> Iterator[str]:
    """The words that the page itself says in its language; not what people wrote, nor what is marked as foreign."""
    tag = str(element.tag).rpartition("}")[2]
    if element.get("lang", language) != language or tag in (
        "bdi",
        "script",
        "style",
        "code",
        "svg",
        "textarea",
    ):
        return
    if not (tag == "meta" and element.get("name") in _UNREAD_META):
        yield from (element.get(name) or "" for name in _SPOKEN)
    if tag == "input" and element.get("type") in ("submit", "button"):
        yield element.get("value") or ""
    yield element.text or ""
    for child in element:
        yield from _spoken(child, language)
        yield child.tail or ""


def _words(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())
