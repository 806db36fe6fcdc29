"""Reading the phone numbers and addresses by which people are found again."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub import phones
from hub.digits import latin_digits
from hub.people.contacts import read_email, read_phone
from hub.people.errors import EmailRefused, PhoneRefused, ShortPhoneRefused
from tenants.languages import Language


@pytest.mark.parametrize(
    "written",
    [
        "01001234567",
        "٠١٠٠١٢٣٤٥٦٧",
        "۰۱۰۰۱۲۳۴۵۶۷",
        " 0100 123 4567 ",
        "0100\u00a0123\u00a04567",
        "(0100) 123-4567",
        "00201001234567",
        "٠٠٢٠ ١٠٠ ١٢٣ ٤٥٦٧",
        "+20 100 123 4567",
        "+20 0100 123 4567",
    ],
)
def test_one_number_is_one_person_however_it_is_written(written: str) -> None:
    assert read_phone(written) == "+201001234567"


def test_a_number_without_a_country_belongs_to_the_region_given() -> None:
    assert read_phone("02 2795 1234") == "+20227951234"
    assert read_phone("020 7946 0958", "GB") == "+442079460958"
    assert read_phone("0020 100 123 4567", "US") == "+201001234567"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "+",
        "010012",
        "0100123456",
        "01301234567",
        "+99912345678",
        "call me",
        "0100CALLME1",
        "01001234567 ext 5",
        "01001234567\x00",
        "\u202e01001234567",
        "\u206601001234567\u2069",
        "0100123456\ud800",
        "1" * 41,
        "1" * 1_000_000,
    ],
)
def test_what_cannot_be_called_is_refused(written: str) -> None:
    with pytest.raises(PhoneRefused) as refused:
        read_phone(written, field="contact.phone")
    assert refused.value.field == "contact.phone"
    assert "01001234567" in refused.value.sentence(Language.ARABIC)


@pytest.mark.parametrize("short", ["123", "١٢٣", "19123", "16 528", "1912"])
def test_a_short_code_is_nobodys_own_number(short: str) -> None:
    with pytest.raises(ShortPhoneRefused) as refused:
        read_phone(short)
    assert refused.value.field == "phone"
    assert phones.read_phone(short, allow_short=True) == latin_digits(short).replace(" ", "")


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("mona@example.com", "mona@example.com"),
        ("  Mona.Ali+hub@Example.ORG \n", "Mona.Ali+hub@example.org"),
        ("info@موقع.مصر", "info@xn--4gbrim.xn--wgbh1c"),
        ("a@b-c.d1.eg", "a@b-c.d1.eg"),
    ],
)
def test_an_address_is_stored_in_one_form(written: str, stored: str) -> None:
    assert read_email(written) == stored
    assert read_email(stored) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "mona",
        "@example.com",
        "mona@",
        "mona@localhost",
        "mona@example..com",
        "mona@-example.com",
        "mona@example.123",
        "mona@[192.0.2.1]",
        "mona@example.com.",
        "mona ali@example.com",
        "mona@exa mple.com",
        '"mona"@example.com',
        "Mona <mona@example.com>",
        "mona@@example.com",
        "a@b@example.com",
        ".mona@example.com",
        "mo..na@example.com",
        "mona@example.com\x00",
        "mo\nna@example.com",
        "mona@example.com\nBcc: x@example.com",
        "mona\u202e@example.com",
        "منى@example.com",
        "mona١@example.com",
        "mona\ud800@example.com",
        "mona@exam\ud800ple.com",
        "m" * 65 + "@example.com",
        "mona@" + "a" * 64 + ".com",
        "mona@" + ".".join(["abcdefgh"] * 28) + ".com",
        "m" * 1_000_000 + "@example.com",
    ],
)
def test_what_mail_cannot_be_sent_to_is_refused(written: str) -> None:
    with pytest.raises(EmailRefused) as refused:
        read_email(written, field="contact.email")
    assert refused.value.field == "contact.email"
    assert "البريد" in refused.value.sentence(Language.ARABIC)


@given(st.text(st.characters()) | st.text("0123456789٠١٢٣+-(). "))
@example("+" + "0" * 39)
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = read_phone(text)
    except (PhoneRefused, ShortPhoneRefused):
        return
    assert read_phone(number) == number
    assert number.startswith("+")
    assert number[1:].isdecimal()
    assert number.isascii()


@given(st.text(st.characters(), max_size=300) | st.text("abc@.-١é مصر\u202e", max_size=80) | st.emails())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = read_email(text)
    except EmailRefused:
        return
    assert read_email(address) == address
    assert address.isascii()
    assert address.isprintable()
    assert len(address) <= 254
