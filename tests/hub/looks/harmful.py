"""Drawings that would do something, or have something done, if they were shown as they are."""

from __future__ import annotations

from typing import Final

_HEAD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
)


def _drawing(inside: str) -> str:
    return f"{_HEAD}{inside}</svg>"


# By what they try; OUTSIDE stands for an address that nothing may be fetched from.
HARMFUL: Final = {
    "a script": _drawing("<script>alert(1)</script>"),
    "a script of elsewhere": _drawing('<script href="OUTSIDE/a.js"/>'),
    "a script of XHTML": _drawing('<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>'),
    "a handler of events": _drawing('<rect width="9" height="9" onclick="alert(1)"/>'),
    "a handler on the drawing": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"/>',
    "a handler in capitals": _drawing('<rect width="9" height="9" ONLOAD="alert(1)"/>'),
    "foreign content": _drawing(
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>"
    ),
    "a link": _drawing('<a xlink:href="javascript:alert(1)"><rect width="9" height="9"/></a>'),
    "a picture within": _drawing('<image href="OUTSIDE/a.png" width="9" height="9"/>'),
    "a picture of data": _drawing('<image href="data:image/svg+xml;base64,AAAA" width="9" height="9"/>'),
    "a drawing used from elsewhere": _drawing('<use href="OUTSIDE/a.svg#b"/>'),
    "a sheet of styles": _drawing("<style>@import url(OUTSIDE/a.css);</style>"),
    "a style": _drawing('<rect width="9" height="9" style="fill:url(OUTSIDE/a.svg#b)"/>'),
    "a class": _drawing('<rect width="9" height="9" class="a"/>'),
    "paint from elsewhere": _drawing('<rect width="9" height="9" fill="url(OUTSIDE/a.svg#b)"/>'),
    "paint in quotes": _drawing("<rect width='9' height='9' fill='url(\"OUTSIDE/a.svg#b\")'/>"),
    "paint in capitals": _drawing('<rect width="9" height="9" fill="URL(OUTSIDE)"/>'),
    "paint by escapes": _drawing('<rect width="9" height="9" fill="u\\72l(OUTSIDE)"/>'),
    "paint after another": _drawing('<rect width="9" height="9" fill="url(#a) url(OUTSIDE)"/>'),
    "a filter": _drawing('<filter id="a"><feImage href="OUTSIDE/a.png"/></filter>'),
    "a mask": _drawing('<rect width="9" height="9" mask="url(OUTSIDE/a.svg#b)"/>'),
    "an animation": _drawing('<rect width="9" height="9"><set attributeName="onload" to="alert(1)"/></rect>'),
    "a frame": _drawing('<iframe xmlns="http://www.w3.org/1999/xhtml" src="OUTSIDE"/>'),
    "an outside entity": f'<!DOCTYPE svg [<!ENTITY a SYSTEM "OUTSIDE/a">]>{_drawing("<title>&a;</title>")}',
    "a file as an entity": f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hosts">]>{_drawing("<desc>&a;</desc>")}',
    "an entity within an entity": '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    + _drawing("<title>&b;</title>"),
    "an outside declaration": f'<!DOCTYPE svg SYSTEM "OUTSIDE/a.dtd">{_drawing("")}',
    "text": _drawing('<text x="1" y="1">اتصل بنا على 0900</text>'),
    "words outside a title": _drawing("اتصل بنا"),
    "a drawing in a drawing": _drawing('<svg viewBox="0 0 1 1"/>'),
    "an element of no namespace": '<svg viewBox="0 0 9 9"/>',
    "another namespace's attribute": _drawing('<rect width="9" height="9" xlink:href="OUTSIDE"/>'),
    "another base": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" xml:base="OUTSIDE"/>',
    "what HTML would read otherwise": _drawing("<title></title><style></title><img src=x onerror=alert(1)>"),
}
