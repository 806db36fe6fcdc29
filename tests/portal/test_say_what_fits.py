"""What citizens are told where something is refused: in their words, in one language, and about where they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.attachments.errors import TooManyBytesToday
from hub.forms.definition import read_form
from hub.forms.fields import Unreadable, read_answer
from hub.people.contacts import read_email, read_phone
from hub.people.errors import EmailRefused, PhoneRefused, ShortPhoneRefused
from hub.web.faces import face_of
from tenants.languages import Language
from tenants.rate_limits import TooManyRequests
from tests.factories.tickets import open_leak
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.portal.cases import enter
from tests.portal.reports import Reporting, offer_outage
from tests.world import World

ROOT = Path(__file__).parents[2]
LATIN = re.compile("[A-Za-z]")


@pytest.mark.parametrize(("read", "text"), [(read_email, "mona@"), (read_phone, "12"), (read_phone, "19123")])
def test_what_is_wrong_with_a_contact_is_said_in_arabic_alone(read: object, text: str) -> None:
    with pytest.raises((EmailRefused, PhoneRefused, ShortPhoneRefused)) as refused:
        read(text)  # type: ignore[operator] # one of two readers
    assert not LATIN.search(refused.value.sentence(Language.ARABIC))


def test_what_is_wrong_with_an_address_in_a_form_is_said_in_arabic_alone(world: World) -> None:
    words = {"ar": "البريد", "en": "E-mail"}
    form = read_form(
        {
            "format": 1,
            "title": words,
            "pages": [
                {"title": words, "questions": [{"name": "mail", "kind": "email", "label": words}]},
            ],
        }
    )
    with pytest.raises(Unreadable) as unreadable:
        read_answer(form.questions[0], "mona@", world.clock.moment.date())
    assert not any(LATIN.search(says.ar) for _, says in unreadable.value.wrong)


@pytest.mark.parametrize("language", Language)
def test_a_wrong_address_comes_back_on_a_page_of_one_language(
    world: World, visitor: Visitor, language: Language
) -> None:
    offer_outage(world)
    report = Reporting(visitor, language=language.value)
    report.fill("what", description="لا مياه" if language is Language.ARABIC else "No water")
    answer = report.fill("you", email="mona@", phone="19123")
    # The page itself was checked for letters of the other language when it came.
    assert answer.status_code == 422
    assert {"ar": "حرفًا حرفًا", "en": "name@example.com"}[language.value] in words_of(parse(answer.text))


@pytest.mark.parametrize("language", Language)
def test_a_wait_says_what_it_is_for_where_it_happened(
    world: World, visitor: Visitor, language: Language
) -> None:
    opened = open_leak(world)
    wrong = f"{(int(opened.pin) + 1) % 10**6:06d}"
    guessed = [enter(visitor, opened, language.value, pin=wrong) for _ in range(6)][-1]
    assert guessed.status_code == 429
    assert {"ar": "يخمّنون", "en": "guess"}[language.value] in words_of(parse(guessed.text))
    elsewhere = face_of(TooManyRequests(seconds=9)).to_do.in_language(language)
    assert {"ar": "متاحة للجميع", "en": "open to everybody"}[language.value] in elsewhere
    assert {"ar": "يخمّنون", "en": "guess"}[language.value] not in elsewhere
    files = face_of(TooManyBytesToday(field="file"))
    assert "محاولات" not in files.title.ar
    assert "tries" not in files.title.en


@pytest.mark.parametrize("language", Language)
def test_the_page_about_privacy_names_everything_that_stays_on_a_device(
    visitor: Visitor, language: Language
) -> None:
    page = visitor.see(f"/{language.value}/privacy")
    named = {words_of(each).rstrip("…") for each in page.iter("code")}
    kept = {
        name
        for folder in ("hub", "portal")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r'COOKIE: Final = "(.+)"', path.read_text("utf-8"))
    }
    stored = {
        name.strip()
        for path in (ROOT / "hub/web/front/src").glob("*.js")
        for name in re.findall(r'const [A-Z]+ = "(hub\b[^"]*)"', path.read_text("utf-8"))
    }
    assert kept >= {"hub_language", "hub_report_", "hub_case", "hub_proof"}
    assert "hub-report" in stored
    assert named == kept | stored


def test_every_cookie_is_set_under_a_name_that_the_page_about_privacy_is_held_against() -> None:
    """`visit.keep` is given a constant called COOKIE, or a report's own cookie."""
    given = {
        name
        for folder in ("hub", "portal")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\b(?:visit|self)\.keep\(\s*response,\s*([^,]+),", path.read_text("utf-8"))
    }
    assert {each for each in given if not re.fullmatch(r"[A-Z_]*COOKIE|where\.cookie|name", each)} == set()
