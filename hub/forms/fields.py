"""One answer of each kind: read as people give it, normalised, or refused with a whole sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeAlias

from hub.digits import latin_digits
from hub.emails import NotAnEmail, read_email
from hub.forms.conditions import Answer
from hub.forms.plain import LARGEST_NUMBER
from hub.forms.shape import COORDINATES, PLACE_NAMES, TODAY, Question, QuestionKind
from hub.phones import NotAPhone, read_phone
from tenants.languages import Text

Reader: TypeAlias = Callable[[Question, object, date], Answer]

GOVERNORATE_CODES: Final = frozenset(
    [f"{code:02}" for code in (*range(1, 5), *range(11, 20), *range(21, 30), *range(31, 36))] + ["88"]
)
"""Digits 8 and 9 of a national id: the governorate of birth, 88 for births abroad (civil registry)."""

_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,10})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NATIONAL_ID = re.compile(r"[0-9]{14}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_WRITTEN: Final = 320


class Unreadable(ValueError):  # noqa: N818 - carried up inside the feature, becomes problems there
    """An answer that cannot be taken: for each thing wrong the part of the answer and a whole sentence."""

    def __init__(self, *wrong: tuple[str, Text]) -> None:
        self.wrong = wrong
        super().__init__(*(says.en for _, says in wrong))


def read_answer(question: Question, value: object, today: date) -> Answer:
    """The answer as it is stored: trimmed, in NFC, with Latin digits where digits are expected.

    `today` is the date where the answer is given. Lengths, patterns, ranges and counts are the schema's
    affair. Raises `Unreadable`.
    """
    return _READERS[question.kind](question, value, today)


def is_blank(kind: QuestionKind, value: object) -> bool:
    """Whether the value is silence: nothing, text without a visible character, an empty list for a list."""
    if value is None:
        return True
    if isinstance(value, str):
        return not any(letter.isprintable() and not letter.isspace() for letter in value)
    return value == [] and kind in {QuestionKind.CHOICES, QuestionKind.FILE}


def _refused(ar: str, en: str, part: str = "") -> Unreadable:
    return Unreadable((part, Text(ar=ar, en=en)))


def _text(question: Question, value: object, longest: int) -> str:
    label = question.label
    if not isinstance(value, str):
        raise _refused(f"يجب أن تكون إجابة «{label.ar}» نصًا.", f"The answer to “{label.en}” must be a text.")
    if len(value) > 2 * longest:
        raise _refused(
            f"يجب ألا يزيد عدد أحرف إجابة «{label.ar}» عن {longest}.",
            f"The answer to “{label.en}” may have at most {counted(longest, 'character')}.",
        )
    if not value.isascii() and _SURROGATE.search(value):
        raise _unseen(question)
    return unicodedata.normalize("NFC", value.strip())


def _unseen(question: Question) -> Unreadable:
    label = question.label
    return _refused(
        f"تحتوي إجابة «{label.ar}» على رموز غير مرئية لا يمكن قبولها.",
        f"The answer to “{label.en}” holds invisible characters that cannot be accepted.",
    )


def counted(number: int, noun: str) -> str:
    """The number with its English noun: "1 character", "3 characters"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _read_line(question: Question, value: object, today: date) -> str:
    text = _text(question, value, question.longest)
    if _CONTROL.search(text):
        label = question.label
        raise _refused(
            f"يجب أن تكون إجابة «{label.ar}» في سطر واحد وبلا رموز غير مرئية.",
            f"The answer to “{label.en}” must be a single line without invisible characters.",
        )
    return text if question.limits.pattern is None else latin_digits(text)


def _read_lines(question: Question, value: object, today: date) -> str:
    text = _text(question, value, question.longest).replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL_BUT_LINES.search(text):
        raise _unseen(question)
    return text


def _written(question: Question, value: object) -> str:
    """A short answer in which digits are expected; control characters match no such answer's pattern."""
    return latin_digits(_text(question, value, _LONGEST_WRITTEN))


def _read_choice(question: Question, value: object, today: date) -> str:
    if isinstance(value, str) and value in question.option_values:
        return value
    label = question.label
    raise _refused(
        f"يُرجى اختيار إحدى الإجابات المعروضة للسؤال «{label.ar}».",
        f"Please choose one of the answers offered for “{label.en}”.",
    )


def _read_choices(question: Question, value: object, today: date) -> list[str]:
    offered, label = question.option_values, question.label
    # One more than there are options is enough to find a choice twice.
    chosen = value[: len(offered) + 1] if isinstance(value, list) else [None]
    if not all(isinstance(one, str) and one in offered for one in chosen):
        raise _refused(
            f"يُرجى الاختيار من الإجابات المعروضة للسؤال «{label.ar}» فقط.",
            f"Please choose only from the answers offered for “{label.en}”.",
        )
    if len(set(chosen)) < len(chosen):
        raise _refused(
            f"لا يجوز تكرار الاختيار نفسه في إجابة «{label.ar}».",
            f"The same choice appears twice in the answer to “{label.en}”.",
        )
    return [option for option in offered if option in chosen]


def _read_yes_no(question: Question, value: object, today: date) -> bool:
    if isinstance(value, bool):
        return value
    label = question.label
    raise _refused(f"يُرجى الإجابة عن «{label.ar}» بنعم أو لا.", f"Please answer “{label.en}” with yes or no.")


def _read_number(question: Question, value: object, today: date) -> int | float:
    label = question.label
    number = _number(value)
    if number is None:
        raise _refused(
            f"يجب أن تكون إجابة «{label.ar}» رقمًا.", f"The answer to “{label.en}” must be a number."
        )
    return number


def _number(value: object) -> int | float | None:
    if isinstance(value, str):
        if len(value) > _LONGEST_WRITTEN:
            return None
        written = latin_digits(value.strip()).replace("٫", ".")
        if not _NUMBER.fullmatch(written):
            return None
        value = float(written) if "." in written else int(written)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        return None
    return int(value) if value == int(value) else value


def _read_date(question: Question, value: object, today: date) -> str:
    label, limits = question.label, question.limits
    written = _written(question, value)
    try:
        given = date.fromisoformat(written) if _DATE.fullmatch(written) else None
    except ValueError:
        given = None
    if given is None:
        raise _refused(
            f"إجابة «{label.ar}» ليست تاريخًا موجودًا. يُكتب التاريخ هكذا: 2026-01-31.",
            f"The answer to “{label.en}” is not a real date. Dates are written like 2026-01-31.",
        )
    earliest = today if limits.earliest == TODAY else limits.earliest
    latest = today if limits.latest == TODAY else limits.latest
    if isinstance(earliest, date) and given < earliest:
        raise _refused(
            f"يجب ألا يكون تاريخ «{label.ar}» قبل {earliest}.",
            f"The date for “{label.en}” must not be before {earliest}.",
        )
    if isinstance(latest, date) and given > latest:
        raise _refused(
            f"يجب ألا يكون تاريخ «{label.ar}» بعد {latest}.",
            f"The date for “{label.en}” must not be after {latest}.",
        )
    return written


def _read_national_id(question: Question, value: object, today: date) -> str:
    """The 14 digits: century (2 or 3), birth date YYMMDD, governorate of birth, four of a serial, one more.

    No rule for the last digit has been published, so none is checked.
    """
    label = question.label
    number = _written(question, value).replace(" ", "")
    if not _NATIONAL_ID.fullmatch(number):
        raise _refused(
            f"يجب أن يتكون الرقم القومي في «{label.ar}» من 14 رقمًا.",
            f"The national ID in “{label.en}” must have 14 digits.",
        )
    born = _birth_date(number)
    if born is None or born > today or number[7:9] not in GOVERNORATE_CODES:
        raise _refused(
            f"الرقم القومي في «{label.ar}» غير صحيح. يُرجى مراجعته كما هو مكتوب على البطاقة.",
            f"The national ID in “{label.en}” is not valid. Please check it against the card.",
        )
    return number


def _birth_date(number: str) -> date | None:
    century = {"2": 1900, "3": 2000}.get(number[0])
    if century is None:
        return None
    try:
        return date(century + int(number[1:3]), int(number[3:5]), int(number[5:7]))
    except ValueError:
        return None


def _read_phone(question: Question, value: object, today: date) -> str:
    label = question.label
    try:
        return read_phone(_text(question, value, _LONGEST_WRITTEN), allow_short=True)
    except NotAPhone as error:
        raise _refused(
            f"رقم الهاتف في «{label.ar}» غير صحيح. يُرجى كتابته كاملًا، مثل 01001234567.",
            f"The phone number in “{label.en}” is not valid. Please write it in full, like 01001234567.",
        ) from error


def _read_email(question: Question, value: object, today: date) -> str:
    label = question.label
    try:
        return read_email(_text(question, value, _LONGEST_WRITTEN))
    except NotAnEmail as error:
        raise _refused(
            f"عنوان البريد الإلكتروني في «{label.ar}» غير صحيح. يُرجى كتابته كاملًا ومراجعته حرفًا حرفًا.",
            f"The e-mail address in “{label.en}” is not valid. Please write it like name@example.com.",
        ) from error


def _read_place(question: Question, value: object, today: date) -> dict[str, str | int | float]:
    label = question.label
    if not isinstance(value, dict) or not value.keys() <= COORDINATES.keys() | PLACE_NAMES.keys():
        raise _refused(
            f"يُحدَّد المكان في «{label.ar}» بخط العرض وخط الطول والمحافظة والحي والعنوان فقط.",
            f"The place in “{label.en}” is given by latitude, longitude, governorate, district, address.",
        )
    given = {part: piece for part, piece in value.items() if not is_blank(QuestionKind.PLACE, piece)}
    place: dict[str, str | int | float] = {}
    wrong: list[tuple[str, Text]] = []
    for part, piece in given.items():
        try:
            place[part] = (
                _coordinate(question, part, piece) if part in COORDINATES else _name(question, part, piece)
            )
        except Unreadable as error:
            wrong += [(part, says) for _, says in error.wrong]
    if ("latitude" in given) != ("longitude" in given):
        wrong.append(
            (
                "longitude" if "latitude" in given else "latitude",
                Text(
                    ar=f"يجب تحديد خط العرض وخط الطول معًا في «{label.ar}».",
                    en=f"“{label.en}” needs both latitude and longitude, or neither.",
                ),
            )
        )
    if not given.keys() & {"latitude", "longitude", "district", "address"}:
        wrong.append(
            (
                "",
                Text(
                    ar=f"يُرجى تحديد المكان في «{label.ar}» على الخريطة أو كتابة الحي أو العنوان.",
                    en=f"Please mark the place for “{label.en}” on the map, or give its district or address.",
                ),
            )
        )
    if wrong:
        raise Unreadable(*wrong)
    return place


def _coordinate(question: Question, part: str, value: object) -> int | float:
    label, furthest = question.label, COORDINATES[part]
    degrees = _number(value)
    if degrees is None or not -furthest <= degrees <= furthest:
        name = (
            Text(ar="خط العرض", en="latitude") if part == "latitude" else Text(ar="خط الطول", en="longitude")
        )
        raise _refused(
            f"يجب أن يكون {name.ar} في «{label.ar}» رقمًا بين -{furthest} و{furthest}.",
            f"The {name.en} in “{label.en}” must be a number between -{furthest} and {furthest}.",
        )
    return degrees


def _name(question: Question, part: str, value: object) -> str:
    most = PLACE_NAMES[part]
    text = _text(question, value, most)
    if len(text) > most or _CONTROL.search(text):
        label = question.label
        raise _refused(
            f"يجب أن يكون وصف المكان في «{label.ar}» سطرًا واحدًا لا يزيد على {most} حرف.",
            f"The place in “{label.en}” must be described in single lines of at most {most} characters.",
        )
    return text


def _read_files(question: Question, value: object, today: date) -> list[str]:
    # One more than may be attached is kept, for the schema to say that they are too many.
    given = value[: question.most + 1] if isinstance(value, list) else [None]
    files = [one.lower() for one in given if isinstance(one, str) and _UUID.fullmatch(one.lower())]
    if len(files) < len(given):
        label = question.label
        raise _refused(
            f"الملفات المرفقة في «{label.ar}» غير معروفة. يُرجى إرفاقها من جديد.",
            f"The files attached to “{label.en}” are not known. Please attach them again.",
        )
    return files


_READERS: Final[Mapping[QuestionKind, Reader]] = {
    QuestionKind.TEXT: _read_line,
    QuestionKind.LONG_TEXT: _read_lines,
    QuestionKind.CHOICE: _read_choice,
    QuestionKind.CHOICES: _read_choices,
    QuestionKind.YES_NO: _read_yes_no,
    QuestionKind.NUMBER: _read_number,
    QuestionKind.DATE: _read_date,
    QuestionKind.NATIONAL_ID: _read_national_id,
    QuestionKind.PHONE: _read_phone,
    QuestionKind.EMAIL: _read_email,
    QuestionKind.PLACE: _read_place,
    QuestionKind.FILE: _read_files,
}
