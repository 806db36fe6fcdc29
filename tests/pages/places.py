"""The pages of the portal that are looked at one by one: in the browser by tests, and in pictures by people."""

from __future__ import annotations

# By the name of the picture: the address without its language.
PLACES: dict[str, str] = {
    "home": "",
    "help": "/help",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "terms": "/terms",
    "not-found": "/no-such-page",
    "styleguide": "/styleguide",
    "found": "/find?q=%D8%A7%D9%84%D9%85%D9%8A%D8%A7%D9%87",
    "found-nothing": "/find?q=zzzz",
    "life-event": "/life-events/moving_home",
    "near": "/near?governorate=cairo",
    "agency": "/agencies/water",
    "follow": "/follow",
    "my-cases": "/my-cases",
    "offline": "/offline",
    "unsent": "/unsent",
}
