from __future__ import annotations

import pytest
from sqlalchemy import update

from hub.tickets.models import CaseKey
from hub.tickets.numbers import grouped, new_number
from portal.guards import CASE_COOKIE, OPEN_FOR
from tests.factories.tickets import open_bill, open_leak
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.portal.cases import enter, followed
from tests.world import World

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def heading(visitor_answer: str) -> str:
    return words_of(parse(visitor_answer).find(".//h1"))


@pytest.mark.parametrize("language", ["ar", "en"])
def test_number_and_pin_open_the_case_in_this_browser(visitor: Visitor, world: World, language: str) -> None:
    opened = open_leak(world)
    assert visitor.get(f"/{language}/cases/{opened.number}").status_code == 401
    answer = enter(visitor, opened, language)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{language}/cases/{opened.number}")
    assert "ماسورة مكسورة أمام المدرسة" in words_of(visitor.see(answer.headers["location"]).find(".//main"))


def test_both_are_taken_as_people_type_them(visitor: Visitor, world: World) -> None:
    opened = open_leak(world)
    number = f" {grouped(opened.number)} ".translate(ARABIC)
    pin = f"{opened.pin[:3]} {opened.pin[3:]}".translate(ARABIC)
    assert enter(visitor, opened, number=number, pin=pin).status_code == 303


def test_a_slip_is_named_beside_the_field_and_what_was_typed_is_still_there(
    visitor: Visitor, world: World
) -> None:
    opened = open_leak(world)
    slip = opened.number[:-1] + str((int(opened.number[-1]) + 1) % 10)
    answer = enter(visitor, opened, "en", number=slip)
    assert answer.status_code == 404
    page = parse(answer.text)
    typed = {each.get("name"): each for each in page.iter("input")}
    assert typed["number"].get("value") == slip
    assert typed["number"].get("aria-invalid") == "true"
    assert typed["number"].get("autofocus") is not None
    assert typed["pin"].get("value") == opened.pin


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"number": ""}, ["number", "pin"]),
        ({"number": "  ", "pin": "123456"}, ["number"]),
        ({"number": "1234567890"}, ["pin"]),
        ({"number": "x" * 500, "pin": "1"}, ["number"]),
        ({"number": "\u202e١٢٣", "pin": "\x00" * 6 + "9"}, ["number"]),
    ],
)
def test_nothing_and_nonsense_are_answered_with_the_same_page(
    visitor: Visitor, fields: dict[str, str], wrong: list[str]
) -> None:
    answer = visitor.post("/ar/follow", fields)
    assert answer.status_code in (404, 422)
    inputs = [each for each in parse(answer.text).iter("input") if each.get("aria-invalid")]
    assert [each.get("name") for each in inputs] == wrong


def test_a_number_that_is_no_cases_is_answered_like_a_wrong_pin(visitor: Visitor, world: World) -> None:
    opened = open_leak(world)
    wrong_pin = f"{(int(opened.pin) + 1) % 10**6:06d}"
    known = enter(visitor, opened, pin=wrong_pin)
    unknown = enter(visitor, opened, number=(free := new_number()), pin=wrong_pin)
    assert known.status_code == unknown.status_code == 401
    assert known.text.replace(opened.number, "") == unknown.text.replace(free, "")
    assert CASE_COOKIE not in visitor.client.cookies
    # Asked for by its address, no number is told from another either.
    pages = [visitor.get(f"/ar/cases/{number}") for number in (opened.number, free)]
    assert [each.status_code for each in pages] == [401, 401]


def test_guessing_gets_slower_and_says_for_how_long(visitor: Visitor, world: World) -> None:
    opened = open_leak(world)
    wrong_pin = f"{(int(opened.pin) + 1) % 10**6:06d}"
    answers = [enter(visitor, opened, "en", pin=wrong_pin) for _ in range(6)]
    assert [each.status_code for each in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 60
    assert heading(answers[-1].text) == "Too many tries in a short time"
    # The right PIN waits as well, and the link still opens the case.
    assert enter(visitor, opened, "ar").status_code == 429
    assert visitor.get(f"/ar/cases/{opened.number}/{opened.secret}").status_code == 303


def test_the_link_opens_the_case_and_leaves_no_trace_of_its_secret(visitor: Visitor, world: World) -> None:
    opened = open_leak(world)
    answer = visitor.get(f"/en/cases/{grouped(opened.number)}/{opened.secret}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/cases/{opened.number}")
    assert answer.headers["cache-control"] == "no-store"
    assert opened.secret not in str(answer.headers.get_list("set-cookie"))
    page = visitor.get(answer.headers["location"])
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert opened.secret not in page.text


@pytest.mark.parametrize("cut", [0, 5, 42])
def test_a_link_that_was_cut_off_opens_nothing(visitor: Visitor, world: World, cut: int) -> None:
    opened = open_leak(world)
    answer = visitor.get(f"/ar/cases/{opened.number}/{opened.secret[:cut] or 'x'}")
    assert answer.status_code == 401
    assert visitor.get(f"/ar/cases/{opened.number}").status_code == 401


def test_one_case_open_opens_no_other(visitor: Visitor, world: World) -> None:
    mine, theirs = followed(world, visitor), open_bill(world, world.tax)
    key = {each.name: each.value for each in visitor.client.cookies.jar}[CASE_COOKIE]
    for place in (
        f"/ar/cases/{theirs.number}",
        f"/ar/cases/{theirs.number}/tickets/{theirs.ticket_id}/withdraw",
    ):
        assert visitor.get(place).status_code == 401
        assert visitor.get(place, headers={"Cookie": f"{CASE_COOKIE}={key}"}).status_code == 401
    # Nor is a part of another case reached by way of the one that is open.
    for act in ("answer", "add-information", "confirm", "reopen", "withdraw"):
        place = f"{mine.place}/tickets/{theirs.ticket_id}/{act}"
        assert visitor.get(place).status_code == 404
        assert visitor.post(place, {"version": "1", "text": "x"}).status_code == 404


def test_two_cases_can_be_open_at_once(visitor: Visitor, world: World) -> None:
    one, other = followed(world, visitor), followed(world, visitor, agency=world.tax)
    assert visitor.get(one.place).status_code == visitor.get(other.place).status_code == 200


@pytest.mark.parametrize("presented", ["", "x", "=" * 200, "ż", "A" * 54, "Ab_-" * 13])
def test_a_cookie_that_was_made_up_opens_nothing(visitor: Visitor, world: World, presented: str) -> None:
    opened = open_leak(world)
    cookie = f"{CASE_COOKIE}={presented}".encode()
    assert visitor.get(f"/ar/cases/{opened.number}", headers={"Cookie": cookie}).status_code == 401


def test_after_a_while_the_pin_is_asked_again_and_what_was_typed_comes_along(
    visitor: Visitor, world: World
) -> None:
    case = followed(world, visitor, language="en")
    case.ask("Which street?")
    assert "Answer" in {words_of(each) for each in case.see().iter("a")}
    version = case.version
    world.clock.advance(OPEN_FOR)
    answer = case.act("answer", version, text="The <long> street\nbehind the school")
    assert answer.status_code == 401
    page = parse(answer.text)
    assert "What you typed is kept" in words_of(page.find(".//main"))
    hidden = {
        each.get("name") or "": each.get("value") or ""
        for each in page.iter("input")
        if each.get("type") == "hidden"
    }
    wrong = enter(visitor, case.opened, "en", pin="000000" if case.opened.pin != "000000" else "1", **hidden)
    assert wrong.status_code == 401
    again = {
        each.get("name") or "": each.get("value") or ""
        for each in parse(wrong.text).iter("input")
        if each.get("type") == "hidden"
    }
    assert again == hidden
    resumed = enter(visitor, case.opened, "en", **again)
    assert resumed.status_code == 200
    (box,) = parse(resumed.text).iter("textarea")
    assert (box.text or "").strip() == "The <long> street\nbehind the school"
    assert case.act("answer", version, text=box.text or "").status_code == 303


def test_new_keys_of_a_case_void_what_browsers_hold(visitor: Visitor, world: World) -> None:
    case = followed(world, visitor)
    assert visitor.get(case.place).status_code == 200
    with world.as_citizen(case.opened.case_id) as context:
        context.session.execute(
            update(CaseKey).where(CaseKey.case_id == case.opened.case_id).values(pin_digest=bytes(32))
        )
    assert visitor.get(case.place).status_code == 401


def test_leaving_makes_the_browser_forget_the_case(visitor: Visitor, world: World) -> None:
    case = followed(world, visitor)
    answer = visitor.post(f"{case.place}/leave", {"leave": "yes"})
    assert answer.status_code == 303
    assert "نسي هذا الجهاز" in words_of(visitor.see(answer.headers["location"]).find(".//main"))
    assert visitor.get(case.place).status_code == 401
    assert visitor.get(case.place.replace("/ar/", "/en/")).status_code == 401


def test_the_cookie_goes_to_the_pages_of_its_case_alone(visitor: Visitor, world: World) -> None:
    answer = enter(visitor, open_leak(world))
    told = [each for each in answer.headers.get_list("set-cookie") if each.startswith(CASE_COOKIE)]
    number = answer.headers["location"].rpartition("/")[2]
    assert ["Path=/ar/cases/" + number in told[0], "Path=/en/cases/" + number in told[1]] == [True, True]
    assert all("HttpOnly" in each and "Max-Age" not in each and "expires" not in each for each in told)
