"""A small tenant that routing rules are tested on."""

from __future__ import annotations

from typing import Any

from hub.routing.conditions import YES_OR_NO
from hub.routing.rules import Known, KnownDistrict, KnownQuestion, KnownService, RoutingFacts
from hub.vocabulary import Channel, Kind, Priority
from tenants.languages import Text


def text(word: str) -> Text:
    return Text(ar=f"{word} بالعربية", en=word)


HAZARD = KnownQuestion(text("Is there danger?"), YES_OR_NO)
SOURCE = KnownQuestion(text("Source"), {"pipe": text("a pipe"), "meter": text("the meter")})
CHANGES = KnownQuestion(text("Changes"), {"colour": text("colour"), "smell": text("smell")})
SINCE = KnownQuestion(text("Since"), None)

KNOWN = Known(
    services={
        "leak": KnownService(text("Leak"), {"hazard": HAZARD, "source": SOURCE, "since": SINCE}),
        "quality": KnownService(text("Quality"), {"hazard": HAZARD, "changes": CHANGES}, team="laboratory"),
        "bill": KnownService(text("Bill")),
    },
    teams={"crews": text("Crews"), "laboratory": text("Laboratory"), "office": text("Office")},
    governorates={"cairo": text("Cairo"), "giza": text("Giza")},
    districts={
        "cairo-maadi": KnownDistrict(text("Maadi"), "cairo"),
        "giza-dokki": KnownDistrict(text("Dokki"), "giza"),
    },
)


def rule(when: dict[str, Any], team: str = "crews", name: str = "a rule") -> dict[str, Any]:
    return {"name": {"ar": "قاعدة", "en": name}, "when": when, "team": team}


def catch_all(team: str = "office") -> dict[str, Any]:
    return {"catch_all": team}


def facts(**given: Any) -> RoutingFacts:
    return RoutingFacts(
        **{
            "service": "leak",
            "kind": Kind.COMPLAINT,
            "priority": Priority.NORMAL,
            "channel": Channel.WEB,
            **given,
        }
    )
