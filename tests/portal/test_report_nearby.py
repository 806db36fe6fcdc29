"""A report that may go together with an earlier one nearby: shown roughly, joined once, never lost."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import select

from hub.people.actions import Reporter
from hub.tickets.actions import Opened, Place
from hub.tickets.models import Ticket
from tests.factories.tickets import open_leak, resolve, ticket_of, work_on
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.portal.reports import PLACE_FORM, Reporting, goes_to, offer_outage
from tests.world import World

HOME = Place(30.0501, 31.2402, "cairo", "cairo-shorouk", "شارع الكناري ٧")
CANARIES = ("canary words", "Canary Name", "01001234567", "شارع الكناري", "30.05", "31.24")


def told_before(world: World, **changes: Any) -> Opened:
    """An earlier report of the same thing, with something in it that nobody else may see."""
    facts: dict[str, Any] = {
        "service": "outage",
        "description": "canary words",
        "reporter": Reporter(name="Canary Name", phone="01001234567"),
        "answers": {"homes": 1, "clinic": False},
        "place": HOME,
    }
    return open_leak(world, **{**facts, **changes})


@pytest.fixture
def reporter(world: World, visitor: Visitor) -> Reporting:
    offer_outage(world, shared=True)
    return Reporting(visitor)


def up_to_you(reporter: Reporting, **place: str) -> str:
    """Fill in everything, and say where the last step leads."""
    where = place or {"governorate": "cairo", "district": "cairo-shorouk", "address": "Nearby"}
    goes_to(reporter.fill("what", description="No water here either"))
    goes_to(reporter.fill("questions-1", homes="12", clinic="no"))
    tell_place(reporter, **where)
    goes_to(reporter.fill("files"))
    assert goes_to(reporter.fill("you")) == "review"
    answer = reporter.open("review")
    return "review" if answer.status_code == 200 else goes_to(answer)


def tell_place(reporter: Reporting, **place: Any) -> None:
    answer = reporter.fill("place", **place)
    if answer.status_code == 200:
        # The districts of a governorate come when it is sent.
        answer = reporter.fill("place", parse(answer.text), **place)
    goes_to(answer)


def choose(reporter: Reporting, mark: str) -> str:
    return goes_to(reporter.visitor.post(f"{reporter.path}/nearby", {"mark": mark}))


def marks(page: Element) -> list[str]:
    return [each.get("value") or "" for each in page.iter("button") if each.get("name") == "mark"]


def own_ticket(world: World) -> Ticket:
    with world.as_system(world.water) as context:
        return context.session.scalars(
            select(Ticket).where(
                Ticket.tenant_id == world.water.id, Ticket.description == "No water here either"
            )
        ).one()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_somebody_adds_theirs_to_an_earlier_report(world: World, reporter: Reporting, language: str) -> None:
    reporter.language = language
    earlier = told_before(world)
    assert up_to_you(reporter) == "nearby"
    page = reporter.see("nearby")
    first, own = marks(page)
    assert own == ""
    assert choose(reporter, first) == "review"
    # They are asked once; the review says what they said.
    assert ("your own number" if language == "en" else "رقم") in words_of(reporter.see("review"))
    assert goes_to(reporter.send()) == "receipt"
    ticket = own_ticket(world)
    assert (ticket.status, ticket.main_ticket_id) == ("duplicate", earlier.ticket_id)
    receipt = words_of(reporter.see("receipt"))
    assert ("goes together with an earlier one" if language == "en" else "بلاغ سابق") in receipt
    # Sent again, it is the same receipt and the same case.
    assert goes_to(reporter.send()) == "receipt"
    assert own_ticket(world).id == ticket.id


def test_the_case_page_says_that_it_goes_together_and_that_they_are_asked(
    world: World, reporter: Reporting
) -> None:
    told_before(world)
    up_to_you(reporter)
    choose(reporter, marks(reporter.see("nearby"))[0])
    reporter.send()
    receipt = reporter.see("receipt")
    (link,) = [each.get("href") or "" for each in receipt.iter("a") if "/cases/" in (each.get("href") or "")]
    opened = reporter.visitor.get(link.removeprefix("http://hub.test"))
    case = words_of(reporter.visitor.see(opened.headers["location"]))
    assert "You are asked yourself before yours is closed." in case
    assert "canary" not in case


def test_another_one_goes_its_own_way_and_is_not_asked_again(world: World, reporter: Reporting) -> None:
    told_before(world)
    assert up_to_you(reporter) == "nearby"
    assert choose(reporter, "") == "review"
    assert "goes its own way" in words_of(reporter.see("review"))
    reporter.send()
    assert own_ticket(world).status == "received"


def test_another_place_is_asked_about_anew(world: World, reporter: Reporting) -> None:
    told_before(world)
    up_to_you(reporter)
    choose(reporter, marks(reporter.see("nearby"))[0])
    tell_place(reporter, governorate="giza")
    assert reporter.open("review").status_code == 200
    reporter.send()
    assert own_ticket(world).status == "received"


def test_nothing_of_the_other_citizen_is_on_any_page(world: World, reporter: Reporting) -> None:
    earlier = told_before(world)
    up_to_you(reporter, governorate="cairo", latitude="30.0510", longitude="31.2410", address="x")
    pages = [reporter.open("nearby").text]
    assert "About 100 metres" in " ".join(pages[0].split())
    choose(reporter, marks(parse(pages[0]))[0])
    pages.append(reporter.open("review").text)
    reporter.send()
    pages.append(reporter.open("receipt").text)
    own = ("30.0510", "31.2410", "30.05100", "31.24100")
    for page in pages:
        text = re.sub("|".join(map(re.escape, own)), "", page)
        for canary in (*CANARIES, earlier.number, str(earlier.ticket_id), str(earlier.case_id)):
            assert canary not in text


def test_one_that_ended_before_it_was_chosen_is_told(world: World, reporter: Reporting) -> None:
    earlier = told_before(world)
    up_to_you(reporter)
    mark = marks(reporter.see("nearby"))[0]
    work_on(world, earlier)
    resolve(world, earlier)
    answer = reporter.visitor.post(f"{reporter.path}/nearby", {"mark": mark})
    assert answer.status_code == 200
    assert "has ended meanwhile" in words_of(parse(answer.text))
    assert choose(reporter, "") == "review"


def test_one_that_ended_before_sending_loses_nothing(world: World, reporter: Reporting) -> None:
    earlier = told_before(world)
    up_to_you(reporter)
    choose(reporter, marks(reporter.see("nearby"))[0])
    work_on(world, earlier)
    resolve(world, earlier)
    assert goes_to(reporter.send()) == "receipt"
    assert own_ticket(world).status == "received"
    assert "Yours goes its own way" in words_of(reporter.see("receipt"))


@pytest.mark.parametrize("mark", ["0" * 24, "é", "x" * 5000, "00000000-0000-7000-8000-000000000019"])
def test_a_mark_that_was_made_up_joins_nothing(world: World, reporter: Reporting, mark: str) -> None:
    earlier = told_before(world)
    up_to_you(reporter)
    for made_up in (mark, str(earlier.ticket_id)):
        answer = reporter.visitor.post(f"{reporter.path}/nearby", {"mark": made_up})
        assert answer.status_code == 200
    reporter.send()
    assert own_ticket(world).status == "received"


def test_a_mark_of_another_browser_joins_nothing(world: World, reporter: Reporting) -> None:
    told_before(world)
    up_to_you(reporter)
    mark = marks(reporter.see("nearby"))[0]
    reporter.visitor.client.cookies.clear()
    up_to_you(reporter)
    assert marks(reporter.see("nearby"))[0] != mark
    assert reporter.visitor.post(f"{reporter.path}/nearby", {"mark": mark}).status_code == 200


def test_where_nothing_is_near_or_shared_the_review_comes_at_once(world: World, visitor: Visitor) -> None:
    offer_outage(world)
    told_before(world)
    reporter = Reporting(visitor)
    assert up_to_you(reporter) == "review"
    assert goes_to(reporter.open("nearby")) == "review"
    visitor.client.cookies.clear()
    offer_outage(world, shared=True)
    assert up_to_you(reporter, governorate="giza") == "review"
    visitor.client.cookies.clear()
    assert goes_to(reporter.open("nearby")).startswith("report")


def test_a_place_that_the_service_s_own_form_asks_for_counts_too(world: World, visitor: Visitor) -> None:
    offer_outage(world, PLACE_FORM, shared=True)
    place = {"governorate": "cairo", "district": "cairo-shorouk"}
    told_before(world, answers={"spot": place}, place=None)
    reporter = Reporting(visitor)
    goes_to(reporter.fill("what", description="No water here either"))
    goes_to(reporter.fill("questions-1", spot__governorate="cairo", spot__district="cairo-shorouk"))
    goes_to(reporter.fill("files"))
    goes_to(reporter.fill("you"))
    assert goes_to(reporter.open("review")) == "nearby"
    choose(reporter, marks(reporter.see("nearby"))[0])
    reporter.send()
    assert own_ticket(world).status == "duplicate"


def test_the_earlier_citizen_learns_nothing_of_who_joined(world: World, reporter: Reporting) -> None:
    earlier = told_before(world)
    before = ticket_of(world, earlier)
    up_to_you(reporter)
    choose(reporter, marks(reporter.see("nearby"))[0])
    reporter.send()
    after = ticket_of(world, earlier)
    assert (after.version, after.status) == (before.version, before.status)
