"""Checking answers: what is normalised, what is refused, and that everything wrong is said at once."""

from __future__ import annotations

import pytest

from hub.forms.fields import GOVERNORATE_CODES
from tests.hub.forms.asking import OTHER_PHOTO, PHOTO, refused, sentence, taken

NOT_ONE_LINE = "The answer to “Question name” must be a single line without invisible characters."
NO_DATE = "The answer to “Question since” is not a real date. Dates are written like 2026-01-31."
NO_SUCH_CARD = "The national ID in “Question identity” is not valid. Please check it against the card."
NO_PHONE = "The phone number in “Question phone” is not valid. Please write it in full, like 01001234567."
NO_EMAIL = "The e-mail address in “Question email” is not valid. Please write it like name@example.com."
NO_PLACE = "Please mark the place for “Question where” on the map, or give its district or address."
NO_PART_OF_A_PLACE = (
    "The place in “Question where” is given by latitude, longitude, governorate, district, address."
)
NO_NAME_OF_A_PLACE = (
    "The place in “Question where” must be described in single lines of at most 300 characters."
)
NO_FILE = "The files attached to “Question photos” are not known. Please attach them again."
INVISIBLE = "The answer to “Question name” holds invisible characters that cannot be accepted."


@pytest.mark.parametrize(
    ("name", "given_answer", "stored"),
    [
        ("leaks", "٣", 3),
        ("leaks", 3.0, 3),
        ("seen", ["pressure", "leak"], ["leak", "pressure"]),
        ("urgent", False, False),
        ("meter", " ١٢۳٤ ", "1234"),
        ("name", "  منى  ", "منى"),
        ("name", "شقة ١٢", "شقة ١٢"),
        ("name", "Cafe\u0301", "Café"),
        ("story", "one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("story", "\u202eabc", "\u202eabc"),
        ("cost", "١٢٫٥", 12.5),
        ("cost", "-0.0", 0),
        ("cost", -7.25, -7.25),
        ("since", "٢٠٢٦-٠١-٣١", "2026-01-31"),
        ("since", "2026-11-22", "2026-11-22"),
        ("visit", "2026-11-22", "2026-11-22"),
        ("identity", "٢٩٠ ٠١٠١ ٠١ ١٢٣٤٥", "29001010112345"),
        ("phone", "٠١٠٠ ١٢٣ ٤٥٦٧", "+201001234567"),
        ("phone", "19123", "19123"),
        ("email", " Mona@Example.COM ", "Mona@example.com"),
        (
            "where",
            {"latitude": "٣٠.٠٥", "longitude": 31, "district": " ", "address": None},
            {"latitude": 30.05, "longitude": 31},
        ),
        (
            "where",
            {"governorate": "الجيزة", "district": "الدقي "},
            {"governorate": "الجيزة", "district": "الدقي"},
        ),
        ("photos", [PHOTO.upper(), OTHER_PHOTO], [PHOTO, OTHER_PHOTO]),
    ],
)
def test_an_answer_is_stored_in_one_form(name: str, given_answer: object, stored: object) -> None:
    fault = {"fault": "leak"} if name == "leaks" else {}
    answer = taken(**fault, **{name: given_answer})[name]
    assert answer == stored
    assert type(answer) is type(stored)


@pytest.mark.parametrize(
    ("name", "given_answer", "says"),
    [
        ("fault", "flood", "Please choose one of the answers offered for “Question fault”."),
        ("fault", ["leak"], "Please choose one of the answers offered for “Question fault”."),
        ("seen", ["leak", "flood"], "Please choose only from the answers offered for “Question seen”."),
        ("seen", "leak", "Please choose only from the answers offered for “Question seen”."),
        ("seen", ["leak", "leak"], "The same choice appears twice in the answer to “Question seen”."),
        ("seen", ["leak"] * 10_000, "The same choice appears twice in the answer to “Question seen”."),
        ("seen", ["leak", "pressure", "colour"], "“Question seen” takes at most 2."),
        ("urgent", "yes", "Please answer “Question urgent” with yes or no."),
        ("urgent", 1, "Please answer “Question urgent” with yes or no."),
        ("meter", "12", "The answer to “Question meter” must have at least 3 characters."),
        ("meter", "1234567", "The answer to “Question meter” may have at most 6 characters."),
        ("meter", "12x4", "The answer to “Question meter” does not have the form required."),
        ("meter", 1234, "The answer to “Question meter” must be a text."),
        ("name", "x" * 201, "The answer to “Question name” may have at most 200 characters."),
        ("name", "x" * 10_000_000, "The answer to “Question name” may have at most 200 characters."),
        (
            "name",
            "a\x00b",
            NOT_ONE_LINE,
        ),
        ("name", "a\nb", NOT_ONE_LINE),
        (
            "name",
            "a\ud800b",
            "The answer to “Question name” holds invisible characters that cannot be accepted.",
        ),
        (
            "story",
            "a\x00b",
            "The answer to “Question story” holds invisible characters that cannot be accepted.",
        ),
        ("story", "x" * 4001, "The answer to “Question story” may have at most 4000 characters."),
        ("cost", float("nan"), "The answer to “Question cost” must be a number."),
        ("cost", float("inf"), "The answer to “Question cost” must be a number."),
        ("cost", 10**400, "The answer to “Question cost” must be a number."),
        ("cost", "9" * 100_000, "The answer to “Question cost” must be a number."),
        ("cost", True, "The answer to “Question cost” must be a number."),
        ("cost", "1e3", "The answer to “Question cost” must be a number."),
        (
            "since",
            "2026-02-30",
            NO_DATE,
        ),
        (
            "since",
            "31/01/2026",
            NO_DATE,
        ),
        (
            "since",
            "20260131",
            NO_DATE,
        ),
        ("since", "2019-12-31", "The date for “Question since” must not be before 2020-01-01."),
        ("since", "2026-11-23", "The date for “Question since” must not be after 2026-11-22."),
        ("visit", "2026-11-21", "The date for “Question visit” must not be before 2026-11-22."),
        ("identity", "2900101011234", "The national ID in “Question identity” must have 14 digits."),
        (
            "identity",
            "19001010112345",
            NO_SUCH_CARD,
        ),
        (
            "identity",
            "29002300112345",
            NO_SUCH_CARD,
        ),
        (
            "identity",
            "32611230112345",
            NO_SUCH_CARD,
        ),
        (
            "identity",
            "29001010512345",
            NO_SUCH_CARD,
        ),
        (
            "phone",
            "0100123",
            NO_PHONE,
        ),
        (
            "phone",
            "\u202e01001234567",
            NO_PHONE,
        ),
        (
            "email",
            "mona@",
            NO_EMAIL,
        ),
        (
            "where",
            {},
            NO_PLACE,
        ),
        (
            "where",
            {"governorate": "الجيزة"},
            NO_PLACE,
        ),
        ("where", {"latitude": 30}, "“Question where” needs both latitude and longitude, or neither."),
        (
            "where",
            {"planet": "Mars"},
            NO_PART_OF_A_PLACE,
        ),
        (
            "where",
            [30, 31],
            NO_PART_OF_A_PLACE,
        ),
        (
            "where",
            {"address": "x\ny"},
            NO_NAME_OF_A_PLACE,
        ),
        ("photos", [PHOTO], "“Question photos” needs at least 2."),
        ("photos", [PHOTO, PHOTO], "The same file is attached twice to “Question photos”."),
        (
            "photos",
            [PHOTO.replace("b1", f"{digit}1") for digit in "abcd"],
            "“Question photos” takes at most 3.",
        ),
        (
            "photos",
            ["../etc/passwd"],
            NO_FILE,
        ),
        ("photos", PHOTO, NO_FILE),
    ],
)
def test_an_answer_that_breaks_the_form_is_refused_in_one_sentence(
    name: str, given_answer: object, says: str
) -> None:
    assert sentence(**{name: given_answer}) == says
    (problem,) = refused(**{name: given_answer}).problems
    assert problem.field.partition(".")[0] == name
    assert f"سؤال {name}" in problem.says.ar


@pytest.mark.parametrize("leaks", [0, 21, 1.5])
def test_a_number_beyond_its_limits_is_refused(leaks: object) -> None:
    assert "Question leaks" in sentence(fault="leak", leaks=leaks)


def test_the_registry_s_governorates_are_known() -> None:
    assert len(GOVERNORATE_CODES) == 28
    assert {"01", "04", "11", "19", "21", "29", "31", "35", "88"} <= GOVERNORATE_CODES
    assert not {"00", "05", "10", "20", "30", "36", "89"} & GOVERNORATE_CODES
