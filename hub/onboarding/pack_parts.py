"""The parts of a pack, file by file: what each may say and must say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StrictBool, StrictInt, StringConstraints
from pydantic_core import PydanticCustomError

from hub.calendars.syntax import read_zone
from hub.reference import countries, governorates, holidays, life_events
from hub.sla.levels import DEFAULT_LADDER, Rung, parse_duration
from hub.vocabulary import Kind, Priority
from tenants.errors import Refusal
from tenants.languages import Language, Text
from tenants.permissions import Role

REFUSED = "refused"
ALL = "all"
HUB_CODE = "hub"

_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_Value = TypeVar("_Value")


def refused(reason: Text) -> PydanticCustomError:
    """What a reader of a value raises; the reason reaches the pack's author."""
    return PydanticCustomError(REFUSED, "{sentence}", {"sentence": reason.en, "reason": reason})


def _reads(read: Callable[[Any], _Value]) -> PlainValidator:
    def checked(data: Any) -> _Value:
        try:
            return read(data)
        except Refusal as refusal:
            reason = refusal.facts.get("reason")
            raise refused(
                reason
                if isinstance(reason, Text)
                else Text(ar=refusal.sentence(Language.ARABIC), en=refusal.sentence(Language.ENGLISH))
            ) from refusal

    return PlainValidator(checked)


def _has_arabic(words: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in words)


def _has_latin(words: str) -> bool:
    return any("a" <= letter <= "z" for letter in words.lower())


def _words(longest: int) -> PlainValidator:
    """A text that must be there in both languages, each in its own script."""

    def read(data: Any) -> Text:
        if not isinstance(data, dict) or set(data) != {"ar", "en"}:
            raise refused(
                Text(
                    ar="المطلوب نص بالعربية (ar) ونص بالإنجليزية (en) ولا شيء غيرهما.",
                    en="A text in Arabic (ar) and one in English (en) are expected, and nothing else.",
                )
            )
        for words in data.values():
            if not isinstance(words, str) or not words.strip() or len(words) > longest:
                raise refused(
                    Text(
                        ar=f"المطلوب نص من حرف إلى {longest} حرف.",
                        en=f"A text of 1 to {longest} characters is expected.",
                    )
                )
            if _OVERRIDES & set(words) or _CONTROL.search(words):
                raise refused(
                    Text(
                        ar="في النص علامات خفية غير مسموح بها.",
                        en="The text has invisible characters that are not allowed.",
                    )
                )
        if not _has_arabic(data["ar"]):
            raise refused(Text(ar="النص العربي بلا حروف عربية.", en="The Arabic text has no Arabic letters."))
        if not _has_latin(data["en"]):
            raise refused(
                Text(ar="النص الإنجليزي بلا حروف لاتينية.", en="The English text has no Latin letters.")
            )
        return Text(ar=data["ar"].strip(), en=data["en"].strip())

    return PlainValidator(read)


def _text(data: Any) -> str:
    if not isinstance(data, str):
        raise refused(
            Text(ar="المطلوب نص؛ ضع الأرقام بين علامتي تنصيص.", en="Text is expected; put figures in quotes.")
        )
    return data


def _one_known(names: Callable[[], Mapping[str, object] | tuple[str, ...]]) -> Callable[[Any], str]:
    def read(data: Any) -> str:
        known = names()
        if _text(data) not in known:
            listed = "، ".join(known), ", ".join(known)
            raise refused(
                Text(
                    ar=f"«{data}» غير معروفة. المعروف: {listed[0]}.",
                    en=f"“{data}” is not known; known are: {listed[1]}.",
                )
            )
        return str(data)

    return read


def _holidays(data: Any) -> str | tuple[date, ...]:
    """Either the name of a country whose public holidays are kept, or explicit dates."""
    if isinstance(data, str):
        holidays(data)
        return data
    if not isinstance(data, list):
        raise refused(
            Text(
                ar="المطلوب اسم دولة أو قائمة تواريخ.",
                en="The name of a country or a list of dates is expected.",
            )
        )
    dates = []
    for entry in data:
        try:
            dates.append(date.fromisoformat(entry))
        except (TypeError, ValueError):
            raise refused(
                Text(
                    ar=f"«{entry}» ليس تاريخًا مثل 2026-01-07.",
                    en=f"“{entry}” is not a date such as 2026-01-07.",
                )
            ) from None
    return tuple(dates)


def _governorates(data: Any) -> Literal["all"] | tuple[str, ...]:
    if data == ALL:
        return "all"
    if not isinstance(data, list) or not data or not all(isinstance(code, str) for code in data):
        raise refused(
            Text(
                ar="المطلوب all أو قائمة برموز المحافظات.",
                en="Either all or a list of the codes of governorates is expected.",
            )
        )
    return tuple(data)


def _duration(data: Any) -> timedelta:
    return parse_duration(_text(data))


Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
TenantCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
UserName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{1,63}$")]
OutsideCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,15}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
OpeningHours = Annotated[str, StringConstraints(min_length=1, max_length=500)]
SearchWord = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
Name = Annotated[Text, _words(120)]
Description = Annotated[Text, _words(1000)]
Zone = Annotated[str, _reads(lambda data: read_zone(_text(data)).key)]
Country = Annotated[str, _reads(_one_known(countries))]
LifeEvent = Annotated[str, _reads(_one_known(life_events))]
Holidays = Annotated[str | tuple[date, ...], _reads(_holidays)]
Governorates = Annotated[Literal["all"] | tuple[str, ...], _reads(_governorates)]
Duration = Annotated[timedelta, _reads(_duration)]


class Part(BaseModel):
    """A part of a pack: it cannot change, and a key that is not understood is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TenantPart(Part):
    """`tenant.yaml`: the body itself. `governorates` are those it serves.

    `silence_days`: how long a citizen asked "is it solved?" may stay silent; `reopen_days`: how long after closing
    they may have it reopened.
    """

    format: Literal[1]
    code: TenantCode
    country: Country
    name: Name
    short_name: Name
    about: Description
    phone: Phone
    zone: Zone
    language: Language
    governorates: Governorates
    colour: Colour
    silence_days: StrictInt = Field(default=14, ge=1, le=365)
    reopen_days: StrictInt = Field(default=30, ge=0, le=365)

    @property
    def is_the_hub(self) -> bool:
        """Whether this describes the hub itself, which is a tenant too."""
        return self.code == HUB_CODE

    @property
    def serves(self) -> tuple[str, ...]:
        """The codes of all governorates that it serves."""
        return tuple(governorates(self.country)) if self.governorates == "all" else self.governorates


class CalendarPart(Part):
    """One of `calendars.yaml`: opening hours in OSM syntax, and holidays by country or by date."""

    code: Code
    name: Name
    opening_hours: OpeningHours
    holidays: Holidays

    @property
    def holiday_dates(self) -> tuple[date, ...]:
        """The days on which nobody works, those of a country resolved."""
        if isinstance(self.holidays, str):
            return tuple(holiday.date for holiday in holidays(self.holidays))
        return self.holidays


class TeamPart(Part):
    """One of `teams.yaml`: people who share work, on one of the three lines."""

    code: Code
    name: Name
    line: Literal["agent", "follow_up", "field"]


class ClassPart(Part):
    """One of `classes.yaml`: a category that services stand in."""

    code: Code
    name: Name


class SearchWords(Part):
    """Other words that citizens use for a service, by language."""

    ar: tuple[SearchWord, ...] = Field(default=(), max_length=50)
    en: tuple[SearchWord, ...] = Field(default=(), max_length=50)


class ServicePart(Part):
    """One of `services.yaml`: something a citizen can ask for or complain about.

    `team` takes what no routing rule sends elsewhere; `screened` says whether somebody looks at a new ticket before its
    team gets it; `shared` whether people nearby are shown that it was reported; `outside_codes` are its codes in lists
    of others, such as `lgsl`.
    """

    code: Code
    kind: Kind
    category: Code = Field(alias="class")
    name: Name
    description: Description
    form: Code | None = None
    team: Code | None = None
    priority: Priority = Priority.NORMAL
    screened: StrictBool = True
    confidential_allowed: StrictBool = True
    shared: StrictBool = False
    life_events: tuple[LifeEvent, ...] = ()
    outside_codes: dict[Code, OutsideCode] = Field(default_factory=dict)
    words: SearchWords = SearchWords()


class RungPart(Part):
    """A rung of a ladder: at so many percent of the target, people of a role are told."""

    at: StrictInt = Field(ge=1, le=1000)
    tells: Role


class ServiceLevelPart(Part):
    """One of `service_levels.yaml`: working time promised for a service, a priority, or in general.

    `case` is the citizen's own clock, across all bodies; only the hub's pack may set it.
    """

    service: Code | None = None
    priority: Priority | None = None
    first_response: Duration | None = None
    resolution: Duration | None = None
    case: Duration | None = None
    calendar: Code
    ladder: tuple[RungPart, ...] | None = None

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The ladder as clocks use it; the usual three rungs where none are written."""
        if self.ladder is None:
            return DEFAULT_LADDER
        return tuple(Rung(at=rung.at, tells=rung.tells.value) for rung in self.ladder)


class UserPart(Part):
    """One of `users.yaml`: a member of staff."""

    user_name: UserName
    name: Name
    roles: tuple[Literal["agent", "follow_up_officer", "field", "team_lead", "manager"], ...] = Field(
        min_length=1
    )
    teams: tuple[Code, ...] = ()
