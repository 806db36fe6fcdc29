"""How agencies look, as files that pages fetch: each one's colour by day and by night, and its logo or its initial.

They are served as files of their own because the policy of our pages lets in no style and no picture inline.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import Annotated, Final
from xml.sax.saxutils import escape

from cachetools import LRUCache
from fastapi import Depends
from starlette.responses import Response

from hub.looks import queries
from hub.looks.logos import Logo
from hub.looks.models import LogoKind
from hub.looks.queries import Face
from hub.web.callers import Caller
from hub.web.colours import WHITE, readable_on
from hub.web.guards import PageGuard
from hub.web.pages import SANDBOXED
from hub.web.routing import page_router
from hub.web.visits import Visit
from tenants.context import CITIZEN
from tenants.errors import NotFound
from tenants.languages import Language, Text

router = page_router()

# The least favourable grounds that an agency's colour stands on, by day and by night (`neutral-surface-tinted` of
# hub/web/front/theme.mjs): what can be read on these can be read on all others of ours.
DAY: Final = "#ebf2f2"
NIGHT: Final = "#232b2a"
# The hub's own accent, for an agency that never said what its colour is.
_ACCENT: Final = "#005a54"
_KEPT_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASKED_EACH_TIME: Final = "public, no-cache"
_MOST_REMEMBERED: Final = 500
_ARTICLE: Final = "ال"
_KINDS: Final = {
    "look.css": "text/css",
    "logo.svg": "image/svg+xml",
    "logo.png": "image/png",
}


@dataclass(frozen=True, slots=True)
class _File:
    version: str
    body: bytes


_remembered: LRUCache[tuple[str, ...], _File] = LRUCache(maxsize=_MOST_REMEMBERED)
_lock = Lock()


class AnybodyLooking(PageGuard):
    """Everybody, nameless; counted only where the database has to be asked, for one page may show many logos."""

    def admit(self, visit: Visit) -> Caller:
        """A citizen with no case, who sees the body that the path names."""
        if _known(visit) is None:
            visit.count_by_address()
        return Caller(CITIZEN, visit.tenants_named(), name="anybody")


_Anybody = Annotated[Visit, Depends(AnybodyLooking())]


@router.get("/agencies/{tenant}/look.css")
def read_colours(visit: _Anybody, tenant: str) -> Response:
    """An agency's colour, as much darker or lighter as it takes to be read."""
    return _answer(visit)


@router.get("/agencies/{tenant}/logo.svg")
def read_drawing(visit: _Anybody, tenant: str) -> Response:
    """An agency's logo as a drawing, or its initial in its colour if it has no logo at all."""
    return _answer(visit)


@router.get("/agencies/{tenant}/logo.png")
def read_picture(visit: _Anybody, tenant: str) -> Response:
    """An agency's logo as a picture."""
    return _answer(visit)


def style_of(face: Face) -> str:
    """The style sheet of an agency: its colour for whatever stands within its name."""
    if face.colour is None:
        return ""
    day, night = readable_on(face.colour, DAY), readable_on(face.colour, NIGHT)
    where = f'[data-agency="{face.code}"]'
    # Paper is white whatever the screen is: only screens turn dark.
    return (
        f"{where}{{--hub-tenant:{day}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{{where}{{--hub-tenant:{night}}}}}\n"
    )


def initial_of(face: Face, language: Language) -> str:
    """A drawing of the first letter of an agency's name, white on its colour."""
    letter = escape(_initial(face.short_name, language))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="13" fill="{readable_on(face.colour or _ACCENT, WHITE)}"/>'
        '<text x="32" y="33" fill="#fff" font-family="system-ui, sans-serif" font-size="36" font-weight="600"'
        f' text-anchor="middle" dominant-baseline="central">{letter}</text></svg>'
    )


def _initial(name: Text, language: Language) -> str:
    """The first letter that tells one name from another: in Arabic the article comes before nearly all of them."""
    words = name.in_language(language).strip()
    told = words.removeprefix(_ARTICLE) if language is Language.ARABIC else words
    return (told or words)[:1].upper()


def _answer(visit: Visit) -> Response:
    visit.admitted()
    name = _name(visit)
    file = _known(visit)
    if file is None:
        with visit.work() as context:
            face = queries.face(context)
            body = _drawn(name, face, visit.language, queries.logo(context))
        file = _File(face.version, body)
        with _lock:
            _remembered[_key(visit, face.version)] = file
    kept = _KEPT_FOR_EVER if visit.asked("v") == file.version else _ASKED_EACH_TIME
    headers = {"Cache-Control": kept, "ETag": f'"{file.version}"', **visit.headers}
    if visit.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(
        file.body, media_type=_KINDS[name], headers={**headers, "Content-Security-Policy": SANDBOXED}
    )


def _drawn(name: str, face: Face, language: Language, logo: Logo | None) -> bytes:
    """What a file says; raises `NotFound` for a logo of the other kind."""
    if name == "look.css":
        return style_of(face).encode()
    kind = LogoKind(name.rpartition(".")[2])
    if logo is not None and logo.kind is kind:
        return logo.content
    if logo is None and kind is LogoKind.SVG:
        return initial_of(face, language).encode()
    raise NotFound(field="logo")


def _known(visit: Visit) -> _File | None:
    """The file in the version that the address names, if this process has made it before."""
    with _lock:
        return _remembered.get(_key(visit, visit.asked("v")))


def _key(visit: Visit, version: str) -> tuple[str, ...]:
    return visit.language.value, visit.request.path_params["tenant"], _name(visit), version


def _name(visit: Visit) -> str:
    return visit.request.url.path.rpartition("/")[2]
