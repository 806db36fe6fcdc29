"""What browsers get beside the pages: hashed files that `make pages` built, kept by browsers for ever."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.web.errors import PagesNotBuilt

PREFIX: Final = "/assets/"
WORKER: Final = "/worker.js"
"""Where the service worker is, above all pages that it works for."""
_BUILT: Final = Path(__file__).parent / "built"
_MANIFEST: Final = "manifest.json"
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_KINDS: Final = {
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    bodies: Mapping[str, bytes]


class Assets:
    """The built files, read once; answers requests for them."""

    def __init__(self, folder: Path = _BUILT) -> None:
        """Raises `PagesNotBuilt`."""
        try:
            self._names: dict[str, str] = json.loads((folder / _MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            raise PagesNotBuilt() from None
        self._files = {name: _read(folder / name) for name in self._names.values()}

    def __call__(self, name: str) -> str:
        """The address of a file by the name it has in the source, such as `portal.css`."""
        return PREFIX + self._names[name]

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer a request for a file; false where there is no such file."""
        file = self._files.get(scope["path"].removeprefix(PREFIX))
        if file is None or scope["method"] not in ("GET", "HEAD"):
            return False
        response = _answer(file, Headers(scope=scope))
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        await _send(response, scope, receive, send)
        return True

    async def serve_worker(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for the service worker: its address stays, so browsers ask each time whether it changed."""
        name = self._names["worker.js"]
        asked, tag = Headers(scope=scope), f'"{name}"'
        if asked.get("if-none-match", "").removeprefix("W/") == tag:
            response = Response(status_code=HTTPStatus.NOT_MODIFIED)
        else:
            response = _answer(self._files[name], asked)
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = "no-cache"
        await _send(response, scope, receive, send)


def _answer(file: _File, asked: Headers) -> Response:
    # A quality of zero forbids an encoding; nobody but a test says so, and then the plain file is right.
    offered = {
        each.partition(";")[0].strip()
        for each in asked.get("accept-encoding", "").split(",")
        if "q=0" not in each.replace(" ", "")
    }
    encoding = next((name for name, _ in _ENCODINGS if name in offered and name in file.bodies), "")
    response = Response(file.bodies[encoding], media_type=file.kind)
    response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


async def _send(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] == "HEAD":
        response.body = b""
    await response(scope, receive, send)


def _read(path: Path) -> _File:
    kind = _KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    bodies = {"": path.read_bytes()}
    for name, suffix in _ENCODINGS:
        compressed = path.with_name(path.name + suffix)
        if compressed.exists():
            bodies[name] = compressed.read_bytes()
    return _File(kind, bodies)
