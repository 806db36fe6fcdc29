from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.journal.models import Fact
from hub.tickets.models import Case, CaseKey, Ticket
from portal.reporting.desk import Where
from tenants.languages import Language
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.portal.reports import OUTAGE, Reporting, goes_to, hidden_of, offer_outage, typed_in
from tests.world import World


@pytest.fixture
def outage(world: World, visitor: Visitor) -> Reporting:
    offer_outage(world)
    return Reporting(visitor)


def tickets(world: World) -> list[Ticket]:
    with world.as_staff(world.water) as context:
        return list(context.session.scalars(select(Ticket).where(Ticket.tenant_id == world.water.id)))


@pytest.mark.parametrize("language", Language)
def test_a_whole_report_in_either_language(world: World, visitor: Visitor, language: Language) -> None:
    offer_outage(world)
    report = Reporting(visitor, language=language.value)
    assert report.open().status_code == 200
    assert goes_to(report.fill("what", description="لا مياه منذ يومين", subject="مياه")) == "questions-1"
    answer = report.fill(
        "questions-1", since__day="٢٠", since__month="11", since__year="2026", homes="١٢", clinic="yes"
    )
    assert goes_to(answer) == "questions-2"
    assert goes_to(report.fill("questions-2", clinic_name="مستشفى الرحمة")) == "place"
    asked = report.fill("place", governorate="giza", address="شارع النيل")
    # The districts come up once the governorate is known, and that is no mistake.
    assert asked.status_code == 200
    page = parse(asked.text)
    assert typed_in(page, "address") == "شارع النيل"
    district = next(each for each in page.iter("select") if each.get("name") == "answers.district")
    code = [each.get("value") for each in district][1]
    answer = report.fill("place", page, governorate="giza", district=code, address="شارع النيل")
    assert goes_to(answer) == "files"
    assert goes_to(report.fill("files")) == "you"
    answer = report.fill("you", name="منى", phone="٠١٠٠١٢٣٤٥٦٧", email="mona@example.org", confidential="yes")
    assert goes_to(answer) == "review"
    words = words_of(report.see("review"))
    for each in ("لا مياه منذ يومين", "مستشفى الرحمة", "شارع النيل", "منى", "mona@example.org"):
        assert each in words
    assert goes_to(report.send()) == "receipt"
    (ticket,) = tickets(world)
    assert (ticket.description, ticket.subject, ticket.language) == ("لا مياه منذ يومين", "مياه", language)
    assert ticket.answers == {
        "since": "2026-11-20",
        "homes": 12,
        "clinic": True,
        "clinic_name": "مستشفى الرحمة",
    }
    assert (ticket.governorate, ticket.district, ticket.address) == ("giza", code, "شارع النيل")
    assert (ticket.channel, ticket.confidential, ticket.person_id) == ("web", True, None)
    receipt = report.see("receipt")
    assert words_of(receipt.find(".//h1"))
    assert "svg" in {each.tag.rpartition("}")[2] for each in receipt.iter()}


def test_nothing_is_kept_before_something_is_sent(outage: Reporting) -> None:
    answer = outage.open()
    assert not [each for each in answer.headers.get_list("set-cookie") if "hub_report" in each]
    assert outage.visitor.client.cookies.get("hub_language") == "en"
    assert "emergency" in words_of(parse(answer.text))


def test_the_steps_are_counted_and_lead_back(outage: Reporting) -> None:
    outage.fill("what", description="No water")
    page = outage.see("questions-1")
    assert "Step 2 of 6" in words_of(page)
    back = [each.get("href") for each in page.iter("a") if words_of(each) == "Back"]
    assert back == [f"{outage.path}/what"]
    assert typed_in(outage.see("what"), "description") == "No water"
    outage.fill("questions-1", homes="2", clinic="yes")
    assert "Step 3 of 7" in words_of(outage.see("questions-2"))


def test_wrong_answers_come_back_as_they_were_typed_and_are_kept_too(outage: Reporting) -> None:
    outage.fill("what", description="No water")
    answer = outage.fill("questions-1", since__day="31", since__month="2", since__year="2026", homes="many")
    assert answer.status_code == 422
    page = parse(answer.text)
    assert typed_in(page, "homes") == "many"
    links = [each.get("href") for each in page.iter("a") if "ds-link" in (each.get("class") or "")]
    assert links == ["#answers-since-day", "#answers-homes", "#answers-clinic"]
    focused = [each.get("id") for each in page.iter() if each.get("autofocus") is not None]
    assert focused == ["answers-since-day"]
    # Another day, another page: it is all still there.
    again = outage.see("questions-1")
    assert (typed_in(again, "homes"), typed_in(again, "since.day")) == ("many", "31")


def test_the_review_says_what_is_missing_and_does_not_send(world: World, outage: Reporting) -> None:
    outage.fill("what", description="No water")
    page = outage.see("review")
    assert "Something is still missing" in words_of(page)
    assert not [each for each in page.iter("form") if (each.get("action") or "").endswith("/review")]
    answer = outage.send()
    assert answer.status_code == 422
    assert tickets(world) == []


def test_a_change_from_the_review_comes_back_to_it(outage: Reporting) -> None:
    outage.up_to_review()
    page = outage.see("questions-1?back=review")
    answer = outage.fill("questions-1", page, homes="13", clinic="no")
    assert goes_to(answer) == "review"
    assert "13" in words_of(outage.see("review"))
    # An answer that brings up another page: the review asks for it.
    page = outage.see("questions-1?back=review")
    assert goes_to(outage.fill("questions-1", page, homes="13", clinic="yes")) == "review"
    assert "What is it called?" in words_of(outage.see("review"))


def test_an_answer_that_is_not_asked_any_more_is_not_sent(world: World, outage: Reporting) -> None:
    outage.fill("what", description="No water")
    outage.fill("questions-1", homes="2", clinic="yes")
    outage.fill("questions-2", clinic_name="Rahma")
    outage.fill("questions-1", homes="2", clinic="no")
    for step in ("place", "files", "you"):
        outage.fill(step)
    assert goes_to(outage.send()) == "receipt"
    assert tickets(world)[0].answers == {"homes": 2, "clinic": False}


def test_whoever_comes_back_goes_on_where_they_were_or_begins_anew(outage: Reporting) -> None:
    outage.fill("what", description="No water since the feast")
    page = outage.see()
    assert "No water since the feast" in words_of(page)
    assert f"{outage.path}/questions-1" in {each.get("href") for each in page.iter("a")}
    answer = outage.visitor.post(f"{outage.path}/discard", {"erase": "now"})
    assert goes_to(answer) == "report?notice=discarded"
    assert typed_in(outage.see(), "description") == ""


def test_another_language_shows_the_same_report(outage: Reporting) -> None:
    outage.fill("what", description="No water")
    arabic = Reporting(outage.visitor, language="ar")
    assert typed_in(arabic.see("what"), "description") == "No water"


def test_two_windows_on_different_pages_do_not_disturb_each_other(outage: Reporting) -> None:
    outage.fill("what", description="No water")
    first = outage.see("questions-1")
    outage.fill("what", description="No water at all")
    assert goes_to(outage.fill("questions-1", first, homes="3", clinic="no")) == "place"
    assert typed_in(outage.see("what"), "description") == "No water at all"


def test_two_windows_on_one_page_show_both_texts_and_lose_neither(outage: Reporting) -> None:
    outage.fill("what", description="First")
    stale = outage.see("what")
    outage.fill("what", description="From the other window")
    answer = outage.fill("what", stale, description="From this window")
    assert answer.status_code == 409
    page = parse(answer.text)
    assert typed_in(page, "description") == "From this window"
    assert "From the other window" in words_of(page)
    assert typed_in(outage.see("what"), "description") == "From the other window"
    assert goes_to(outage.fill("what", page, description="From this window")) == "questions-1"
    assert typed_in(outage.see("what"), "description") == "From this window"


def test_the_same_page_sent_twice_goes_on_twice(outage: Reporting) -> None:
    page = outage.see("what")
    assert goes_to(outage.fill("what", page, description="No water")) == "questions-1"
    assert goes_to(outage.fill("what", page, description="No water")) == "questions-1"


def test_a_page_left_open_for_a_day_still_works(world: World, outage: Reporting) -> None:
    outage.fill("what", description="No water")
    page = outage.see("questions-1")
    world.clock.advance(timedelta(hours=30))
    assert goes_to(outage.fill("questions-1", page, homes="3", clinic="no")) == "place"


def test_a_report_that_was_forgotten_begins_with_what_the_page_sent(world: World, outage: Reporting) -> None:
    outage.fill("what", description="No water")
    page = outage.see("questions-1")
    world.clock.advance(timedelta(days=8))
    answer = outage.fill("questions-1", page, homes="3", clinic="no")
    assert goes_to(answer) == "what?notice=lost"
    assert "We do not find the earlier pages" in words_of(outage.see("what?notice=lost"))
    assert typed_in(outage.see("questions-1"), "homes") == "3"


def test_a_page_without_its_report_leads_to_the_beginning(outage: Reporting) -> None:
    assert goes_to(outage.open("you")) == "report?notice=lost"
    assert goes_to(outage.open("review")) == "report?notice=lost"
    assert goes_to(outage.send()) == "report?notice=lost"


def test_a_report_goes_on_under_the_form_it_was_begun_with(world: World, outage: Reporting) -> None:
    outage.fill("what", description="No water")
    changed = {**OUTAGE, "pages": [OUTAGE["pages"][0]]}
    changed["pages"] = [
        {
            **OUTAGE["pages"][0],
            "questions": [
                *OUTAGE["pages"][0]["questions"],
                {"name": "new", "kind": "text", "label": {"ar": "جديد", "en": "New"}, "required": True},
            ],
        }
    ]
    offer_outage(world, changed)
    assert not [each for each in outage.see("questions-1").iter("input") if each.get("name") == "answers.new"]
    outage.fill("questions-1", homes="3", clinic="no")
    for step in ("place", "files", "you"):
        outage.fill(step)
    assert goes_to(outage.send()) == "receipt"
    (ticket,) = tickets(world)
    assert (ticket.form_version, ticket.answers) == (1, {"homes": 3, "clinic": False})
    # Whoever begins now is asked the new question.
    other = Reporting(outage.visitor)
    other.fill("what", description="Again")
    assert [each for each in other.see("questions-1").iter("input") if each.get("name") == "answers.new"]


def test_a_service_without_a_form_asks_what_where_files_and_about_you(world: World, visitor: Visitor) -> None:
    bill = Reporting(visitor, service="bill")
    assert "What would you like to know?" in words_of(bill.see())
    bill.fill("what", description="Why so much?")
    assert goes_to(bill.fill("place")) == "files"
    bill.fill("files")
    page = bill.see("you")
    # Here nobody can be kept from the agency.
    assert not [each for each in page.iter("input") if each.get("name") == "answers.confidential"]
    assert goes_to(bill.fill("you", confidential="yes")) == "review"
    assert goes_to(bill.send()) == "receipt"
    assert tickets(world)[0].confidential is False


def test_conditions_of_one_page_without_scripts(world: World, visitor: Visitor) -> None:
    leak = Reporting(visitor, service="leak")
    leak.fill("what", description="A burst pipe")
    answer = leak.fill("questions-1", hazard="yes")
    assert answer.status_code == 200
    page = parse(answer.text)
    assert "hazard_kind" in hidden_of(page)["shown"]
    assert leak.fill("questions-1", page, hazard="yes").status_code == 422
    assert goes_to(leak.fill("questions-1", page, hazard="yes", hazard_kind="a hole")) == "place"


def test_what_is_told_of_oneself_is_checked_where_it_is_typed(outage: Reporting) -> None:
    outage.fill("what", description="No water")
    for language in Language:
        there = Reporting(outage.visitor, language=language.value)
        answer = there.fill("you", name="Mona", phone="19123", email="mona@")
        assert answer.status_code == 422
        page = parse(answer.text)
        assert (typed_in(page, "phone"), typed_in(page, "email")) == ("19123", "mona@")


def test_reports_leave_nothing_readable_in_the_database_before_they_are_sent(
    world: World, outage: Reporting
) -> None:
    outage.fill("what", description="canary-of-the-well")
    with world.as_system() as context:
        facts = context.session.scalars(select(Fact.data).where(Fact.tenant_id == world.water.id)).all()
        assert "canary" not in str(facts)
    assert Where("water", "outage").cookie in outage.visitor.client.cookies
    assert tickets(world) == []
    with world.as_system() as context:
        assert context.session.scalars(select(Case.id)).all() == []
        assert context.session.scalars(select(CaseKey.case_id)).all() == []
