"""The shape of a form definition, format 1: pages of questions, as frozen models."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator

from hub.forms.conditions import Condition, read_condition, write_condition
from hub.forms.errors import NotUnderstood
from hub.forms.plain import step
from tenants.languages import Text

MOST_QUESTIONS: Final = 200
MOST_OPTIONS: Final = 200
MOST_FILES: Final = 10
QUESTION_NAME: Final = r"^[a-z][a-z0-9_]{0,39}$"
OPTION_VALUE: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$"
TODAY: Final = "today"
UNKNOWN_KEY: Final = Text(ar="هذا الحقل غير معروف في هذا الموضع.", en="this key is not known here.")


class QuestionKind(StrEnum):
    """What sort of answer a question takes."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    NUMBER = "number"
    DATE = "date"
    NATIONAL_ID = "national_id"
    PHONE = "phone"
    EMAIL = "email"
    PLACE = "place"
    FILE = "file"


LONGEST: Final[Mapping[QuestionKind, int]] = {QuestionKind.TEXT: 1_000, QuestionKind.LONG_TEXT: 20_000}
"""The most characters a definition may allow."""
COORDINATES: Final[Mapping[str, int]] = {"latitude": 90, "longitude": 180}
"""The parts of a place in degrees (WGS 84), and how far from zero each may be."""
PLACE_NAMES: Final[Mapping[str, int]] = {"governorate": 100, "district": 100, "address": 300}
"""The parts of a place in words, and the most characters of each."""
_USUALLY_LONGEST: Final[Mapping[QuestionKind, int]] = {QuestionKind.TEXT: 200, QuestionKind.LONG_TEXT: 4_000}


def _text(longest: int) -> PlainValidator:
    def read(data: object) -> Text:
        if not isinstance(data, dict):
            raise NotUnderstood(
                Text(
                    ar="يجب كتابة النص بالعربية ar وبالإنجليزية en.",
                    en="this text is needed in ar and in en.",
                )
            )
        for language, missing in (
            ("ar", Text(ar="النص العربي (ar) غير موجود.", en="the Arabic text (ar) is missing.")),
            ("en", Text(ar="النص الإنجليزي (en) غير موجود.", en="the English text (en) is missing.")),
        ):
            words = data.get(language)
            if not isinstance(words, str) or not words.strip():
                raise NotUnderstood(missing, f".{language}")
            if len(words) > longest:
                raise NotUnderstood(
                    Text(
                        ar=f"يجب ألا يزيد عدد أحرف هذا النص عن {longest}.",
                        en=f"this text may have at most {longest} characters.",
                    ),
                    f".{language}",
                )
        if unknown := sorted(set(data) - {"ar", "en"}):
            raise NotUnderstood(UNKNOWN_KEY, step(unknown[0]))
        return Text(ar=data["ar"].strip(), en=data["en"].strip())

    return PlainValidator(read)


def _date_limit(data: object) -> date | Literal["today"]:
    if data == TODAY:
        return TODAY
    try:
        limit = date.fromisoformat(data) if isinstance(data, str) else None
    except ValueError:
        limit = None
    if limit is None or limit.isoformat() != data:
        raise NotUnderstood(
            Text(
                ar="يجب أن يكون الحد تاريخًا مثل 2026-01-31 أو كلمة today.",
                en="the limit must be a date such as 2026-01-31, or the word today.",
            )
        )
    return limit


ShortText = Annotated[Text, _text(300), PlainSerializer(asdict)]
HelpText = Annotated[Text, _text(1000), PlainSerializer(asdict)]
DateLimit = Annotated[
    date | Literal["today"],
    PlainValidator(_date_limit),
    PlainSerializer(lambda limit: limit if limit == TODAY else limit.isoformat()),
]
VisibleWhen = Annotated[Condition, PlainValidator(read_condition), PlainSerializer(write_condition)]


class _Piece(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Option(_Piece):
    """One answer that can be chosen."""

    value: str = Field(pattern=OPTION_VALUE)
    label: ShortText


class Limits(_Piece):
    """What an answer must keep to; which limits a question may state depends on its kind."""

    min_length: int | None = Field(default=None, ge=1)
    max_length: int | None = Field(default=None, ge=1)
    pattern: str | None = Field(default=None, min_length=1, max_length=200)
    minimum: int | float | None = None
    maximum: int | float | None = None
    whole: bool = False
    earliest: DateLimit | None = None
    latest: DateLimit | None = None
    at_least: int | None = Field(default=None, ge=1)
    at_most: int | None = Field(default=None, ge=1)


class Question(_Piece):
    """One question of a form; `name` is the key of its answer."""

    name: str = Field(pattern=QUESTION_NAME)
    kind: QuestionKind = Field(strict=False)
    label: ShortText
    help: HelpText | None = None
    required: bool = False
    limits: Limits = Limits()
    options: tuple[Option, ...] = Field(default=(), strict=False)
    visible_when: VisibleWhen | None = None

    @cached_property
    def option_values(self) -> tuple[str, ...]:
        """The values of the options, in their order."""
        return tuple(option.value for option in self.options)

    @property
    def longest(self) -> int:
        """The most characters an answer in text may have: as limited, else as usual for the kind."""
        return self.limits.max_length or _USUALLY_LONGEST.get(self.kind, LONGEST[QuestionKind.LONG_TEXT])

    @property
    def most(self) -> int:
        """The most choices or files an answer may have."""
        return self.limits.at_most or (MOST_FILES if self.kind is QuestionKind.FILE else MOST_OPTIONS)


class Page(_Piece):
    """Questions asked together."""

    title: ShortText
    questions: tuple[Question, ...] = Field(min_length=1, strict=False)


class Form(_Piece):
    """A whole form; two forms with the same content are equal, so compiled ones are shared."""

    format: Literal[1]
    title: ShortText
    pages: tuple[Page, ...] = Field(min_length=1, max_length=50, strict=False)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in the order asked."""
        return tuple(question for page in self.pages for question in page.questions)

    def question(self, name: str) -> Question | None:
        """The question of that name, if the form asks it."""
        return self._by_name.get(name)

    def as_data(self) -> dict[str, Any]:
        """The definition as plain JSON data, for storing; `definition.read_form` takes it back unchanged."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @cached_property
    def fingerprint(self) -> str:
        """A SHA-256 of the content, in hex: the same for the same form however it was written."""
        canonical = json.dumps(self.as_data(), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @cached_property
    def _by_name(self) -> dict[str, Question]:
        return {question.name: question for question in self.questions}

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Form) and self.fingerprint == other.fingerprint)

    def __hash__(self) -> int:
        return hash(self.fingerprint)
