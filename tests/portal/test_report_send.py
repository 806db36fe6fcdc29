from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select

from hub.messages.models import Message
from hub.messages.settings import mail_settings
from hub.people.models import Person
from hub.tickets.keys import case_by_pin, case_by_secret
from hub.tickets.models import Case
from portal.app import create_portal
from tests.hub.api.callers import AMPLE
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, visiting, words_of
from tests.portal.reports import Reporting, goes_to, offer_outage, typed_in
from tests.world import World


@pytest.fixture
def outage(world: World, visitor: Visitor) -> Reporting:
    offer_outage(world)
    return Reporting(visitor)


def count_cases(world: World) -> int:
    with world.as_staff(world.water) as context:
        return context.session.scalar(select(func.count()).select_from(Case)) or 0


def told(outage: Reporting) -> tuple[str, str]:
    """The number and the PIN of the receipt, in plain digits."""
    receipt = outage.see("receipt")
    numbers = ["".join(each.itertext()) for each in receipt.iter("bdi") if each.get("class") == "hub-number"]
    return numbers[0].replace("-", ""), numbers[1]


def test_the_receipt_s_number_and_pin_and_its_link_open_the_case(world: World, outage: Reporting) -> None:
    outage.up_to_review(name="Mona")
    assert goes_to(outage.send()) == "receipt"
    number, pin = told(outage)
    opened = case_by_pin(world.database, number, pin)
    receipt = outage.see("receipt")
    (link,) = [each.get("href") for each in receipt.iter("a") if words_of(each) == "Follow this case"]
    assert link is not None
    assert link.startswith(f"http://hub.test/en/cases/{number}/")
    assert case_by_secret(world.database, number, link.rpartition("/")[2]).case_id == opened.case_id
    words = words_of(receipt)
    assert "Everything should be done by" in words
    assert "What happens next" in words


def test_sent_again_it_is_the_same_receipt(world: World, outage: Reporting) -> None:
    outage.up_to_review()
    assert goes_to(outage.send()) == "receipt"
    first = told(outage)
    assert goes_to(outage.send()) == "receipt"
    assert told(outage) == first
    assert count_cases(world) == 1
    # Going back leads to it too.
    assert goes_to(outage.open("review")) == "receipt"
    assert goes_to(outage.open("you")) == "receipt"


def test_two_sendings_at_the_same_moment_open_one_case(own_world: World) -> None:
    own_world.database.clock = own_world.clock
    offer_outage(own_world)
    with visiting(create_portal(own_world.database, rates=AMPLE)) as visitor:
        outage = Reporting(visitor)
        outage.up_to_review()
        places: list[str] = []
        threads = [Thread(target=lambda: places.append(goes_to(outage.send()))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert places == ["receipt"] * 4
        assert count_cases(own_world) == 1


def test_a_late_page_of_a_sent_report_says_so_and_shows_what_was_typed(outage: Reporting) -> None:
    outage.up_to_review()
    page = outage.see("questions-1")
    outage.send()
    answer = outage.fill("questions-1", page, homes="99", clinic="no")
    assert answer.status_code == 409
    assert "This report was sent already" in words_of(parse(answer.text))
    assert "99" in words_of(parse(answer.text))


def test_after_one_report_another_can_be_begun(world: World, outage: Reporting) -> None:
    outage.up_to_review()
    outage.send()
    assert typed_in(outage.see(), "description") == ""
    outage.up_to_review()
    assert goes_to(outage.send()) == "receipt"
    assert count_cases(world) == 2


def test_the_receipt_is_shown_for_an_hour_on_this_device_alone(
    world: World, outage: Reporting, visitor: Visitor
) -> None:
    outage.up_to_review()
    sent = outage.send()
    (cookie,) = [each for each in sent.headers.get_list("set-cookie") if "hub_report" in each]
    assert "Max-Age=3600" in cookie
    kept = dict(visitor.client.cookies)
    visitor.client.cookies.clear()
    assert "not shown here any more" in words_of(outage.see("receipt"))
    visitor.client.cookies.update(kept)
    number, _ = told(outage)
    world.clock.advance(timedelta(minutes=61))
    assert number not in words_of(outage.see("receipt")).replace("-", "")


def test_a_device_of_many_forgets_the_receipt_when_asked(outage: Reporting) -> None:
    outage.up_to_review()
    outage.send()
    outage.visitor.post(f"{outage.path}/forget", {"forget": "now"})
    assert "not shown here any more" in words_of(outage.see("receipt"))


def test_a_confidential_report_is_one(world: World, outage: Reporting) -> None:
    outage.up_to_review(name="Canary", email="canary@example.org", confidential="yes")
    assert "will not see your name" in words_of(outage.see("review"))
    outage.send()
    assert "does not see who you are" in words_of(outage.see("receipt"))
    with world.as_staff(world.water) as context:
        assert context.session.scalars(select(Person)).all() == []


def test_a_receipt_is_promised_by_mail_where_mail_is_sent(
    world: World, outage: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage.up_to_review(email="mona@example.org")
    outage.send()
    assert "on their way" not in words_of(outage.see("receipt"))
    monkeypatch.setenv("HUB_MAIL_HOST", "mail.test")
    monkeypatch.setenv("HUB_MAIL_SENDER", "hub@example.org")
    mail_settings.cache_clear()
    try:
        outage.up_to_review(email="mona@example.org")
        assert "We send your receipt there" in words_of(outage.see("you"))
        outage.send()
        assert "on their way" in words_of(outage.see("receipt"))
        with world.as_system() as context:
            (message,) = context.session.scalars(select(Message)).all()
            assert message.purpose == "receipt"
            assert b"mona" not in (message.sealed or b"")
    finally:
        monkeypatch.undo()
        mail_settings.cache_clear()
