"""Drawings (SVG) as logos: only shapes, paths, gradients and titles; whatever else is in one is refused, not removed.

A drawing is taken apart and written anew from what is listed here, so that nothing of the file itself is ever served.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from hub.looks.errors import BadLogo
from tenants.languages import Text

LARGEST_DRAWING: Final = 40_000
LARGEST_COMPRESSED: Final = 10_000
_MOST_ELEMENTS: Final = 500
_DEEPEST: Final = 16
_LONGEST_WORDS: Final = 200

_SVG: Final = "http://www.w3.org/2000/svg"
_NAMESPACE_END: Final = " "
_PAINT: Final = frozenset(
    {
        "clip-rule",
        "color",
        "fill",
        "fill-opacity",
        "fill-rule",
        "opacity",
        "stroke",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-opacity",
        "stroke-width",
        "transform",
    }
)
_GRADIENT: Final = frozenset({"gradientTransform", "gradientUnits", "id", "spreadMethod"})
_WORDS: Final[frozenset[str]] = frozenset()
# What may stand in a drawing, and what of it each may say.
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "svg": _PAINT | {"height", "preserveAspectRatio", "version", "viewBox", "width"},
    "g": _PAINT,
    "defs": frozenset(),
    "title": _WORDS,
    "desc": _WORDS,
    "path": _PAINT | {"d"},
    "rect": _PAINT | {"height", "rx", "ry", "width", "x", "y"},
    "circle": _PAINT | {"cx", "cy", "r"},
    "ellipse": _PAINT | {"cx", "cy", "rx", "ry"},
    "line": _PAINT | {"x1", "x2", "y1", "y2"},
    "polyline": _PAINT | {"points"},
    "polygon": _PAINT | {"points"},
    "linearGradient": _GRADIENT | {"x1", "x2", "y1", "y2"},
    "radialGradient": _GRADIENT | {"cx", "cy", "fr", "fx", "fy", "r"},
    "stop": frozenset({"offset", "stop-color", "stop-opacity"}),
}
_WITH_WORDS: Final = frozenset({"title", "desc"})
# The page says how large it is, and a version says nothing.
_LEFT_OUT: Final = frozenset({"height", "version", "width"})
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}")
_OWN_GRADIENT: Final = re.compile(r"url\(#[A-Za-z][A-Za-z0-9_-]{0,60}\)")
# Numbers, letters of paths, names and numbers of colours, and rgb(…), rotate(…) and their like.
_VALUE: Final = re.compile(r"[A-Za-z0-9#%+\-., ()\s]*")
_CALL: Final = re.compile(r"([A-Za-z-]+)\s*\(")
_CALLS: Final = frozenset(
    {"rgb", "rgba", "hsl", "hsla", "matrix", "translate", "scale", "rotate", "skewX", "skewY"}
)
_VIEW_BOX: Final = re.compile(r"\s*-?[0-9.]+(?:[\s,]+-?[0-9.]+){3}\s*")
_FARTHEST: Final = 100_000.0


def clean_drawing(content: bytes) -> bytes:
    """A drawing written anew with nothing in it but what draws, the same for the same drawing.

    Raises `BadLogo`, naming the line, for whatever is not listed here: scripts, styles, links, foreign content,
    pictures within pictures, animation, declarations of documents and entities.
    """
    if len(content) > LARGEST_DRAWING:
        raise BadLogo(_TOO_LARGE)
    drawing = _Reading().read(content)
    if len(zlib.compress(drawing, 9)) > LARGEST_COMPRESSED:
        raise BadLogo(_TOO_LARGE)
    return drawing


_TOO_LARGE: Final = Text(
    ar="الرسم أكبر من المسموح: 40 كيلوبايت، و10 كيلوبايت بعد الضغط. بسّط الرسم.",
    en="the drawing is larger than 40 kB, or 10 kB compressed; make it simpler.",
)
_NOT_XML: Final = Text(
    ar="ليس رسمًا سليمًا بصيغة SVG؛ احفظه من برنامج الرسم مرة أخرى.",
    en="it is not a well-formed SVG drawing; save it from your drawing program again.",
)
_DECLARED: Final = Text(
    ar="فيه تعريف مستند أو كيانات (DOCTYPE)؛ احفظه «SVG بسيطًا» دونها.",
    en="it declares a document type or entities (DOCTYPE); save it as plain SVG without them.",
)
_NOT_SVG: Final = Text(ar="أول عنصر فيه ليس svg.", en="its first element is not svg.")
_NO_VIEW_BOX: Final = Text(
    ar="ينقصه viewBox، أو ليس فيه مساحة: بلا ذلك لا يُعرف حجم الرسم.",
    en="it has no viewBox with an area, and without that nobody knows how large it is.",
)
_TOO_MUCH: Final = Text(
    ar="فيه عناصر كثيرة أو متداخلة أكثر من المسموح؛ بسّط الرسم.",
    en="it has too many elements, or nests them too deeply; make it simpler.",
)
_WORDS_OUTSIDE: Final = Text(
    ar="فيه نص خارج العنوان والوصف؛ حوّل الحروف إلى مسارات.",
    en="it has text outside its title and description; turn letters into paths.",
)
_LONG_WORDS: Final = Text(ar="عنوانه أو وصفه أطول من اللازم.", en="its title or description is too long.")


def _not_element(name: str) -> Text:
    return Text(
        ar=f"العنصر «{name}» غير مسموح به. المسموح: الأشكال والمسارات والتدرجات والعناوين فقط.",
        en=f"the element “{name}” is not allowed: only shapes, paths, gradients and titles are.",
    )


def _not_attribute(name: str) -> Text:
    return Text(
        ar=f"الخاصية «{name}» غير مسموح بها؛ احفظ الرسم «SVG بسيطًا» بخصائص عرض لا أنماط.",
        en=f"the attribute “{name}” is not allowed; save it as plain SVG, with presentation attributes and no styles.",
    )


def _not_value(name: str) -> Text:
    return Text(
        ar=f"قيمة الخاصية «{name}» غير مسموح بها؛ ولا يُشار إلا إلى تدرجات الرسم نفسه.",
        en=f"the value of “{name}” is not allowed; nothing may be referred to but the drawing's own gradients.",
    )


@dataclass(slots=True)
class _Reading:
    """One drawing being read and written anew."""

    written: list[str] = field(default_factory=list)
    within: list[str] = field(default_factory=list)
    elements: int = 0
    words: int = 0

    def read(self, content: bytes) -> bytes:
        parser = expat.ParserCreate(namespace_separator=_NAMESPACE_END)
        parser.buffer_text = True

        def at(reason: Text) -> BadLogo:
            return BadLogo(reason, parser.CurrentLineNumber)

        def declared(*_told: object) -> None:
            raise at(_DECLARED)

        def begins(name: str, attributes: dict[str, str]) -> None:
            reason = self.begin(name, attributes)
            if reason is not None:
                raise at(reason)

        def says(words: str) -> None:
            reason = self.say(words)
            if reason is not None:
                raise at(reason)

        parser.StartDoctypeDeclHandler = declared
        parser.EntityDeclHandler = declared
        parser.StartElementHandler = begins
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = says
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError, LookupError):
            raise at(_NOT_XML) from None
        return "".join(self.written).encode()

    def begin(self, name: str, attributes: Mapping[str, str]) -> Text | None:
        """An element begins; gives why it may not."""
        namespace, _, element = name.rpartition(_NAMESPACE_END)
        if not self.within:
            if (namespace, element) != (_SVG, "svg"):
                return _NOT_SVG
            if not _has_area(attributes.get("viewBox", "")):
                return _NO_VIEW_BOX
        elif namespace != _SVG or element == "svg" or element not in _ALLOWED:
            return _not_element(element[:40])
        self.elements += 1
        if self.elements > _MOST_ELEMENTS or len(self.within) >= _DEEPEST:
            return _TOO_MUCH
        return self._write(element, attributes)

    def _write(self, element: str, attributes: Mapping[str, str]) -> Text | None:
        self.written.append(f"<{element}" if self.within else f'<{element} xmlns="{_SVG}"')
        for each, value in sorted(attributes.items()):
            if each not in _ALLOWED[element]:
                return _not_attribute(each.rpartition(_NAMESPACE_END)[2][:40])
            if element == "svg" and each in _LEFT_OUT:
                continue
            if not _is_plain(each, value):
                return _not_value(each)
            self.written.append(f" {each}={quoteattr(' '.join(value.split()))}")
        self.written.append(">")
        self.within.append(element)
        self.words = 0
        return None

    def end(self, _name: str) -> None:
        """The innermost element ends."""
        self.written.append(f"</{self.within.pop()}>")

    def say(self, words: str) -> Text | None:
        """Words stand in the innermost element; gives why they may not."""
        if self.within and self.within[-1] in _WITH_WORDS:
            self.words += len(words)
            if self.words > _LONGEST_WORDS:
                return _LONG_WORDS
            self.written.append(escape(words))
            return None
        return _WORDS_OUTSIDE if words.strip() else None


def _is_plain(name: str, value: str) -> bool:
    if name == "id":
        return _NAME.fullmatch(value) is not None
    if name in ("fill", "stroke") and _OWN_GRADIENT.fullmatch(value.strip()):
        return True
    return _VALUE.fullmatch(value) is not None and _CALLS.issuperset(_CALL.findall(value))


def _has_area(view_box: str) -> bool:
    if not _VIEW_BOX.fullmatch(view_box):
        return False
    try:
        _, _, width, height = (float(part) for part in view_box.replace(",", " ").split())
    except ValueError:
        return False
    return 0 < width <= _FARTHEST and 0 < height <= _FARTHEST
