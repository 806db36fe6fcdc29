from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from jinja2 import UndefinedError

from hub.web.assets import Assets
from hub.web.catalogues import read_catalogue, translations
from hub.web.formats import Formats
from hub.web.languages import in_other_language, language_of_visit
from hub.web.rendering import KIT, Pages, said
from hub.web.settings import PageSettings
from tenants.languages import Language, Text

ROOT = Path(__file__).parents[3]
PACKAGES = ("portal", KIT)
KEYWORDS = {"say": None, "count": (1, 2)}
ARABIC, ENGLISH = Formats(Language.ARABIC, "Africa/Cairo"), Formats(Language.ENGLISH, "Africa/Cairo")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_string_of_a_template_is_there_in_arabic(package: str) -> None:
    folder = ROOT / package.replace(".", "/") / "templates"
    said_there = {
        message
        for _, _, message, _, _ in extract_from_dir(
            folder, [("**.html", "jinja2")], {"**.html": {"silent": "false"}}, keywords=KEYWORDS
        )
    }
    catalogue = read_catalogue(package, Language.ARABIC)
    kept = {
        message.id if isinstance(message.id, str) else tuple(message.id): message
        for message in catalogue
        if message.id
    }
    assert kept.keys() == said_there, "make words, then write what is missing"
    for key, message in kept.items():
        assert not message.fuzzy, key
        words = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert len(words) == (6 if isinstance(key, tuple) else 1), key
        for each in words:
            assert any("\u0621" <= letter <= "\u064a" for letter in each) or key == ", ", key
            latin = re.sub(r"%\(\w+\)s", "", each)
            assert not any(letter.isascii() and letter.isalpha() for letter in latin), key
    assert not list(catalogue.obsolete), "strings that no template says any more"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_translation_names_the_same_facts_as_its_sentence(package: str) -> None:
    for message in read_catalogue(package, Language.ARABIC):
        if message.id:
            assert [str(problem) for problem in message.check()] == [], message.id


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0, "0%"),
        (1 / 400, "1%"),
        (0.0149, "1%"),
        (0.5, "50%"),
        (0.984, "98%"),
        (399 / 400, "99%"),
        (1.0, "100%"),
    ],
)
def test_only_all_is_told_as_all_and_only_none_as_none(share: float, told: str) -> None:
    assert ENGLISH.percent(share) == told
    indic = told.removesuffix("%").translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert ARABIC.percent(share).replace("\u061c", "") == f"{indic}٪"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "لا حالات"),
        (1, "حالة واحدة"),
        (2, "حالتان"),
        (3, "3 حالات"),
        (10, "10 حالات"),
        (11, "11 حالة"),
        (99, "99 حالة"),
        (100, "100 حالة"),
        (103, "103 حالات"),
    ],
)
def test_arabic_counts_in_six_ways(number: int, words: str) -> None:
    found = translations(PACKAGES, Language.ARABIC).ngettext("%(count)s case", "%(count)s cases", number)
    assert found % {"count": number} == words


def test_numbers_dates_and_times_are_written_as_their_readers_do() -> None:
    moment = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)
    assert ARABIC.number(1234567.5) == "١٬٢٣٤٬٥٦٧٫٥"
    assert ENGLISH.number(1234567.5) == "1,234,567.5"
    assert ARABIC.percent(0.93).replace("\u061c", "") == "٩٣٪"
    assert ENGLISH.percent(0.93) == "93%"
    assert ARABIC.day(date(2026, 11, 22)) == "الأحد، ٢٢ نوفمبر ٢٠٢٦"
    assert ENGLISH.day(date(2026, 11, 22)) == "Sunday, 22 November 2026"
    # In Cairo, in summer, it is the next day already.
    assert ENGLISH.moment(moment) == "Thursday, 2 July 2026, 00:30"
    assert ARABIC.moment(moment) == "الخميس، ٢ يوليو ٢٠٢٦، ١٢:٣٠\N{NO-BREAK SPACE}ص"
    assert ENGLISH.moment(moment, "UTC") == "Wednesday, 1 July 2026, 21:30"
    assert ENGLISH.day(moment) == "Thursday, 2 July 2026"
    assert ARABIC.time(moment) == "١٢:٣٠\N{NO-BREAK SPACE}ص"


def test_a_visitor_gets_the_language_of_the_address_else_the_one_they_chose_else_the_one_they_ask_for() -> (
    None
):
    assert language_of_visit("/en/help", "ar", "ar") is Language.ENGLISH
    assert language_of_visit("/help", "en", "ar") is Language.ENGLISH
    assert language_of_visit("/help", "fr", "en-GB,ar;q=0.5") is Language.ENGLISH
    assert language_of_visit("/", None, None) is Language.ARABIC
    assert language_of_visit("/english", None, "fr") is Language.ARABIC


def test_the_other_language_keeps_the_place() -> None:
    assert (
        in_other_language("/ar/agencies/water", "q=%D9%85", Language.ARABIC) == "/en/agencies/water?q=%D9%85"
    )
    assert in_other_language("/en", "", Language.ENGLISH) == "/ar"


def test_what_a_person_wrote_is_escaped_and_keeps_its_direction() -> None:
    assert str(said("<b>مياه</b>")) == '<bdi class="hub-said" dir="auto">&lt;b&gt;مياه&lt;/b&gt;</bdi>'


def test_a_name_that_the_view_does_not_give_is_an_error_and_never_an_empty_place() -> None:
    pages = Pages(("portal",), Assets(), PageSettings())
    with pytest.raises(UndefinedError):
        pages.render("home.html", Language.ARABIC, here={"path": "/ar", "switched": "/en"}, view={})


def test_facts_in_a_sentence_are_escaped_and_written_in_its_language() -> None:
    pages = Pages(("portal",), Assets(), PageSettings())
    say = pages._environments[Language.ARABIC].globals["say"]
    assert str(say("Promised by %(day)s.", day=date(2026, 1, 5))) == "الموعد المحدد: الاثنين، ٥ يناير ٢٠٢٦."  # type: ignore[operator] # it is a function
    assert str(say("%(who)s", who="<i>")) == "&lt;i&gt;"  # type: ignore[operator]
    assert str(say("%(name)s", name=Text(ar="ماء", en="Water"))) == "ماء"  # type: ignore[operator]
    assert str(say("%(number)s", number=12)) == "١٢"  # type: ignore[operator]
