from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.messages.errors import LetterRefused
from hub.messages.letters import Letter, Link, Paragraph, Value, compose
from hub.messages.sending import mail_of
from hub.messages.settings import MailSettings
from hub.messages.wording import code_letter, receipt_letter
from hub.people.errors import EmailRefused
from tenants.languages import Language
from tests.hub.messages.conftest import SENDER
from tests.hub.messages.writing import EMAIL, LINK, receipt
from tests.hub.tickets.refusals import refused
from tests.world import SUNDAY_TEN

SETTINGS = MailSettings.model_validate({"host": "127.0.0.1", "sender": SENDER})
BOTH = [Language.ARABIC, Language.ENGLISH]


def raw(letter: Letter) -> bytes:
    return mail_of(letter, SETTINGS, uuid4(), SUNDAY_TEN).as_bytes()


def letters(language: Language) -> list[Letter]:
    return [
        receipt_letter(receipt(), language),
        code_letter(EMAIL, "482913", timedelta(minutes=10), language),
    ]


@pytest.mark.parametrize("language", BOTH)
def test_a_receipt_says_number_link_and_promised_date(language: Language) -> None:
    letter = receipt_letter(receipt(), language)
    day = {"ar": "الأحد، ٢٢ نوفمبر ٢٠٢٦", "en": "Sunday, 22 November 2026"}[language.value]
    for words in (letter.text, letter.html):
        assert "123-456-7890" in words
        assert LINK in words
        assert day in words
        assert {"ar": "كسر ماسورة", "en": "Burst pipe"}[language.value] in words
    assert "123-456-7890" in letter.subject


@pytest.mark.parametrize("language", BOTH)
def test_without_a_promise_no_date_is_told(language: Language) -> None:
    letter = receipt_letter(receipt(due_at=None), language)
    assert "2026" not in letter.text
    assert "٢٠٢٦" not in letter.text


@pytest.mark.parametrize("language", BOTH)
def test_a_code_stands_in_the_text_and_not_in_the_subject(language: Language) -> None:
    letter = code_letter(EMAIL, "482913", timedelta(minutes=10), language)
    assert "482913" in letter.text
    assert "482913" in letter.html
    assert "482913" not in letter.subject


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(1, "دقيقة واحدة"), (2, "دقيقتين"), (10, "١٠ دقائق"), (15, "١٥ دقيقة"), (103, "١٠٣ دقائق")],
)
def test_minutes_are_counted_as_arabic_counts(minutes: int, said: str) -> None:
    assert said in code_letter(EMAIL, "482913", timedelta(minutes=minutes), Language.ARABIC).text


@pytest.mark.parametrize("language", BOTH)
def test_html_is_whole_says_its_language_and_direction_and_fetches_nothing(language: Language) -> None:
    for letter in letters(language):
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        page = parser.parse(letter.html)
        direction = "rtl" if language is Language.ARABIC else "ltr"
        assert (page.get("lang"), page.get("dir")) == (language.value, direction)
        assert [(each.get("lang"), each.get("dir")) for each in page.iter("div")] == [
            (language.value, direction)
        ]
        assert {each.tag for each in page.iter()} <= {
            *("html", "head", "meta", "title", "body", "div", "p", "a", "br", "bdi", "strong")
        }
        assert {each.get("href") for each in page.iter("a")} <= {LINK}


@pytest.mark.parametrize("language", BOTH)
def test_groups_of_digits_keep_their_order_in_a_line_of_arabic(language: Language) -> None:
    letter = receipt_letter(receipt(), language)
    assert "\u2066123-456-7890\u2069" in letter.text
    assert '<bdi dir="ltr"><strong>123-456-7890</strong></bdi>' in letter.html
    # What is copied whole has no invisible marks in it.
    assert f"\n{LINK}\n" in letter.text


@pytest.mark.parametrize("language", BOTH)
def test_an_arabic_letter_has_no_english_sentence_and_the_other_way_round(language: Language) -> None:
    for letter in letters(language):
        words = letter.text.replace(LINK, "") + letter.subject
        strange = [
            each
            for each in words
            if ("a" <= each <= "z" if language is Language.ARABIC else "\u0600" <= each <= "\u06ff")
        ]
        assert strange == []


@pytest.mark.parametrize("language", BOTH)
def test_mail_is_sorted_and_not_answered_by_robots(language: Language) -> None:
    for letter in letters(language):
        mail = mail_of(letter, SETTINGS, uuid4(), SUNDAY_TEN)
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Id"] == "<citizens.hub.example>"
        assert mail["Content-Language"] == language.value
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        assert [part.get_content_charset() for part in mail.iter_parts()] == ["utf-8", "utf-8"]


@pytest.mark.parametrize("language", BOTH)
def test_what_goes_over_the_line_is_ascii_in_lines_that_every_server_takes(language: Language) -> None:
    for letter in letters(language):
        content = raw(letter)
        assert content.isascii()
        assert max(len(line) for line in content.split(b"\r\n")) <= 998
        assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "bad", ["a\nBcc: x@example.com", "a\r\nX: y", "a\rb", "a\0b", "a\u2028b", "a\x85b", " ", "\ud800"]
)
def test_a_subject_or_value_with_line_breaks_is_refused(bad: str) -> None:
    with refused(LetterRefused, "subject"):
        compose(EMAIL, Language.ENGLISH, bad, [])
    with refused(LetterRefused, "value"):
        compose(EMAIL, Language.ENGLISH, "Subject", [Value("Name", bad)])


@pytest.mark.parametrize(
    "bad",
    [
        "javascript:alert(1)",
        "//hub.example",
        "https://hub.example/\nX: y",
        "https://hub.example/a b",
        "https:///x",
        "",
    ],
)
def test_a_link_that_is_no_web_address_is_refused(bad: str) -> None:
    with refused(LetterRefused, "link"):
        compose(EMAIL, Language.ENGLISH, "Subject", [Link("Here", bad)])


@pytest.mark.parametrize(
    "bad",
    [
        "a@example.com\nBcc: b@example.com",
        "a@example.com, b@example.com",
        "Mona <a@example.com>",
        "a@b",
        "a\r@example.com",
    ],
)
def test_an_address_with_more_than_an_address_is_refused(bad: str) -> None:
    with refused(EmailRefused, "email"):
        compose(bad, Language.ENGLISH, "Subject", [])


def test_what_a_body_calls_itself_is_text_and_no_html() -> None:
    letter = compose(
        EMAIL, Language.ENGLISH, "<b>Hi</b>", [Value("Agency", '<img src="x">'), Paragraph("a & b")]
    )
    assert "<img" not in letter.html
    assert "<b>" not in letter.html
    assert "a &amp; b" in letter.html
    assert '<img src="x">' in letter.text


plain = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(str.strip)


@given(plain, plain)
def test_no_subject_or_value_makes_a_header_of_its_own(subject: str, value: str) -> None:
    mail = mail_of(
        compose(EMAIL, Language.ARABIC, subject, [Value("الاسم", value)]), SETTINGS, uuid4(), SUNDAY_TEN
    )
    head = mail.as_bytes().partition(b"\r\n\r\n")[0]
    names = [
        line.partition(b":")[0].lower() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))
    ]
    assert sorted(names) == sorted(
        [
            *(b"from", b"to", b"subject", b"date", b"message-id", b"content-language", b"auto-submitted"),
            *(b"x-auto-response-suppress", b"list-id", b"mime-version", b"content-type"),
        ]
    )


@pytest.mark.parametrize("language", BOTH)
def test_where_no_address_is_known_a_receipt_says_how_to_follow_without_a_link(language: Language) -> None:
    letter = receipt_letter(receipt(link=None), language)
    for words in (letter.text, letter.html):
        assert "http" not in words.replace("http-equiv", "")
        assert {"ar": "الرقم السري", "en": "PIN"}[language.value] in words.replace("بالرقم", "الرقم")
