"""A place that a form asks for: governorates to choose from, kept as codes and told by their names."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import select

from hub.tickets.models import Ticket
from tenants.languages import Language
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.portal.reports import Reporting, goes_to, offer_outage
from tests.world import World

WHERE: dict[str, Any] = {
    "format": 1,
    "title": {"ar": "المكان", "en": "The place"},
    "pages": [
        {
            "title": {"ar": "المكان", "en": "The place"},
            "questions": [
                {
                    "name": "where",
                    "kind": "place",
                    "label": {"ar": "أين بالتحديد؟", "en": "Where exactly?"},
                    "required": True,
                }
            ],
        }
    ],
}
NAMES = {Language.ARABIC: "الجيزة", Language.ENGLISH: "Giza"}


@pytest.fixture
def begun(world: World, visitor: Visitor) -> Reporting:
    offer_outage(world, WHERE)
    report = Reporting(visitor)
    report.fill("what", description="12 – 3")
    return report


def governorates(page: Element) -> dict[str, str]:
    """What is offered, and what of it is chosen."""
    (box,) = [each for each in page.iter("select") if each.get("name") == "answers.where.governorate"]
    return {
        each.get("value") or "": "chosen" if each.get("selected") is not None else "offered" for each in box
    }


def answers_of(world: World) -> dict[str, Any]:
    with world.as_staff(world.water) as context:
        (ticket,) = context.session.scalars(select(Ticket).where(Ticket.tenant_id == world.water.id))
        return dict(ticket.answers or {})


@pytest.mark.parametrize("language", Language)
def test_a_governorate_is_chosen_by_name_and_kept_by_its_code(
    world: World, begun: Reporting, language: Language
) -> None:
    there = Reporting(begun.visitor, language=language.value)
    offered = governorates(there.see("questions-1"))
    assert len(offered) == 28
    assert offered["giza"] == "offered"
    assert goes_to(there.fill("questions-1", where__governorate="giza", where__district="12/3")) == "files"
    assert governorates(there.see("questions-1"))["giza"] == "chosen"
    told = words_of(there.see("review").find(".//main"))
    assert NAMES[language] in told
    assert "12/3" in told
    there.fill("files")
    there.fill("you")
    assert goes_to(there.send()) == "receipt"
    assert answers_of(world) == {"where": {"governorate": "giza", "district": "12/3"}}
    link = next(
        each.get("href") or ""
        for each in there.see("receipt").iter("a")
        if "/cases/" in (each.get("href") or "")
    )
    opened = there.visitor.get(link.removeprefix("http://hub.test"))
    case = words_of(there.visitor.see(opened.headers["location"]).find(".//main"))
    assert NAMES[language] in case
    assert "giza" not in case


def test_what_is_no_code_is_taken_and_shown_as_it_was_typed(world: World, begun: Reporting) -> None:
    """As a page made before sends it, or a machine by the API."""
    typed = "Greater Cairo"
    assert goes_to(begun.fill("questions-1", where__governorate=typed, where__address="12")) == "files"
    assert governorates(begun.see("questions-1"))[typed] == "chosen"
    assert typed in words_of(begun.see("review").find(".//main"))
    begun.fill("files")
    begun.fill("you")
    assert goes_to(begun.send()) == "receipt"
    assert answers_of(world)["where"]["governorate"] == typed


def test_a_governorate_alone_is_no_place(begun: Reporting) -> None:
    answer = begun.fill("questions-1", where__governorate="giza")
    assert answer.status_code == 422
    assert governorates(parse(answer.text))["giza"] == "chosen"
