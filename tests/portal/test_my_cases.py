from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from httpx2 import Response

from hub.proofs.actions import PROVEN_FOR, TRIES, VALID_FOR
from hub.tickets.actions import Opened
from hub.tickets.numbers import grouped
from portal.guards import CASE_COOKIE
from portal.pages.my_cases import PROOF_COOKIE
from tests.factories.tickets import work_on
from tests.hub.messages.conftest import lead_to
from tests.hub.messages.mail_server import Behaviour, mail_server
from tests.hub.messages.writing import messages
from tests.hub.proofs.conftest import set_mail
from tests.hub.proofs.proving import EMAIL, case_with, code_of, other
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.portal.cases import enter
from tests.world import World

__all__ = ["set_mail"]
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@pytest.fixture
def mail(set_mail: pytest.MonkeyPatch) -> Iterator[Behaviour]:
    behaviour = Behaviour()
    with mail_server(behaviour) as port:
        lead_to(set_mail, port)
        yield behaviour


def ask(visitor: Visitor, email: str = EMAIL, language: str = "ar") -> Response:
    return visitor.post(f"/{language}/my-cases", {"email": email})


def give(visitor: Visitor, code: str, language: str = "ar") -> Response:
    return visitor.post(f"/{language}/my-cases/code", {"code": code})


def prove(visitor: Visitor, world: World, mail: Behaviour, language: str = "ar", email: str = EMAIL) -> None:
    assert ask(visitor, email, language).status_code == 303
    answer = give(visitor, code_of(world, mail), language)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{language}/my-cases/list")


def listed(visitor: Visitor, language: str = "ar") -> list[str]:
    """The case numbers that the list leads to."""
    links = [each.get("href") or "" for each in visitor.see(f"/{language}/my-cases/list").iter("a")]
    before = f"/{language}/my-cases/list/"
    return [each.removeprefix(before) for each in links if each.startswith(before)]


def says(answer: Response) -> str:
    return words_of(parse(answer.text).find(".//main"))


def field(answer: Response, name: str) -> dict[str, str]:
    (found,) = [each for each in parse(answer.text).iter("input") if each.get("name") == name]
    return dict(found.items())


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_code_opens_the_list_of_all_cases_of_the_address(
    visitor: Visitor, world: World, mail: Behaviour, language: str
) -> None:
    first = case_with(world)
    world.clock.advance(timedelta(days=1))
    second = case_with(world, agency=world.tax)
    prove(visitor, world, mail, language)
    assert mail.recipients == [EMAIL]
    assert listed(visitor, language) == [second.number, first.number]
    told = words_of(visitor.see(f"/{language}/my-cases/list").find(".//main"))
    for word in {
        "ar": ("كسر ماسورة", "مصلحة الضرائب", "وصلت"),
        "en": ("Burst pipe", "Tax authority", "Received"),
    }[language]:
        assert word in told
    # No word of what was said stands in a list.
    assert "أمام المدرسة" not in told


def test_follow_leads_there(visitor: Visitor) -> None:
    assert "/en/my-cases" in {each.get("href") for each in visitor.see("/en/follow").iter("a")}


def test_a_known_address_is_answered_like_an_unknown_one(
    visitor: Visitor, world: World, mail: Behaviour
) -> None:
    case_with(world)
    pages = []
    for email in (EMAIL, "nobody@example.com"):
        answer = ask(visitor, email, "en")
        assert (answer.status_code, answer.headers["location"]) == (303, "/en/my-cases/code")
        pages.append(visitor.get("/en/my-cases/code").text.replace(email, ""))
    assert pages[0] == pages[1]
    assert len(messages(world)) == 2


def test_nobody_else_s_cases_are_listed_or_opened(visitor: Visitor, world: World, mail: Behaviour) -> None:
    mine = case_with(world)
    others = [
        case_with(world, "nadia@example.com"),
        case_with(world, None),
        case_with(world, confidential=True),
    ]
    prove(visitor, world, mail)
    assert listed(visitor) == [mine.number]
    assert visitor.get(f"/ar/my-cases/list/{mine.number}").status_code == 200
    for each in others:
        assert visitor.get(f"/ar/my-cases/list/{each.number}").status_code == 404
    assert visitor.get("/ar/my-cases/list/1234567890").status_code == 404


def test_an_address_without_cases_is_told_so(visitor: Visitor, world: World, mail: Behaviour) -> None:
    case_with(world, "nadia@example.com")
    prove(visitor, world, mail, "en")
    assert listed(visitor, "en") == []
    assert "No cases to show" in says(visitor.get("/en/my-cases/list"))


def test_a_case_is_read_and_every_act_on_it_asks_for_the_pin(
    visitor: Visitor, world: World, mail: Behaviour
) -> None:
    opened = case_with(world)
    version = work_on(world, opened)
    prove(visitor, world, mail)
    page = visitor.get(f"/ar/my-cases/list/{opened.number}")
    assert "ماسورة مكسورة" in says(page)
    assert "يجري العمل عليها" in says(page)
    assert "يُنتظر أن ينتهي كل شيء قبل" in says(page)
    assert page.headers["cache-control"] == "no-store"
    # The code gives no pass: a pass says that somebody showed the PIN or the link.
    assert CASE_COOKIE not in {each.name for each in visitor.client.cookies.jar}
    place = f"/ar/cases/{opened.number}"
    assert visitor.get(place).status_code == 401
    act = f"{place}/tickets/{opened.ticket_id}/withdraw"
    assert visitor.post(act, {"version": str(version), "text": "x"}).status_code == 401
    assert enter(visitor, opened).status_code == 303
    assert visitor.get(place).status_code == 200


@pytest.mark.parametrize("typed", ["٤ ٥", "12345a", "", "x" * 300])
def test_what_is_no_code_costs_no_try_and_stays(
    visitor: Visitor, world: World, mail: Behaviour, typed: str
) -> None:
    ask(visitor)
    for _ in range(TRIES + 1):
        answer = give(visitor, typed)
        assert answer.status_code == 422
        assert field(answer, "code").get("value") == typed
        assert field(answer, "code").get("aria-invalid") == "true"
    assert give(visitor, code_of(world, mail)).status_code == 303


def test_the_field_is_made_for_codes_and_takes_arabic_digits(
    visitor: Visitor, world: World, mail: Behaviour
) -> None:
    ask(visitor)
    box = field(visitor.get("/ar/my-cases/code"), "code")
    assert (box["autocomplete"], box["inputmode"]) == ("one-time-code", "numeric")
    code = code_of(world, mail).translate(ARABIC)
    assert give(visitor, f" {code[:3]} {code[3:]} ").status_code == 303


def test_wrong_codes_are_counted_down_and_then_the_right_one_is_void(
    visitor: Visitor, world: World, mail: Behaviour
) -> None:
    ask(visitor, language="en")
    code = code_of(world, mail)
    for left in range(TRIES - 1, 0, -1):
        answer = give(visitor, other(code), "en")
        assert answer.status_code == 401
        assert f"Tries left: {left}" in says(answer)
        assert field(answer, "code").get("value") == other(code)
    for typed in (other(code), code):
        answer = give(visitor, typed, "en")
        assert answer.status_code == 401
        assert "no longer valid" in says(answer)
    assert visitor.get("/en/my-cases/list").headers["location"] == "/en/my-cases?over=yes"


def test_an_old_code_is_over_and_a_new_one_is_sent_to_the_same_address(
    visitor: Visitor, world: World, mail: Behaviour
) -> None:
    opened = case_with(world)
    ask(visitor)
    code = code_of(world, mail)
    world.clock.advance(VALID_FOR)
    assert "لم يعد هذا الرمز صالحًا" in says(give(visitor, code))
    answer = visitor.post("/ar/my-cases/again", {"again": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/ar/my-cases/code")
    assert give(visitor, code_of(world, mail)).status_code == 303
    assert mail.recipients == [EMAIL, EMAIL]
    assert listed(visitor) == [opened.number]


def test_the_same_code_sent_twice_opens_the_list_twice_here_and_nowhere_else(
    visitor: Visitor, world: World, mail: Behaviour
) -> None:
    ask(visitor)
    code = code_of(world, mail)
    assert [give(visitor, code).status_code for _ in range(2)] == [303, 303]
    visitor.client.cookies.clear()
    assert give(visitor, code).status_code == 401


def test_after_half_an_hour_a_new_code_is_asked_for(visitor: Visitor, world: World, mail: Behaviour) -> None:
    opened = case_with(world)
    prove(visitor, world, mail)
    world.clock.advance(PROVEN_FOR)
    for place in ("/ar/my-cases/list", f"/ar/my-cases/list/{opened.number}"):
        assert visitor.get(place).headers["location"] == "/ar/my-cases?over=yes"
    assert "انتهت مدة عرض القائمة" in says(visitor.get("/ar/my-cases?over=yes"))


def test_forgetting_takes_the_list_and_its_cases_from_this_browser(
    visitor: Visitor, world: World, mail: Behaviour
) -> None:
    opened: Opened = case_with(world)
    prove(visitor, world, mail)
    assert (
        visitor.post("/ar/my-cases/forget", {"forget": "yes"}).headers["location"] == "/ar/my-cases?left=yes"
    )
    for language in ("ar", "en"):
        for place in ("list", f"list/{opened.number}"):
            assert visitor.get(f"/{language}/my-cases/{place}").status_code == 303
    assert "نسي هذا الجهاز" in says(visitor.get("/ar/my-cases?left=yes"))


def test_the_list_is_the_same_in_the_other_language(visitor: Visitor, world: World, mail: Behaviour) -> None:
    opened = case_with(world)
    prove(visitor, world, mail, "en")
    assert listed(visitor, "ar") == [opened.number]
    assert grouped(opened.number).translate(ARABIC) in says(visitor.get("/ar/my-cases/list"))


@pytest.mark.parametrize("email", ["", "mona", "a@example.com\nBcc: b@example.com", "م@" + "x" * 300])
def test_what_is_no_address_is_named_and_stays(
    visitor: Visitor, world: World, mail: Behaviour, email: str
) -> None:
    answer = ask(visitor, email)
    assert answer.status_code == 422
    assert field(answer, "email").get("aria-invalid") == "true"
    if "\n" not in email:
        assert field(answer, "email").get("value") == email
    assert messages(world) == []


def test_asking_too_often_has_its_face(visitor: Visitor, world: World, mail: Behaviour) -> None:
    for _ in range(5):
        assert ask(visitor).status_code == 303
    for answer in (ask(visitor, language="en"), visitor.post("/en/my-cases/again", {"again": "yes"})):
        assert answer.status_code == 429
        assert "Too many tries in a short time" in says(answer)
    assert len(messages(world)) == 5


def test_without_mail_the_page_says_so_and_has_no_form(
    visitor: Visitor,
    world: World,
    set_mail: pytest.MonkeyPatch,
) -> None:
    answer = visitor.get("/en/my-cases")
    assert "We do not send e-mail at present" in says(answer)
    assert [each.get("name") for each in parse(answer.text).iter("input")] == []
    assert ask(visitor, language="en").status_code == 503


def test_the_cookie_is_out_of_reach_and_goes_to_these_pages_alone(
    visitor: Visitor, world: World, mail: Behaviour
) -> None:
    told = [each for each in ask(visitor).headers.get_list("set-cookie") if each.startswith(PROOF_COOKIE)]
    assert [each.partition("Path=")[2].partition(";")[0] for each in told] == ["/ar/my-cases", "/en/my-cases"]
    assert all(
        "HttpOnly" in each and "samesite=lax" in each.lower() and "Max-Age" not in each for each in told
    )
    # Once the address is proved, it is no more in the cookie.
    after = give(visitor, code_of(world, mail)).headers.get_list("set-cookie")
    assert all(each.partition("=")[2].partition(";")[0].strip('"').endswith(".") for each in after)


@pytest.mark.parametrize(
    "presented", ["", "x", ".", "A" * 43, "A" * 43 + ".===", "A" * 43 + ".gIGA", "=" * 3_000]
)
def test_a_cookie_that_was_made_up_shows_nothing(visitor: Visitor, mail: Behaviour, presented: str) -> None:
    headers = {"Cookie": f"{PROOF_COOKIE}={presented}"}
    for place in ("list", "list/1234567890", "code"):
        assert visitor.get(f"/ar/my-cases/{place}", headers=headers).status_code in (200, 303, 404)
    assert visitor.get("/ar/my-cases/list", headers=headers).status_code == 303
    assert (
        visitor.post("/ar/my-cases/again", {"again": "yes"}, headers=headers).headers["location"]
        == "/ar/my-cases"
    )
    answer = visitor.post("/ar/my-cases/code", {"code": "123456"}, headers=headers)
    assert answer.status_code == 401


def test_opening_pages_changes_nothing(visitor: Visitor, world: World, mail: Behaviour) -> None:
    opened = case_with(world)
    prove(visitor, world, mail)
    sent = len(messages(world))
    for place in ("", "/code", "/list", f"/list/{opened.number}"):
        answer = visitor.get(f"/ar/my-cases{place}")
        assert answer.status_code == 200
        assert PROOF_COOKIE not in str(answer.headers.get_list("set-cookie"))
    assert visitor.get("/ar/my-cases/again").status_code in (404, 405)
    assert visitor.get("/ar/my-cases/forget").status_code in (404, 405)
    assert len(messages(world)) == sent
    assert listed(visitor) == [opened.number]
